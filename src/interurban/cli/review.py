"""`interurban review list|show|comment|take|accept|return|publish|audit`: what cities handed in, judged."""

from __future__ import annotations

import csv as csv_module
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from interurban.cli.output import note, say, show_json, show_table
from interurban.cli.owner import owner
from interurban.cli.show import mode_name, unit_name
from interurban.cli.submit import tell
from interurban.errors import NodeError
from interurban.locales import message
from interurban.model.submission import SubmissionState

_Number = Annotated[int, typer.Argument(help=message("desk.submission_number"), metavar="SUBMISSION")]
_Comment = Annotated[str | None, typer.Option(help=message("desk.review_comment_text"), metavar="TEXT")]
_Json = Annotated[bool, typer.Option("--json", help=message("cli.json"))]


def list_(
    *,
    city: Annotated[str | None, typer.Option(help=message("desk.review_city"))] = None,
    state: Annotated[
        list[SubmissionState] | None, typer.Option(help=message("desk.review_state"), metavar="|".join(SubmissionState))
    ] = None,
    as_json: _Json = False,
) -> None:
    """List submissions; those that somebody has still to do something about, unless states are named."""
    from interurban.indicators.submissions import desk
    from interurban.model.submission import OPEN_STATES
    from interurban.store.node import open_node

    with open_node() as node:
        found = desk.listed(node, owner(), state or sorted(OPEN_STATES), city)
    if as_json:
        from interurban.indicators.submissions.as_json import about_json

        show_json([about_json(each) for each in found])
        return
    rows = [
        (str(each.id), each.city_id, message(f"submissions.state_{each.state.value}"), each.submitted_by, each.submitted_at, each.file_name)
        for each in found
    ]
    show_table(("submission", "city", "status", "by", "at", "file"), rows)


def show(
    submission: _Number,
    *,
    csv: Annotated[Path | None, typer.Option(help=message("desk.review_csv"), metavar="FILE")] = None,
    as_json: _Json = False,
) -> None:
    """Show a submission: its findings, and each value beside what is known of the same time and of the time before."""
    from interurban.indicators.submissions import desk
    from interurban.indicators.submissions.side_by_side import side_by_side
    from interurban.store.node import open_node

    with open_node() as node:
        found = desk.seen(node, submission, owner())
        compared = side_by_side(node, found)
        events = node.catalogue.list_events(submission)
    rows = [each.row() for each in compared]
    named = [{**row, "unit": unit_name(row["unit"]), "mode": mode_name(row["mode"])} for row in rows]
    if csv is not None:
        _write_csv(csv, rows)
    if as_json:
        from interurban.indicators.submissions.as_json import event_json, submission_json

        show_json({**submission_json(found), "compared": rows, "events": [event_json(each) for each in events]})
        return
    tell(found)
    titles = {
        "indicator": "indicator", "mode": "mode", "date": "date", "value": "value", "known": "known_now", "before": "before",
        "change_pct": "change_pct", "unit": "unit", "status": "obs_status", "source": "source", "evidence": "evidence",
        "comment": "comment",
    }
    shown = [name for name in titles if name not in ("source", "evidence") or any(row[name] for row in rows)]
    show_table(tuple(titles[name] for name in shown), [tuple(row[name] for name in shown) for row in named])
    show_table(("at", "by", "what", "comment"), [
        (each.at, each.actor, message(f"submissions.action_{each.action.value}"), each.comment) for each in events
    ])


def comment(submission: _Number, text: Annotated[str, typer.Argument(help=message("desk.review_comment_text"), metavar="TEXT")]) -> None:
    """Put a comment on record; it explains the warnings of a submission that waits for one."""
    _do("comment", submission, text)


def take(submission: _Number) -> None:
    """Take a submission for review."""
    _do("take", submission)


def accept(submission: _Number, *, comment: _Comment = None) -> None:
    """Accept a submission."""
    _do("accept", submission, comment)


def return_(submission: _Number, *, comment: _Comment = None) -> None:
    """Give a submission back, saying why."""
    _do("return_", submission, comment)


def publish(submission: _Number, *, comment: _Comment = None) -> None:
    """Make an accepted submission's values observations, all or none."""
    from interurban.indicators.submissions import desk
    from interurban.store.node import open_node

    with open_node() as node:
        done, ids = desk.publish(node, submission, owner(), comment)
    tell(done)
    say(message("desk.recorded", count=len(ids)))


def audit(*, as_json: _Json = False) -> int:
    """Check the audit trail from its first entry to its last; 1 when something in it was changed."""
    from interurban.store.node import open_node

    with open_node() as node:
        report = node.catalogue.check_audit()
    if as_json:
        show_json(report)
    else:
        say(message("desk.audit_checked", count=report.entries))
        say(message("desk.audit_head", head=report.head or "—"))
        for code, number in report.faults:
            say(message(f"desk.audit_{code}", number=str(number)))
    return 1 if report.faults else 0


COMMANDS: Mapping[str, Callable[..., int | None]] = {
    "list": list_, "show": show, "comment": comment, "take": take, "accept": accept, "return": return_, "publish": publish, "audit": audit,
}


def _do(step: str, submission: int, *words: str | None) -> None:
    from interurban.indicators.submissions import desk
    from interurban.store.node import open_node

    with open_node() as node:
        tell(getattr(desk, step)(node, submission, owner(), *words))


def _write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    """As UTF-8 with a mark at the start; texts from outside cannot become formulas of the spreadsheet that opens it."""
    from interurban.indicators.submissions.side_by_side import COLUMNS
    from interurban.indicators.submissions.text_table import guarded

    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv_module.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows([guarded(cell) if isinstance(cell, str) else cell for cell in map(row.get, COLUMNS)] for row in rows)
    except OSError as wrong:
        raise NodeError(message("cli.cannot_write", path=str(path))) from wrong
    note(message("cli.written", path=str(path)))
