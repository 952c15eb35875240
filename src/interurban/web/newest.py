"""The newest figure of every city and indicator, kept in memory until the node knows something new: most pages compare against it."""

from __future__ import annotations

import datetime as dt
import gc
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

from interurban.indicators.catalogue import indicators
from interurban.indicators.figures import Figure, Ranked, figures_of, ranked
from interurban.store.node import Node

ALL = "all"


@dataclass(frozen=True)
class Newest:
    """What is known of each city, ranked from best to worst.

    `by_indicator` are all modes together: code -> figures; `by_city` the same by city and code, with a place for every city that has any
    figure. `by_mode` are those of single modes: code -> mode -> figures; `modes_of_city` the same by city and code.
    `usual_areas`: code and mode -> the territory that most figures speak of.
    """

    by_indicator: Mapping[str, list[Ranked]]
    by_city: Mapping[str, Mapping[str, Ranked]]
    by_mode: Mapping[str, Mapping[str, list[Ranked]]]
    modes_of_city: Mapping[str, Mapping[str, list[Ranked]]]
    usual_areas: Mapping[tuple[str, str], str]

    def value(self, city_id: str, indicator: str) -> float | None:
        """A city's value of an indicator, None where there is none."""
        found = self.by_city.get(city_id, {}).get(indicator)
        return found.figure.value if found else None

    def codes(self) -> set[str]:
        """Indicators of which any city has a value, of all modes together or of one."""
        return {*self.by_indicator, *self.by_mode}

    def codes_of(self, city_id: str) -> set[str]:
        """Indicators of which a city has a value, of all modes together or of one."""
        return {*self.by_city.get(city_id, ()), *self.modes_of_city.get(city_id, ())}

    def modes(self, code: str) -> tuple[str, ...]:
        """Modes by which cities have an indicator: first all together, then those of most cities."""
        single = self.by_mode.get(code, {})
        return (*([ALL] if self.by_indicator.get(code) else []), *sorted(single, key=lambda mode: (-len(single[mode]), mode)))

    def ranking(self, code: str, mode: str = ALL) -> list[Ranked]:
        """The cities that have an indicator of a mode."""
        return self.by_indicator.get(code, []) if mode == ALL else self.by_mode.get(code, {}).get(mode, [])

    def other_area(self, figure: Figure) -> str | None:
        """The territory that a figure speaks of, None where it is that of most cities."""
        return None if self.usual_areas[figure.indicator, figure.mode] == figure.area_definition else figure.area_definition

    def cities_with(self, code: str) -> int:
        """How many cities have an indicator, of all modes together or of one."""
        rankings = (self.by_indicator.get(code, []), *self.by_mode.get(code, {}).values())
        return len({each.figure.city_id for ranking in rankings for each in ranking})


_kept: WeakKeyDictionary[Node, tuple[dt.datetime | None, Newest]] = WeakKeyDictionary()
_lock = Lock()


def newest_of(node: Node) -> Newest:
    """What the node knows of each city now."""
    with _lock:
        moment = node.catalogue.last_change()
        if node not in _kept or _kept[node][0] != moment:
            _kept[node] = moment, _read(node)
            # A hundred thousand objects that stay: without this every dozenth page waits until Python has looked through them for cycles.
            gc.collect()
            gc.freeze()
        return _kept[node][1]


def _read(node: Node) -> Newest:
    listed: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures_of(node.catalogue, mode=None, newest_only=True):
        listed.setdefault((figure.indicator, figure.mode), []).append(figure)
    rankings = {(code, mode): ranked(figures, indicators()[code].direction) for (code, mode), figures in listed.items()}
    by_city: dict[str, dict[str, Ranked]] = {}
    by_mode: dict[str, dict[str, list[Ranked]]] = {}
    modes_of_city: dict[str, dict[str, list[Ranked]]] = {}
    for (code, mode), ranking in rankings.items():
        if mode != ALL:
            by_mode.setdefault(code, {})[mode] = ranking
        for each in ranking:
            of_city = by_city.setdefault(each.figure.city_id, {})
            if mode == ALL:
                of_city[code] = each
            else:
                modes_of_city.setdefault(each.figure.city_id, {}).setdefault(code, []).append(each)
    usual_areas = {key: Counter(each.area_definition for each in figures).most_common(1)[0][0] for key, figures in listed.items()}
    by_indicator = {code: ranking for (code, mode), ranking in rankings.items() if mode == ALL}
    return Newest(by_indicator, by_city, by_mode, modes_of_city, usual_areas)
