"""`interurban show`: a city's indicators."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.compute import indicator_name
from interurban.cli.node import read_moment
from interurban.cli.observations import Chosen, chosen, when, write_files
from interurban.cli.output import cell, note, show_json, show_table
from interurban.locales import current_language, message

if TYPE_CHECKING:
    from interurban.model import Observation, RecordedObservation

_AREAS = {
    "ADM": "baseline.administrative", "MET": "baseline.agglomeration", "FUA": "baseline.functional", "UC": "baseline.urban_centre",
}


def show(
    city_id: Annotated[str, typer.Argument(help=message("cli.city_id"), metavar="CITY")],
    *,
    indicator: Annotated[str | None, typer.Option(help=message("cli.indicator"), metavar="CODE")] = None,
    period: Annotated[str | None, typer.Option(help=message("cli.period"))] = None,
    as_of: Annotated[str | None, typer.Option(help=message("statistics.as_of"), metavar="MOMENT")] = None,
    history: Annotated[bool, typer.Option("--history", help=message("statistics.history"))] = False,
    csv: Annotated[Path | None, typer.Option(help=message("cli.csv"), metavar="FILE")] = None,
    parquet: Annotated[Path | None, typer.Option(help=message("cli.parquet"), metavar="FILE")] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Show the observations of a city, with what each rests on; of several sources the one that counts is marked."""
    from interurban.store.node import open_node

    moment = read_moment(as_of) if as_of else None
    with open_node() as node:
        city, found = node.catalogue.get_city(city_id), chosen(node, [city_id], indicator, period, moment, history=history)
    if as_json:
        show_json([_as_json(record, found) for record in found.table])
    else:
        columns = ("indicator", "mode", "value", "unit", "date", "source", "counts", "n", "coverage", "recorded", "observation")
        rows = [_row(record, found) for record in found.table]
        shown = [place for place, name in enumerate(columns) if _says_something(name, [row[place] for row in rows], history)]
        title = city.name(current_language())
        show_table([columns[place] for place in shown], [[row[place] for place in shown] for row in rows], title=title)
    for path in write_files(found.table, csv, parquet):
        note(message("cli.written", path=path))


def shown_value(record: RecordedObservation) -> str:
    """The value with the decimals of its indicator, marked ~ where it is an estimate and ? where too little was observed for it; a dash
    where it is missing."""
    from interurban.indicators.catalogue import get_indicator
    from interurban.locales import number

    observation = record.observation
    if observation.value is None:
        return cell(None)
    decimals = observation.decimals if observation.decimals is not None else get_indicator(observation.indicator).decimals
    text = number(observation.value, decimals)
    return {"E": "~", "U": "?"}.get(observation.status, "") + text


def subject(observation: Observation) -> str:
    """Name of the indicator, with the territory where the observation says of which one it speaks."""
    name, area = indicator_name(observation.indicator), area_name(observation)
    return f"{name} ({area})" if area else name


def area_name(observation: Observation) -> str | None:
    """Of which territory of the city it speaks; None where it does not say."""
    key = _AREAS.get(observation.area_definition)
    return message(key) if key else None


def unit_name(unit: str) -> str:
    """A unit of measure as people write it in the chosen language."""
    return message(f"units.{unit}")


def mode_name(mode: str) -> str:
    """Name of a mode, or of all modes together."""
    return message(f"cli.mode_{mode}")


def _as_json(record: RecordedObservation, found: Chosen) -> dict[str, object]:
    fields = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return {**fields, "is_answer": record.id in found.answers}


def _row(record: RecordedObservation, found: Chosen) -> tuple[object, ...]:
    each = record.observation
    coverage = None if each.coverage is None else f"{each.coverage:.0%}"
    source = each.source or (message(f"statistics.origin_{each.origin}") if each.origin != "computed" else None)
    return (
        subject(each), mode_name(each.mode), shown_value(record), unit_name(each.unit), when(each), source,
        message("statistics.counts") if record.id in found.answers else None, each.n, coverage, record.recorded_at, record.id[:12],
    )


def _says_something(column: str, values: list[object], history: bool) -> bool:
    """Whether a column is worth its place: those of sources only where there are any, and which counts only where not all do."""
    if column == "source":
        return any(value is not None for value in values)
    if column == "counts":
        return any(value is None for value in values)
    return history if column == "recorded" else True
