"""`interurban compare`: the same indicators of several cities side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.observations import chosen, when, write_files
from interurban.cli.output import cell, note, show_json, show_table
from interurban.cli.show import mode_name, shown_value, subject, unit_name
from interurban.errors import UsageError
from interurban.locales import current_language, message

if TYPE_CHECKING:
    from interurban.model import City, Observation, RecordedObservation
    from interurban.store.observations import ObservationTable

_ALL_MODES = "all"


def compare(
    city_ids: Annotated[list[str], typer.Argument(help=message("cli.compare_cities"), metavar="CITY")],
    *,
    indicator: Annotated[str | None, typer.Option(help=message("cli.indicator"), metavar="CODE")] = None,
    period: Annotated[str | None, typer.Option(help=message("cli.period"))] = None,
    by_mode: Annotated[bool, typer.Option("--by-mode", help=message("cli.compare_by_mode"))] = False,
    csv: Annotated[Path | None, typer.Option(help=message("cli.csv"), metavar="FILE")] = None,
    parquet: Annotated[Path | None, typer.Option(help=message("cli.parquet"), metavar="FILE")] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Show indicators of several cities side by side, and what each city's numbers rest on."""
    from interurban.store.node import open_node

    if len(set(city_ids)) != len(city_ids):
        raise UsageError(message("cli.compare_twice"))
    with open_node() as node:
        cities = [node.catalogue.get_city(city_id) for city_id in city_ids]
        table = chosen(node, city_ids, indicator, period)
    if as_json:
        show_json(list(table))
    else:
        _show(cities, table, by_mode)
    for path in write_files(table, csv, parquet):
        note(message("cli.written", path=path))


def _show(cities: list[City], table: ObservationTable, by_mode: bool) -> None:
    names = {city.id: city.name(current_language()) for city in cities}
    newest: dict[tuple[str, str, str, int], dict[str, RecordedObservation]] = {}
    for record in table:
        each = record.observation
        if by_mode or each.mode == _ALL_MODES:
            key = (subject(each), each.mode, each.unit, each.definition_version)
            of_city = newest.setdefault(key, {})
            if each.city_id not in of_city or _stands_before(each, of_city[each.city_id].observation):
                of_city[each.city_id] = record
    rows = [
        (name, mode_name(mode), unit_name(unit), *(_value(found.get(city_id)) for city_id in names))
        for (name, mode, unit, _), found in newest.items()
    ]
    show_table(("indicator", "mode", "unit"), rows, more_columns=tuple(names.values()))
    basis = [(names[city_id], *_basis(city_id, table)) for city_id in names]
    show_table(("city", "date", "denominators", "sources"), basis)


def _stands_before(one: Observation, other: Observation) -> bool:
    """Whether `one` is shown rather than `other` of the same thing: the later one, of one time the better founded."""
    return (when(one), other.confidence) >= (when(other), one.confidence)


def _value(record: RecordedObservation | None) -> str | None:
    """The value; where it rests on less than everything, with the share in brackets."""
    if record is None:
        return None
    coverage = record.observation.coverage
    return shown_value(record) if coverage is None or coverage >= 0.995 else f"{shown_value(record)} ({coverage:.0%})"


def _basis(city_id: str, table: ObservationTable) -> tuple[str, str, str]:
    """The dates of a city's observations, the population and area they divide by with year and source, and who states the others."""
    own = [record.observation for record in table if record.observation.city_id == city_id]
    used = sorted({
        message("cli.denominator", figure=message(f"cli.figure_{each.parameters['denominator']}"),
                value=cell(each.parameters["denominator_value"]), year=str(each.parameters["denominator_year"]),
                source=each.parameters["denominator_source"])
        for each in own if "denominator" in each.parameters
    })
    sources = sorted({each.source for each in own if each.source})
    return ", ".join(sorted({when(each) for each in own})), "; ".join(used), "; ".join(sources)
