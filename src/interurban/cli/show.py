"""`interurban show`: a city's indicators."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.compute import indicator_name
from interurban.cli.observations import chosen, when, write_files
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
    csv: Annotated[Path | None, typer.Option(help=message("cli.csv"), metavar="FILE")] = None,
    parquet: Annotated[Path | None, typer.Option(help=message("cli.parquet"), metavar="FILE")] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Show the observations of a city, with what each rests on."""
    from interurban.store.node import open_node

    with open_node() as node:
        city, table = node.catalogue.get_city(city_id), chosen(node, [city_id], indicator, period)
    if as_json:
        show_json(list(table))
    else:
        columns = ("indicator", "mode", "value", "unit", "date", "n", "coverage", "observation")
        show_table(columns, [_row(record) for record in table], title=city.name(current_language()))
    for path in write_files(table, csv, parquet):
        note(message("cli.written", path=path))


def shown_value(record: RecordedObservation) -> str:
    """The value with the decimals of its indicator, marked ~ where it is an estimate and ? where too little was observed for it; a dash
    where it is missing."""
    from interurban.indicators.catalogue import get_indicator
    from interurban.locales import number

    observation = record.observation
    if observation.value is None:
        return cell(None)
    text = number(observation.value, get_indicator(observation.indicator).decimals)
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


def _row(record: RecordedObservation) -> tuple[object, ...]:
    each = record.observation
    coverage = None if each.coverage is None else f"{each.coverage:.0%}"
    return (
        subject(each), mode_name(each.mode), shown_value(record), unit_name(each.unit), when(each),
        each.n, coverage, record.id[:12],
    )
