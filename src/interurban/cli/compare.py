"""`interurban compare`: the same indicators of several cities side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.compute import indicator_name
from interurban.cli.node import read_moment
from interurban.cli.observations import chosen, when, write_files
from interurban.cli.output import cell, note, show_json, show_table
from interurban.cli.show import mode_name, shown_value, subject, unit_name
from interurban.errors import UsageError
from interurban.locales import current_language, has_message, message

if TYPE_CHECKING:
    from interurban.model import City, Observation, RecordedObservation

_ALL_MODES = "all"


def compare(
    city_ids: Annotated[list[str], typer.Argument(help=message("cli.compare_cities"), metavar="CITY")],
    *,
    indicator: Annotated[str | None, typer.Option(help=message("cli.indicator"), metavar="CODE")] = None,
    period: Annotated[str | None, typer.Option(help=message("cli.period"))] = None,
    as_of: Annotated[str | None, typer.Option(help=message("statistics.as_of"), metavar="MOMENT")] = None,
    by_mode: Annotated[bool, typer.Option("--by-mode", help=message("cli.compare_by_mode"))] = False,
    csv: Annotated[Path | None, typer.Option(help=message("cli.csv"), metavar="FILE")] = None,
    parquet: Annotated[Path | None, typer.Option(help=message("cli.parquet"), metavar="FILE")] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Show indicators of several cities side by side, and what each city's numbers rest on."""
    from interurban.store.node import open_node
    from interurban.store.observations import ObservationTable

    if len(set(city_ids)) != len(city_ids):
        raise UsageError(message("cli.compare_twice"))
    moment = read_moment(as_of) if as_of else None
    with open_node() as node:
        cities = [node.catalogue.get_city(city_id) for city_id in city_ids]
        found = chosen(node, city_ids, indicator, period, moment)
    if as_json:
        show_json(found.answering())
    else:
        _show(cities, found.answering(), by_mode)
    for path in write_files(ObservationTable(tuple(found.answering())), csv, parquet):
        note(message("cli.written", path=path))


def _show(cities: list[City], records: list[RecordedObservation], by_mode: bool) -> None:
    names = {city.id: city.name(current_language()) for city in cities}
    newest: dict[tuple[str, str, str, int], dict[str, RecordedObservation]] = {}
    for record in records:
        each = record.observation
        if by_mode or each.mode == _ALL_MODES:
            key = (subject(each), each.mode, each.unit, each.definition_version)
            of_city = newest.setdefault(key, {})
            if each.city_id not in of_city or of_city[each.city_id].observation.days[1] <= each.days[1]:
                of_city[each.city_id] = record
    rows = [
        (name, mode_name(mode), unit_name(unit), *(_value(found.get(city_id)) for city_id in names))
        for (name, mode, unit, _), found in newest.items()
    ]
    show_table(("indicator", "mode", "unit"), rows, more_columns=tuple(names.values()))
    own = {city_id: [r.observation for r in records if r.observation.city_id == city_id] for city_id in names}
    show_table(("city", "date", "denominators", "sources"), [(names[city_id], *_basis(each)) for city_id, each in own.items()])


def _value(record: RecordedObservation | None) -> str | None:
    """The value; where it rests on less than everything, with the share in brackets."""
    if record is None:
        return None
    coverage = record.observation.coverage
    return shown_value(record) if coverage is None or coverage >= 0.995 else f"{shown_value(record)} ({coverage:.0%})"


def _basis(own: list[Observation]) -> tuple[str, str, str]:
    """The times of a city's observations, what they divide by with year and source, and who states them."""
    used = sorted({
        message("cli.denominator", figure=_divisor_name(str(each.parameters["denominator"])),
                value=cell(each.parameters["denominator_value"]), year=str(each.parameters["denominator_year"]),
                source=each.parameters["denominator_source"])
        for each in own if "denominator" in each.parameters
    })
    sources = sorted({each.source for each in own if each.source})
    return ", ".join(sorted({when(each) for each in own})), "; ".join(used), "; ".join(sources)


def _divisor_name(code: str) -> str:
    key = f"cli.figure_{code}"
    return message(key) if has_message(key) else indicator_name(code)
