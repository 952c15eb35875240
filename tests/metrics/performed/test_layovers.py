"""Where vehicles that name no trip go on to the next one."""

from __future__ import annotations

import ibis
import pyarrow as pa
import pytest
from small_lake import make_lake, rows_of, trip

from interurban.metrics.performed.layovers import next_trips, route_terminals

STOPS = [{"stop_key": n, "stop_id": f"s{n}", "stop_lat": 0.0, "stop_lon": 3 + 0.01 * (n - 1)} for n in (1, 2, 3)]  # 1.1 km apart
POSITIONS = pa.schema({
    "vehicle_trip_key": pa.int64(), "event_timestamp": pa.int64(), "latitude": pa.float64(), "longitude": pa.float64(),
    "route_id": pa.string(),
})  # fmt: skip


def begun(*legs: tuple[int, int, float, float], route: str | None = "r1") -> list[int]:
    """When a vehicle begins another trip that goes from one longitude to another between two moments, a position every 20 s."""
    rows = [
        {"vehicle_trip_key": 1, "event_timestamp": moment, "latitude": 0.0, "longitude": a + (b - a) * (moment - start) / (end - start),
         "route_id": route}
        for start, end, a, b in legs
        for moment in range(start, end, 20)
    ]  # fmt: skip
    positions = ibis.memtable(pa.Table.from_pylist(rows, schema=POSITIONS))
    lake = make_lake([trip(1, "08:00", "08:05", "08:10")], stops=STOPS)
    runs = ibis.memtable(pa.table({"route_id": ["r1"], "pattern_key": pa.array([1], pa.int64())}))
    return [row["event_timestamp"] for row in rows_of(next_trips(positions, route_terminals(runs, lake)), "event_timestamp")]


def layover(seconds: int) -> list[tuple[int, int, float, float]]:
    """Out to the last stop in ten minutes, a stay, and back; the vehicle is near it for 75 s more: 150 m in and out at 3.7 m/s."""
    return [(0, 600, 3.0, 3.02), (600, 600 + seconds, 3.02, 3.02), (600 + seconds, 1200 + seconds, 3.02, 3.0)]


def test_a_trip_ends_and_the_next_begins_in_the_middle_of_a_stay_at_a_terminal():
    assert begun(*layover(240)) == [720 + 20]  # at 720 is the middle itself


@pytest.mark.parametrize(("seconds", "count"), [(80, 0), (140, 1)])
def test_who_is_there_for_less_than_three_minutes_passes(seconds: int, count: int):
    assert len(begun(*layover(seconds))) == count


def test_a_stay_elsewhere_or_before_and_after_all_else_divides_nothing():
    stays = [(0, 600, 3.0, 3.0), (600, 900, 3.0, 3.01), (900, 1500, 3.01, 3.01), (1500, 1800, 3.01, 3.02), (1800, 2400, 3.02, 3.02)]
    assert begun(*stays) == []


def test_a_terminal_of_another_route_counts_for_who_names_no_route_alone():
    assert begun(*layover(240), route="r2") == []
    assert begun(*layover(240), route=None) == [740]


def test_a_day_without_a_trip_divides_nothing():
    lake = make_lake([])
    runs = ibis.memtable(pa.table({"route_id": pa.array([], pa.string()), "pattern_key": pa.array([], pa.int64())}))
    assert rows_of(route_terminals(runs, lake)) == []
