"""A node with a city, its collected schedule, and realtime rows as a landing would have left them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from interurban.collect.collector import collect
from interurban.collect.gtfs_realtime.tables import schema
from interurban.model import City, Source
from interurban.model.realtime import COLLECTED, VEHICLE_POSITIONS
from interurban.store.node import Node, init_node
from tiny_feed import tiny_feed, write_zip

Rows = Iterable[Mapping[str, Any]]
MONDAY = dt.date(2024, 1, 1)


def operations_node(
    folder: Path, *, city_id: str = "tiny", timezone: str = "Africa/Accra", feed: Mapping[str, str] | None = None, **tables: Rows,
) -> tuple[Node, Source, Source]:
    """An open node, the source of its schedule and the source of its realtime rows.

    `feed` is the text of each GTFS file (default: `tiny_feed()`). `tables` are rows by table of the layer "collected"
    (vehicle_locations, trip_update_stops, trip_updates, messages), each with at least its `service_date` or `received_at`;
    columns left out are NULL, but for those that `collected_table` fills.
    """
    node = init_node(folder / "node")
    node.catalogue.add_city(City(city_id, city_id.title(), "GH", timezone))
    zipped = write_zip(folder / "feed.zip", dict(feed or tiny_feed()))
    schedule = node.catalogue.add_source(Source(city_id, "gtfs", str(zipped)))
    collect(node, city_id)
    realtime = node.catalogue.add_source(Source(city_id, VEHICLE_POSITIONS, "https://example.org/vehicles.pb"))
    add_rows(node, realtime, **tables)
    return node, schedule, realtime


def add_rows(node: Node, source: Source, **tables: Rows) -> None:
    """Add rows to the days they belong to, matched to the newest version of the city's schedule unless they say otherwise."""
    (schedule,) = node.catalogue.list_sources(source.city_id, "gtfs")
    versions = node.catalogue.list_feed_versions(schedule.id)
    days: dict[dt.date, dict[str, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for name, rows in tables.items():
        for row in rows:
            days[row.get("service_date") or dt.datetime.fromtimestamp(row["received_at"], dt.UTC).date()][name].append(row)
    for date, found in days.items():
        parts = {name: collected_table(name, rows, source.id, versions[-1].id if versions else None) for name, rows in found.items()}
        node.days.add_part(source.id, date, COLLECTED, parts)


def collected_table(name: str, rows: Rows, feed_id: int = 1, feed_version_id: int | None = None) -> pa.Table:
    """Rows as a table of the layer "collected": who sent them, when they were sent and whether they are matched is filled in."""
    filled = []
    for row in rows:
        moment = row.get("event_timestamp") or row.get("update_timestamp") or row.get("received_at") or 0
        always = {
            "feed_id": feed_id, "feed_version_id": feed_version_id, "service_date_method": "start_date", "is_header_time": False,
            "is_matched": True if row.get("trip_id_scheduled") else None, "feed_timestamp": moment, "last_feed_timestamp": moment,
            "last_update_timestamp": moment, "received_at": moment, "source_sha256": "0" * 64,
        }
        filled.append(always | dict(row))
    return pa.Table.from_pylist(filled, schema=schema(name))
