"""Vehicles whose clock or place is not to be believed."""

from __future__ import annotations

from typing import Any

import ibis
import pyarrow as pa
from small_lake import rows_of

from interurban.metrics.performed.minutes import heard_by_span
from interurban.metrics.performed.vehicle_faults import frozen_places, skewed_clocks

TERMINAL = ibis.memtable(pa.table({"stop_lat": [10.0], "stop_lon": [20.0]}))


def heard(vehicle: str | None, *delays: int, is_header_time: bool = False) -> list[dict[str, Any]]:
    """Positions received so many seconds after their moment."""
    return [
        {"vehicle_id": vehicle, "vehicle_label": None, "event_timestamp": 1000, "received_at": 1000 + delay, "feed_timestamp": 0,
         "is_header_time": is_header_time}
        for delay in delays
    ]  # fmt: skip


def test_half_of_the_positions_tell_whether_a_clock_is_right():
    rows = [
        *heard("right", -30, 10, 600), *heard("one late", 5, 5, 5000), *heard("ahead", -31, -40, 0), *heard("late", 601, 700, 10),
        *heard("header", -500, is_header_time=True), *heard(None, 9000),
    ]  # fmt: skip
    found = rows_of(skewed_clocks(ibis.memtable(pa.Table.from_pylist(rows))), "vehicle_id")
    assert [(row["vehicle_id"], row["skew_s"]) for row in found] == [("ahead", -31.0), ("late", 601.0)]


def places(key: int, *seen: tuple[int, float]) -> list[dict[str, Any]]:
    """Positions at a moment and so many metres north of the terminal."""
    return [
        {"vehicle_trip_key": key, "event_timestamp": moment, "latitude": 10 + metres / 111_200, "longitude": 20.0}
        for moment, metres in seen
    ]


def every_minute(minutes: range, metres: float) -> list[tuple[int, float]]:
    return [(60 * minute, metres) for minute in minutes]


def test_a_vehicle_that_does_not_move_for_more_than_ten_minutes_is_frozen_unless_at_a_terminal():
    rows = [
        *places(1, *every_minute(range(12), 1000.0)),
        *places(2, *every_minute(range(11), 1000.0)),  # ten minutes and no more
        *places(3, *every_minute(range(30), 200.0)),  # at the terminal
        *places(4, *((60 * minute, 1000.0 + minute) for minute in range(30))),
        *places(5, *every_minute(range(7), 1000.0), (450, 1500.0), *every_minute(range(8, 15), 1000.0)),  # away and back
        *places(6, (0, 3000.0), *every_minute(range(1, 13), 2000.0), (900, 1500.0)),
    ]
    positions = ibis.memtable(pa.Table.from_pylist(rows))
    found = rows_of(frozen_places(positions, heard_by_span(positions, "vehicle_trip_key"), TERMINAL), "vehicle_trip_key")
    assert [(row["vehicle_trip_key"], row["from_s"], row["to_s"]) for row in found] == [(1, 0, 660), (6, 60, 720)]
