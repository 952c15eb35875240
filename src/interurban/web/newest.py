"""The newest figure of every city and indicator, kept in memory until the node knows something new: most pages compare against it."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from weakref import WeakKeyDictionary

from interurban.indicators.catalogue import indicators
from interurban.indicators.figures import Figure, Ranked, figures_of, newest, ranked
from interurban.store.node import Node


@dataclass(frozen=True)
class Newest:
    """`by_indicator` are all modes together: code -> figures ranked from best to worst; `by_city` the same by city and code."""

    by_indicator: Mapping[str, list[Ranked]]
    by_city: Mapping[str, Mapping[str, Ranked]]

    def value(self, city_id: str, indicator: str) -> float | None:
        """A city's value of an indicator, None where there is none."""
        found = self.by_city.get(city_id, {}).get(indicator)
        return found.figure.value if found else None


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
    listed: dict[str, list[Figure]] = {}
    for figure in newest(figures_of(node.catalogue, newest_only=True)).values():
        if figure.indicator in indicators():
            listed.setdefault(figure.indicator, []).append(figure)
    by_indicator = {code: ranked(figures, indicators()[code].direction) for code, figures in listed.items()}
    by_city: dict[str, dict[str, Ranked]] = {}
    for code, ranking in by_indicator.items():
        for each in ranking:
            by_city.setdefault(each.figure.city_id, {})[code] = each
    return Newest(by_indicator, by_city)
