"""`interurban diagnose`: a city looks at itself by the climate agenda; its answers are kept nowhere, unless it hands them in."""

from __future__ import annotations

import dataclasses
import json
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interurban.cli.output import note, say, show_json, show_table
from interurban.cli.owner import owner
from interurban.cli.submit import tell as tell_submission
from interurban.errors import NotFound, UsageError
from interurban.locales import current_language, message, number

if TYPE_CHECKING:
    from interurban.indicators.diagnosis import Diagnosis
    from interurban.model import City
    from interurban.model.submission import Submission

_MOST_BYTES = 1_000_000


def diagnose(
    *,
    answers: Annotated[Path | None, typer.Option(help=message("diagnosis.option_answers"), metavar="FILE")] = None,
    city: Annotated[str, typer.Option(help=message("diagnosis.option_city"), metavar="CITY")] = "",
    country: Annotated[str, typer.Option(help=message("diagnosis.option_country"), metavar="COUNTRY")] = "",
    submit: Annotated[bool, typer.Option("--submit", help=message("diagnosis.option_submit"))] = False,
    year: Annotated[int | None, typer.Option(help=message("diagnosis.option_year"), min=1900, max=9998)] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> int:
    """Answer a form, or give a file of answers, and see scores, weaknesses, gains and peers; 1 where too little is known for a score."""
    from interurban.indicators.baseline.tables import baseline_cities
    from interurban.indicators.diagnosis import diagnose as look
    from interurban.indicators.diagnosis_form import check_answers
    from interurban.model.submission import SubmissionState

    if answers is None and not sys.stdin.isatty():
        raise UsageError(message("diagnosis.no_terminal"))
    own = _city_of_node(city) if submit else None
    if answers is None:
        note(message("diagnosis.how_to_answer"))
        note(message("diagnosis.goes_to_the_node" if submit else "diagnosis.stays_yours"))
    given = _read(answers) if answers else {"answers": _ask()}
    checked = check_answers(given.get("answers", {}), current_language())
    if checked.faults:
        text = "; ".join(f"{place}: {fault}" for place, fault in checked.faults)
        raise UsageError(message("diagnosis.faults", count=len(checked.faults), faults=text))
    country = country or str(given.get("country", ""))
    if own is None:
        found = look(checked.values, country, city or str(given.get("city", "")))
    else:
        found = look(checked.values, country or own.country, city if city in baseline_cities() else "")
    handed = _hand_in(checked.values, city, year) if submit else None
    _tell(found, handed, as_json=as_json)
    return 0 if found.score is not None and (handed is None or handed.state is SubmissionState.VALIDATED) else 1


def _city_of_node(city: str) -> City:
    """The city to hand figures in for, looked up before anything is asked."""
    from interurban.store.node import open_node

    if not city:
        raise UsageError(message("diagnosis.submit_wants_city"))
    with open_node() as node:
        return node.catalogue.get_city(city)


def _hand_in(values: Mapping[str, float], city: str, year: int | None) -> Submission:
    from interurban.indicators.submissions.check import today_in
    from interurban.indicators.submissions.desk import submit
    from interurban.indicators.submissions.from_diagnosis import handed_answers
    from interurban.store.node import open_node

    with open_node() as node:
        return submit(node, handed_answers(values, city, year or today_in(node, city).year - 1), owner())


def _read(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()[: _MOST_BYTES + 1]
    except OSError as wrong:
        raise NotFound(message("store.no_such_file", path=path)) from wrong
    try:
        if len(data) > _MOST_BYTES:
            raise ValueError(str(_MOST_BYTES))
        text = data.decode("utf-8-sig")
        read = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise UsageError(message("diagnosis.unreadable", path=path, reason=wrong)) from wrong
    if not isinstance(read, dict) or not isinstance(read.get("answers", {}), dict):
        raise UsageError(message("diagnosis.unreadable", path=path, reason="answers"))
    return read


def _ask() -> dict[str, Any]:
    """Ask step by step; an empty answer leaves a field out, and a wrong one is asked again."""
    from interurban.indicators.diagnosis_form import check_answers, climate_form

    language, steps, given = current_language(), climate_form(), {}
    for place, step in enumerate(steps, 1):
        note(f"\n{place}/{len(steps)} {step.names[language]}")
        for field in step.fields:
            source = f" — {message('diagnosis.source', source=field.source[language])}" if field.source else ""
            while True:
                answer: dict[str, str] = {"value": typer.prompt(f"{field.names[language]}, {field.unit}{source}", default="", err=True)}
                if answer["value"] and field.wants_document:
                    answer["document"] = typer.prompt(message("diagnosis.document"), default="", err=True)
                told = check_answers({field.code: answer}, language).faults
                faults = [text for at, text in told if at.startswith(f"answers.{field.code}")]
                if not faults:
                    break
                note("; ".join(faults))
            given[field.code] = answer
    return given


def _tell(found: Diagnosis, handed: Submission | None, *, as_json: bool) -> None:
    from interurban.indicators.submissions.as_json import submission_json

    if as_json:
        show_json(dataclasses.asdict(found) | ({"submission": submission_json(handed)} if handed else {}))
        return
    _show(found)
    if handed is None:
        say(message("diagnosis.kept_nowhere"))
    else:
        tell_submission(handed)


def _show(found: Diagnosis) -> None:
    from interurban.indicators.baseline.tables import baseline_cities
    from interurban.indicators.diagnosis import reference_definition
    from interurban.reports.rating_tables import name_in

    language, definition = current_language(), reference_definition()

    def name(code: str) -> str:
        return name_in(definition, code, language)

    known = f"{100 * found.known_share:.0f}"
    if found.score is None:
        say(message("diagnosis.no_score", known=known, missing=", ".join(map(name, found.missing))))
    else:
        low, high = number(found.rank_low or 0, 0), number(found.rank_high or 0, 0)
        say(message("diagnosis.score", score=number(found.score, 1), low=low, high=high, rank=found.rank, cities=found.cities, known=known))
    titles = tuple(message(f"diagnosis.column_{each}") for each in ("direction", "score"))
    show_table((), [(name(code), number(score, 1)) for code, score in found.directions.items()], more_columns=titles)
    if found.missing:
        say(message("diagnosis.missing", missing=", ".join(map(name, found.missing))))
    if found.stand_ins:
        from interurban.indicators.catalogue import indicators

        say(message("ratings.stands_in", indicators=", ".join(indicators()[code].names[language] for code in found.stand_ins)))
    if found.gains:
        titles = tuple(message(f"diagnosis.column_{each}") for each in ("indicator", "now", "tenth", "gain", "best_gain"))
        rows = [
            (name(each.indicator), number(each.value, 2), number(each.step_value, 2), number(each.step_gain, 2), number(each.best_gain, 1))
            for each in found.gains
        ]
        show_table((), rows, title=message("diagnosis.gains"), more_columns=titles)
    if found.peers:
        cities = ", ".join(f"{baseline_cities()[each.city].city.name(language)} ({number(each.score, 1)})" for each in found.peers)
        say(message("diagnosis.peers", cities=cities))
