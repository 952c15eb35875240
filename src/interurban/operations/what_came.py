"""What a city's realtime feeds left of days on which there is nothing to reconstruct, said so that a person knows what to do."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

from interurban.errors import NotFound
from interurban.locales import message, number
from interurban.model.realtime import COLLECTED, REALTIME_KINDS

if TYPE_CHECKING:
    from interurban.store.node import Node

_NAMES = ("new", "unchanged", "older", "garbage", "alerts", "arrivals")


def nothing_to_reconstruct(node: Node, city_id: str, dates: Collection[dt.date]) -> NotFound:
    """The error that says what came instead of positions and predictions: messages by outcome, alerts, arrivals that somebody recorded."""
    came = what_came(node, city_id, dates)
    date = " … ".join(dict.fromkeys(each.isoformat() for each in (min(dates), max(dates))))
    if not came:
        return NotFound(message("operations.nothing_collected", city=city_id, date=date), city=city_id)
    what = "; ".join(f"{message(f'operations.came_{name}')} {number(came[name])}" for name in _NAMES if came[name])
    text = message("operations.only_came", city=city_id, date=date, what=what)
    if came["arrivals"]:
        text = f"{text} {message('operations.recordings_only')}"
    return NotFound(text, city=city_id)


def what_came(node: Node, city_id: str, dates: Collection[dt.date]) -> Counter[str]:
    """Messages by outcome, alerts and recorded arrivals of these dates; messages count on the UTC day on which they came."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    came = Counter[str]()
    sources = [source.id for source in node.catalogue.list_sources(city_id) if source.kind in REALTIME_KINDS]
    for partition in (each for source_id in sources for each in node.days.list(source_id, COLLECTED)):
        if partition.service_date not in dates:
            continue
        for file in partition.files:
            if file.table in ("alerts", "arrivals"):
                came[file.table] += file.rows
        for path in node.days.paths(partition.source_id, partition.service_date, COLLECTED).get("messages", ()):
            for each in pc.value_counts(pq.read_table(path, columns=["outcome"])["outcome"]).to_pylist():
                came[each["values"]] += each["counts"]
    return came
