"""The table of a rating from a node's observations, by the rules of the rating's definition."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from interurban.errors import DataError, UsageError
from interurban.locales import message
from interurban.model import AnswerQuery, City, Figure
from interurban.ratings.definition import Definition
from interurban.ratings.table import Table, make_table

if TYPE_CHECKING:
    from interurban.store.node import Node

_COLUMNS = (
    "id", "city_id", "indicator", "area_definition", "time_period", "ends", "value", "unit", "confidence", "origin", "source",
    "definition_version",
)
_FIGURE_UNITS = {Figure.POPULATION: "inhabitants", Figure.AREA_KM2: "km2"}


@dataclass(frozen=True, slots=True)
class UsedValue:
    """Where one value of the table is from: the observation by its id ("": a figure of the city), with what a reader asks first."""

    id: str
    city_id: str
    indicator: str
    area_definition: str
    time_period: str
    unit: str
    confidence: str
    origin: str
    source: str
    definition_version: int


@dataclass(frozen=True, slots=True)
class RatingData:
    """The table of a rating and, for every value in it, the observation behind it."""

    table: Table
    used: tuple[UsedValue, ...]

    def inputs(self) -> list[dict[str, Any]]:
        """`used` as plain values, for the archive."""
        return [asdict(each) for each in self.used]


def rating_data(node: Node, definition: Definition, as_of: dt.datetime | None = None) -> RatingData:
    """What the node's public answers say of the cities and columns that the definition names.

    Of each city and indicator it takes the area first in the definition's order that has a value, and of that the latest period
    that lies within the definition's years. Confidential answers are not taken, and modes apart are not: a value is that of all.
    Population and area that no answer gives are the city's latest figures within those years. Where an indicator has no value, that of
    its fallback is taken, and the answer says so: it is known by the fallback's code.

    Args:
        node: the node.
        definition: the rating; codes of columns are those of the catalogue of indicators.
        as_of: as the answers stood at this moment; None: as they stand now.

    Missing: what no answer gives is missing; a city of which nothing at all is known is no row.

    Raises:
        NotFound: an indicator is not in the catalogue.
        UsageError: a fallback is in another unit than what it stands in for.
        DataError: the node has no value for any city.
    """
    codes = rating_columns(definition)
    asked = (*codes, *check_columns(definition))
    found = _figures(node, definition, asked) | chosen_of(_answers(node, definition, asked, as_of), definition)
    return table_of(found, node.catalogue.list_cities(), definition)


def check_columns(definition: Definition) -> tuple[str, ...]:
    """The fallbacks of a definition, all its codes being looked up in the catalogue; raises as `rating_data`."""
    from interurban.indicators.catalogue import get_indicator

    for code in rating_columns(definition):
        get_indicator(code)
    for i, each in enumerate(definition.indicators):
        if each.fallback:
            unit, other = get_indicator(each.code).unit, get_indicator(each.fallback).unit
            if unit != other:
                place = f"indicators[{i}].fallback"
                text = message("ratings.fallback_unit", place=place, fallback=each.fallback, found=other, allowed=unit)
                raise UsageError(text, code=each.code)
    return tuple(dict.fromkeys(each.fallback for each in definition.indicators if each.fallback))


def table_of(found: Mapping[tuple[str, str], dict[str, Any]], known: Sequence[City], definition: Definition) -> RatingData:
    """The table made of the value found for each city and code; raises as `rating_data`."""
    codes, wanted = rating_columns(definition), definition.cities.codes
    chosen = _with_fallbacks(found, known, definition)
    cities = [city for city in known if any((city.id, code) in chosen for code in codes)]
    cities = [city for city in cities if not wanted or city.id in wanted]
    if not cities:
        raise DataError(message("ratings.no_data", rating=definition.id))
    columns = {code: [_value(chosen.get((city.id, code))) for city in cities] for code in codes}
    confidence = {
        each.code: [_class(chosen.get((city.id, each.code)), definition, each.confidence) for city in cities]
        for each in definition.indicators
    }
    used = tuple(
        UsedValue(**{name: row[name] for name in UsedValue.__slots__})
        for city in cities for code in codes if (row := chosen.get((city.id, code))) is not None
    )
    table = make_table([city.id for city in cities], columns, {"country": [city.country for city in cities]}, None, confidence)
    return RatingData(table, used)


def _with_fallbacks(
    found: Mapping[tuple[str, str], dict[str, Any]], cities: Sequence[City], definition: Definition
) -> dict[tuple[str, str], dict[str, Any]]:
    chosen = dict(found)
    for each in definition.indicators:
        for city in cities:
            if each.fallback and (city.id, each.code) not in found and (city.id, each.fallback) in found:
                chosen[city.id, each.code] = found[city.id, each.fallback]
    return chosen


def rating_columns(definition: Definition) -> tuple[str, ...]:
    """Codes of all columns that the definition names: indicators, denominators, those of the city rule and of groups."""
    named = [each.code for each in definition.indicators] + [each.denominator for each in definition.indicators]
    named += [*definition.cities.at_least, *(group.by for group in definition.groups)]
    return tuple(dict.fromkeys(code for code in named if code))


def _figures(node: Node, definition: Definition, codes: tuple[str, ...]) -> dict[tuple[str, str], dict[str, Any]]:
    """Latest figures of cities for the columns that are population or area, as answers would tell them."""
    data, found = definition.data, {}
    for figure in (each for each in Figure if each.value in codes):
        for city in node.catalogue.list_cities():
            for each in node.catalogue.list_city_figures(city.id, figure):
                if (data.oldest or 0) <= each.year <= (data.newest or 9999):
                    found[city.id, figure.value] = {
                        "id": "", "city_id": city.id, "indicator": figure.value, "area_definition": "_X", "time_period": str(each.year),
                        "value": each.value, "unit": _FIGURE_UNITS[figure], "confidence": "B", "origin": "reported", "source": each.source,
                        "definition_version": 1,
                    }
    return found


def _answers(node: Node, definition: Definition, codes: tuple[str, ...], as_of: dt.datetime | None) -> Iterator[dict[str, Any]]:
    data = definition.data
    query = AnswerQuery(
        indicators=codes, modes=("all",), area_definitions=data.areas, as_of=as_of, columns=_COLUMNS,
        time_from=dt.date(data.oldest, 1, 1) if data.oldest else None, time_to=dt.date(data.newest, 12, 31) if data.newest else None,
    )
    for batch in node.catalogue.stream_answers(query):
        yield from batch.to_pylist()


def chosen_of(rows: Iterator[dict[str, Any]], definition: Definition) -> dict[tuple[str, str], dict[str, Any]]:
    """Of each city and indicator the row that the definition prefers: by its area, then the latest."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        key = (row["city_id"], row["indicator"])
        if row["value"] is not None and (key not in found or _better(row, found[key], definition)):
            found[key] = row
    return found


def _better(row: dict[str, Any], other: dict[str, Any], definition: Definition) -> bool:
    def place(each: dict[str, Any]) -> tuple[int, dt.date, str]:
        return -definition.data.areas.index(each["area_definition"]), each["ends"], each["id"]

    return place(row) > place(other)


def _value(row: dict[str, Any] | None) -> float | None:
    return None if row is None else row["value"]


def _class(row: dict[str, Any] | None, definition: Definition, usual: str) -> str:
    return row["confidence"] if row is not None and row["confidence"] in definition.confidence else usual
