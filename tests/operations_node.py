"""A node with a city, its collected schedule, and realtime rows as a landing would have left them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from interurban.collect.collector import collect
from interurban.collect.gtfs_realtime.tables import schema
from interurban.model import City, Source
from interurban.model.realtime import COLLECTED, VEHICLE_POSITIONS
from interurban.operations.stop_visits import reconstruct
from interurban.store.node import Node, init_node
from tiny_feed import BUS_1_STARTS_S, tiny_feed, write_zip

Rows = Iterable[Mapping[str, Any]]
MONDAY = dt.date(2024, 1, 1)
ORIGIN = 1_704_067_200  # its beginning in Accra, which is UTC


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


def pings(trip_start_s: int, vehicle: str, delays_s: tuple[int | None, ...]) -> Iterator[Mapping[str, Any]]:
    """A vehicle on a trip of the tiny feed's bus 1: it stands at A, B, C this much after the timetable's times (None: it is not heard)."""
    trip = f"1-week-{trip_start_s // 3600:02}:{trip_start_s // 60 % 60:02}:00"
    for number, (stop, lon, delay) in enumerate(zip("ABC", (3.0, 3.01, 3.02), delays_s, strict=True), 1):
        if delay is None:
            continue
        came = ORIGIN + trip_start_s + 300 * (number - 1) + delay
        for moment, status in ((came - 30, "IN_TRANSIT_TO"), (came, "STOPPED_AT"), (came + 20, "STOPPED_AT")):
            yield {
                "service_date": MONDAY, "trip_id_scheduled": trip, "start_date": MONDAY, "route_id": "1", "direction_id": 0,
                "vehicle_id": vehicle, "event_timestamp": moment, "latitude": 0.0, "longitude": lon, "current_status": status,
                "stop_id": stop, "scheduled_stop_sequence": number,
            }


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


def busy_monday(folder: Path) -> Node:
    """The tiny city, its Monday reconstructed: bus 1 was seen all day, every third run seven minutes late; the others nobody saw."""
    rows = []
    for number, start in enumerate(BUS_1_STARTS_S):
        heard = list(pings(start, f"v{number}", (420, 420, 420) if number % 3 == 2 else (30, 30, 60)))
        gone = [
            row | {"event_timestamp": row["event_timestamp"] + 30, "current_status": "IN_TRANSIT_TO", "stop_id": next_stop,
                   "scheduled_stop_sequence": place}
            for row, next_stop, place in ((heard[2], "B", 2), (heard[5], "C", 3))
        ]  # fmt: skip
        rows += [*heard, *gone]
    node, *_ = operations_node(folder, vehicle_locations=rows)
    reconstruct(node, "tiny", MONDAY)
    return node


def next_feed() -> dict[str, str]:
    """The tiny feed as published for the day after Monday: other trip ids, a minute later at Bridge, bus 2 as "22", Castle as "CC"."""
    files = tiny_feed()
    for name in ("trips.txt", "stop_times.txt"):
        files[name] = files[name].replace("-week-", "-new-")
    files["stop_times.txt"] = files["stop_times.txt"].replace("1-new-08:00:00,08:05:00,08:05:00,B", "1-new-08:00:00,08:06:00,08:06:00,B")
    files["stop_times.txt"] = files["stop_times.txt"].replace(",C,", ",CC,")
    files["stops.txt"] = files["stops.txt"].replace("C,Castle,", "CC,Castle,")
    files["trips.txt"] = files["trips.txt"].replace("\n2,", "\n22,")
    files["routes.txt"] = files["routes.txt"].replace("\n2,", "\n22,")
    files["calendar.txt"] = files["calendar.txt"].replace("20240101", "20240102")
    return files
