"""`interurban submit` and `interurban questionnaire`: a city's figures, handed in and asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.output import say, show_json
from interurban.cli.owner import owner
from interurban.errors import NotFound, UsageError
from interurban.locales import LANGUAGES, message

if TYPE_CHECKING:
    from interurban.model.submission import Submission

def submit(
    file: Annotated[Path, typer.Argument(help=message("desk.submit_file"))],
    *,
    city: Annotated[str | None, typer.Option(help=message("desk.submit_city"))] = None,
    mapping: Annotated[Path | None, typer.Option(help=message("desk.submit_mapping"), metavar="FILE")] = None,
    comment: Annotated[str | None, typer.Option(help=message("desk.submit_comment"), metavar="TEXT")] = None,
    evidence: Annotated[list[Path] | None, typer.Option(help=message("desk.submit_evidence"), metavar="FILE")] = None,
    replaces: Annotated[int | None, typer.Option(help=message("desk.submit_replaces"), metavar="SUBMISSION")] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> int:
    """Hand in a file of figures; 1 when it is returned, or waits for a comment that explains its warnings."""
    from interurban.indicators.submissions.desk import Handed
    from interurban.indicators.submissions.desk import submit as hand_in
    from interurban.model.submission import SubmissionState
    from interurban.store.node import open_node

    for path in (file, mapping, *(evidence or ())):
        if path is not None and not path.is_file():
            raise NotFound(message("store.no_such_file", path=str(path)), path=str(path))
    handed = Handed(
        file, file.name, city, mapping.read_bytes() if mapping else None, comment, replaces, {each.name: each for each in evidence or ()},
    )
    with open_node() as node:
        submission = hand_in(node, handed, owner())
    if as_json:
        from interurban.indicators.submissions.as_json import submission_json

        show_json(submission_json(submission))
    else:
        tell(submission)
    return 0 if submission.state is SubmissionState.VALIDATED else 1


def questionnaire(
    city: Annotated[str, typer.Argument(help=message("cli.city_id"))],
    *,
    year: Annotated[int | None, typer.Option(help=message("desk.questionnaire_year"), min=1900, max=9998)] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help=message("desk.questionnaire_output"), metavar="FILE")] = None,
    language: Annotated[str | None, typer.Option(help=message("desk.questionnaire_language"), metavar="|".join(LANGUAGES))] = None,
) -> None:
    """Write a city's questionnaire for a year, with the values known before."""
    from interurban.indicators.submissions.check import today_in
    from interurban.indicators.submissions.questionnaire_layout import language_of_country
    from interurban.indicators.submissions.questionnaire_writing import write_questionnaire
    from interurban.store.node import open_node

    if language is not None and language not in LANGUAGES:
        raise UsageError(message("desk.no_language", asked=language, languages=", ".join(LANGUAGES)))
    with open_node() as node:
        asked = year or today_in(node, city).year - 1
        path = output or Path(f"{city}-{asked}.xlsx")
        count = write_questionnaire(node, city, asked, language or language_of_country(node.catalogue.get_city(city).country), path)
    say(message("desk.questionnaire_written", path=str(path), count=count))


def tell(submission: Submission) -> None:
    """What became of a submission, for people: its state, then every finding, then what to do next."""
    from interurban.indicators.submissions.finding_text import finding_text
    from interurban.model.notice import Severity
    from interurban.model.submission import SubmissionState

    state = message(f"submissions.state_{submission.state.value}")
    say(message("desk.submission_is", submission=str(submission.id), city=submission.city_id, state=state, count=len(submission.values)))
    for finding in submission.findings:
        mark = message("desk.error" if finding.severity is Severity.ERROR else "desk.warning")
        say(f"  {mark} {finding_text(finding)}")
    if submission.state is SubmissionState.RECEIVED:
        say(message("desk.wants_comment", submission=str(submission.id)))
