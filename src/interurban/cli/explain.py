"""`interurban explain`: one number walked back to the publisher's bytes."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.observations import when
from interurban.cli.output import cell, say, show_json, show_table
from interurban.cli.show import area_name, mode_name, shown_value, unit_name
from interurban.locales import current_language, has_message, message, number

if TYPE_CHECKING:
    from interurban.indicators.explain import DayOrigin, Evidence, Explanation, Origin
    from interurban.model.submission import Submission

_HASH_DIGITS = 16


def explain(
    observation: Annotated[str, typer.Argument(help=message("cli.explain_observation"))],
    *,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> int:
    """Walk one observation back to the archive, checking every hash; 1 when the archive or the lake is damaged.

    A derived value is walked back through what it was made of, a reported one to its submission and evidence.
    """
    from interurban.indicators.explain import explain as walk_back
    from interurban.store.node import open_node

    with open_node() as node:
        explanation = walk_back(node, observation)
    if as_json:
        show_json(dataclasses.asdict(explanation))
    else:
        _show(explanation)
    return 0 if explanation.is_sound() else 1


def _show(explanation: Explanation) -> None:
    show_table(("what", "value"), [(_label(name), value) for name, value in _rows(explanation)])
    for made_of in explanation.inputs:
        say(f"{message('statistics.explain_input')}: {made_of.indicator.names[current_language()]}")
        _show(made_of)


def _label(name: str) -> str:
    """What a line is called: a text of the statistics, or one that explanations had before there were any."""
    key = f"statistics.explain_{name}"
    return message(key) if has_message(key) else message(f"cli.explain_{name}")


def _rows(explanation: Explanation) -> list[tuple[str, object]]:
    rows = [*_number(explanation)]
    if explanation.recorded.observation.origin != "computed":
        rows += _statement(explanation)
    for day in explanation.days:
        rows += _day(day)
    for origin in explanation.origins:
        rows += _origin(origin)
    return rows


def _statement(explanation: Explanation) -> list[tuple[str, object]]:
    """Who states a number that was not computed, in what, and what others say."""
    each = explanation.recorded.observation
    interval = None if each.lower is None and each.upper is None else f"{cell(each.lower)} – {cell(each.upper)}"
    rows: list[tuple[str, object]] = [
        ("counts", explanation.is_answer), ("area", area_name(each)), ("source", each.source or None),
        ("licence", each.licence), ("confidence", message(f"statistics.confidence_{each.confidence}")), ("conf_status", each.conf_status),
        ("interval", interval), ("method", each.method), ("comment", each.comment),
        *(("submission", _submission(each)) for each in [explanation.submission] if each),
        *(("evidence", _evidence(each)) for each in explanation.evidence),
    ]
    others = "\n".join(f"{shown_value(other)} — {other.observation.speaker} ({other.id[:12]})" for other in explanation.others)
    return [(name, value) for name, value in [*rows, ("others", others or None)] if value is not None]


def _submission(submission: Submission) -> str:
    return message(
        "statistics.explain_submission_text", id=str(submission.id), file=submission.file_name,
        state=message(f"submissions.state_{submission.state}"), account=submission.submitted_by, at=cell(submission.submitted_at),
    )


def _evidence(evidence: Evidence) -> str:
    if evidence.is_sound is None:
        state = message("statistics.explain_evidence_elsewhere")
    else:
        state = message("cli.explain_sound" if evidence.is_sound else "cli.explain_damaged")
    return f"{evidence.name}: {evidence.sha256}\n{evidence.archive_path or ''} {state}".replace("\n ", "\n")


def _number(explanation: Explanation) -> list[tuple[str, object]]:
    recorded, indicator, language = explanation.recorded, explanation.indicator, current_language()
    each = recorded.observation
    parameters = "\n".join(f"{name} = {_plain(value)}" for name, value in sorted(each.parameters.items()))
    return [
        ("indicator", f"{indicator.names[language]} ({each.indicator}, {each.definition_version})"),
        ("definition", indicator.definitions[language]), ("formula", indicator.formula),
        ("standard", indicator.standard), ("value", f"{shown_value(recorded)} {unit_name(each.unit)}"),
        ("exact", repr(each.value)), ("city", f"{explanation.city.name(language)} ({each.city_id})"),
        ("area", area_name(each)),
        ("mode", mode_name(each.mode)), ("when", when(each)), ("n", each.n),
        ("source", each.source or None), ("licence", each.licence), ("confidence", each.confidence), ("comment", each.comment),
        ("coverage", None if each.coverage is None else f"{number(100 * each.coverage, 1)}%"), ("status", each.status),
        ("parameters", parameters or None), ("code_version", each.code_version), ("recorded_at", recorded.recorded_at),
        ("id", recorded.id),
    ]


def _plain(value: object) -> object:
    """A whole number without the .0 that it has because it is kept as a real one."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _day(day: DayOrigin) -> list[tuple[str, object]]:
    partition = day.partition
    files = "\n".join(
        f"{file.table}: {cell(file.rows)}, sha256 {file.sha256[:_HASH_DIGITS]}…"
        + (f" — {message('cli.explain_damaged')}" if file.path in day.damaged_files else "")
        for file in partition.files
    )
    state = message("cli.explain_day_same" if day.is_same else "cli.explain_day_changed")
    name = f"{partition.service_date}, {partition.layer} ({partition.content_hash[:_HASH_DIGITS]}…)\n{state}"
    return [("service_day", name), ("tables", files), ("source", f"{day.source.location} ({day.source.id})")]


def _origin(origin: Origin) -> list[tuple[str, object]]:
    sound = message("cli.explain_sound" if origin.is_sound else "cli.explain_damaged")
    tables = "\n".join(
        f"{file.table}: {cell(file.rows)}, sha256 {file.sha256[:_HASH_DIGITS]}…"
        + (f" — {message('cli.explain_damaged')}" if file.table in origin.damaged_tables else "")
        for file in origin.lake_files if file.rows
    )
    version = origin.version
    return [
        ("feed_version", f"{version.id} ({version.valid_from}…{version.valid_to})"), ("tables", tables or None),
        ("archive", f"{origin.archive_path}\n{sound}"), ("sha256", origin.snapshot.sha256),
        ("content", origin.snapshot.content_hash), ("fetched_at", origin.snapshot.fetched_at),
        ("source", f"{origin.source.location} ({origin.source.id})"), ("licence", origin.source.licence),
        ("attribution", origin.source.attribution),
    ]
