"""What of an indicator is looked at: read from an address, checked, and found among what the node knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from interurban.errors import UsageError
from interurban.indicators.catalogue import get_indicator
from interurban.indicators.figures import Figure, Ranked, course, figures_of, per, ranked
from interurban.locales import message, sort_key
from interurban.model import AnswerQuery, City
from interurban.model.indicator import Indicator
from interurban.store.node import Node
from interurban.web.newest import ALL, newest_of
from interurban.web.pages.shared import cities_named, in_order

GROUPS: Mapping[str, frozenset[str]] = {
    "brics": frozenset({"BR", "RU", "IN", "CN", "ZA", "EG", "ET", "IR", "AE", "ID"}),
}
MILLION = 1_000_000
PER = {"person": ("population", 100_000.0, "100 000 inhabitants"), "km2": ("area_km2", 1.0, "km2")}
"""What a total may be divided by: the indicator, how many of it, and the same as a part of a unit."""
CHOSEN = 10
UNASKED = 5  # courses shown where no city is chosen


@dataclass(frozen=True, slots=True)
class Selection:
    """What of an indicator is looked at, read from the address and checked."""

    indicator: Indicator
    mode: str
    modes: tuple[str, ...]  # by which there are values
    known: Mapping[str, City]
    chosen: tuple[City, ...]
    year: int | None
    years: tuple[int, ...]
    group: str
    per: str
    series: Mapping[str, Sequence[Figure]]  # of the chosen cities, or else of the first ones
    ranking: Sequence[Ranked]
    missing: Sequence[City]

    @property
    def unit(self) -> str:
        """Unit of the values, as definitions write units."""
        return f"{self.indicator.unit} per {PER[self.per][2]}" if self.per else self.indicator.unit

    @property
    def decimals(self) -> int:
        """How many decimals the values are written with: a quotient needs some more."""
        return min(self.indicator.decimals + 2, 4) if self.per else self.indicator.decimals

    def unit_in(self, language: str) -> str:
        """Unit of the values as a reader meets it."""
        divided = f" {message(f'site.per_{self.per}', language)}" if self.per else ""
        return message(f"units.{self.indicator.unit}", language) + divided


def select(
    node: Node, language: str, code: str, cities: Sequence[str], year: int | None, group: str, divided_by: str, mode: str
) -> Selection:
    """The figures of an indicator that are asked for.

    Raises:
        NotFound: there is no such indicator, or no such city.
        UsageError: the group, the mode or the denominator is none of those there are, or a quotient of this indicator says nothing.
    """
    found = get_indicator(code)
    one_of(group, ("", *GROUPS, "large", "small"), "group")
    one_of(divided_by, ("", *PER), "per")
    if divided_by and divided_by not in divisors(found):
        raise UsageError(message("site.not_divided", name=found.names[language]), field="per", value=divided_by)
    modes = newest_of(node).modes(code)
    one_of(mode, ("", ALL, *modes), "mode")
    mode = mode or next(iter(modes), ALL)
    known = {city.id: city for city in node.catalogue.list_cities()}
    members = _members(group, node, known)
    marked = tuple(cities_named(known, cities, CHOSEN))
    if year is None:
        figures = [each.figure for each in newest_of(node).ranking(code, mode)]
    else:
        figures = figures_of(node.catalogue, codes=[code], mode=mode, newest_only=True, until=year)
    figures = _divided(node, [f for f in figures if f.city_id in members], divided_by)
    ranking = _by_name(ranked(figures, found.direction), known, language)
    with_value = {each.figure.city_id for each in ranking}
    missing = in_order((city for city in known.values() if city.id in members and city.id not in with_value), language)
    there = node.catalogue.availability(AnswerQuery(indicators=(code,), modes=(mode,)))
    years = tuple(range(there.starts.year, there.ends.year + 1)) if there.starts and there.ends else ()
    shown = [city.id for city in marked] or [each.figure.city_id for each in ranking[:UNASKED]]
    series = _series_of(node, found, mode, shown, divided_by)
    return Selection(found, mode, modes, known, marked, year, years, group, divided_by, series, ranking, missing)


def divisors(indicator: Indicator) -> tuple[str, ...]:
    """What it makes sense to divide an indicator by: a total of a city by its people or its land, but neither by itself."""
    if indicator.denominator or indicator.decomposition.statistic != "total":
        return ()
    return tuple(key for key, (code, _, _) in PER.items() if code != indicator.code)


def _by_name(ranking: list[Ranked], known: Mapping[str, City], language: str) -> list[Ranked]:
    """Cities of the same rank in the order of their names."""
    ranks = [each.rank for each in ranking]
    if len(set(ranks)) == len(ranks):
        return ranking
    return sorted(ranking, key=lambda each: (each.rank, sort_key(known[each.figure.city_id].name(language), language)))


def _series_of(
    node: Node, indicator: Indicator, mode: str, cities: Sequence[str] | None, divided_by: str
) -> dict[str, list[Figure]]:
    """Every period of cities (None: all) in the order of time, by city."""
    series: dict[str, list[Figure]] = {}
    for figure in course(_divided(node, figures_of(node.catalogue, cities=cities, codes=[indicator.code], mode=mode), divided_by)):
        series.setdefault(figure.city_id, []).append(figure)
    return series


def _divided(node: Node, figures: list[Figure], divided_by: str) -> list[Figure]:
    if not divided_by:
        return figures
    denominator, scale, _ = PER[divided_by]
    below: dict[str, list[Figure]] = {}
    for figure in figures_of(node.catalogue, cities=list({f.city_id for f in figures}), codes=[denominator]):
        below.setdefault(figure.city_id, []).append(figure)
    return per(figures, below, scale)


def all_of(node: Node, chosen: Selection) -> list[Figure]:
    """Every period of every city of the selection, by city and time."""
    members = _members(chosen.group, node, chosen.known)
    return [f for city, line in _series_of(node, chosen.indicator, chosen.mode, None, chosen.per).items() if city in members for f in line]


def one_of(value: str, allowed: Iterable[str], field: str) -> str:
    """`value` where it is one of those allowed; UsageError names them where it is not."""
    options = tuple(allowed)
    if value not in options:
        text = message("store.wrong_value", field=field, value=value, allowed=", ".join(filter(None, options)))
        raise UsageError(text, field=field, value=value)
    return value


def _members(group: str, node: Node, known: Mapping[str, City]) -> set[str]:
    if group in GROUPS:
        return {city.id for city in known.values() if city.country in GROUPS[group]}
    if group in ("large", "small"):
        size = newest_of(node)
        sizes = {city_id: size.value(city_id, "population") for city_id in known}
        return {city_id for city_id, people in sizes.items() if people is not None and (people >= MILLION) == (group == "large")}
    return set(known)
