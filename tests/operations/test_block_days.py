"""Vehicles that name their block and no trip, from their logs to the trips they ran and the stops they were at."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from service_days import Outcome, at, seen, service_day
from small_lake import trip

from interurban.collect.collector import collect
from interurban.collect.gtfs_realtime.ingest import ingest
from interurban.model import City, Source
from interurban.model.realtime import PERFORMED
from interurban.operations.stop_visits import reconstruct
from interurban.store.node import init_node

STOPS = [{"stop_key": n, "stop_id": f"s{n}", "stop_lat": 0.0, "stop_lon": 3 + 0.01 * (n - 1)} for n in (1, 2, 3)]
# There, back and there again, five minutes at each end; the last trip is of no block.
PLAN = [
    trip(1, "08:00", "08:05", "08:10", block_id="b"), trip(2, "08:15", "08:20", "08:25", stops=(3, 2, 1), direction_id=1, block_id="b"),
    trip(3, "08:30", "08:35", "08:40", block_id="b"), trip(4, "08:33", "08:38", "08:43"),
]  # fmt: skip


def leg(start: str, from_lon: float, to_lon: float, block: str = "b", **columns: Any) -> list[dict[str, Any]]:
    """2.2 km in ten minutes, then five minutes at the terminal; a position every 20 s."""
    return [
        seen(None, None, None, start, block_id=block, **columns)[0]
        | {"event_timestamp": at(start) + 20 * k, "latitude": 0.0, "longitude": from_lon + (to_lon - from_lon) * min(k, 30) / 30}
        for k in range(45)
    ]


def performed(day: Outcome) -> list[tuple[Any, ...]]:
    return [(row["trip_key"], row["match_method"], row["positions"]) for row in day.trips if row["is_observed"]]


def middles(day: Outcome) -> dict[int, int]:
    """When vehicles came to the second stop of their trips."""
    rows = [row for row in day.visits if row["trip_stop_sequence"] == 2 and row["actual_arrival_time"]]
    return {row["trip_key"]: row["actual_arrival_time"] for row in rows}


def test_a_vehicle_is_on_the_trips_of_its_block_one_after_the_other():
    legs = [*leg("08:00", 3.0, 3.02), *leg("08:15", 3.02, 3.0), *leg("08:31", 3.0, 3.02)]
    day = service_day(PLAN, legs, stops=STOPS)
    # The first position within reach of the last stop is the last of the trip, and what it stands there afterwards is the next one's.
    # After the last trip it is on none, and no trip stands for what it did then.
    assert performed(day) == [(1, "block", 31), (2, "block", 45), (3, "block", 45)]
    assert all(row["match_score"] < 1 for row in day.trips if row["is_observed"])
    assert middles(day) == {n: pytest.approx(at(moment), abs=20) for n, moment in ((1, "08:05"), (2, "08:20"), (3, "08:36"))}
    assert [row["method"] for row in day.visits if row["trip_key"] != 4] == ["geometry"] * 9
    assert {row["trip_key"] for row in day.visits if row["schedule_relationship"] == "Missing"} == {4}


def test_a_vehicle_that_takes_over_a_block_has_made_no_trip_before():
    day = service_day(PLAN, leg("08:31", 3.0, 3.02), stops=STOPS)
    assert [row[:2] for row in performed(day)] == [(3, "block")]


def test_trips_that_a_vehicle_leaves_out_are_not_made():
    day = service_day(PLAN, [*leg("08:00", 3.0, 3.02)[:36], *leg("08:31", 3.0, 3.02)], stops=STOPS)
    assert [row[:2] for row in performed(day)] == [(1, "block"), (3, "block")]


def test_trips_left_out_in_silence_are_those_of_their_hour():
    """A block of five trips one way; the vehicle makes the first, the fourth and the last, and is silent between them."""
    hours = ("08", "09", "10", "11", "12")
    plan = [trip(n, f"{hour}:00", f"{hour}:05", f"{hour}:10", block_id="b") for n, hour in enumerate(hours, 1)]
    legs = [row for hour in ("08", "11", "12") for row in leg(f"{hour}:01", 3.0, 3.02)[:31]]
    day = service_day(plan, legs, stops=STOPS)
    assert performed(day) == [(1, "block", 31), (4, "block", 31), (5, "block", 31)]


@pytest.mark.parametrize("block", ["b", "x"], ids=["elsewhere", "unknown"])
def test_a_vehicle_that_is_not_on_its_block_is_matched_by_where_it_went(block: str):
    """Trip 5 is on the parallel, 1.1 km north; the vehicle that goes there says block b, or one that the timetable does not have."""
    north = [{"stop_key": n + 3, "stop_id": f"s{n + 3}", "stop_lat": 0.01, "stop_lon": 3 + 0.01 * (n - 1)} for n in (1, 2, 3)]
    plan = [*PLAN, trip(5, "08:00", "08:05", "08:10", stops=(4, 5, 6), route_key=2)]
    away = [row | {"latitude": 0.01} for row in leg("08:01", 3.0, 3.02, block)]
    day = service_day(plan, [*away, *leg("08:00", 3.0, 3.02, "b", vehicle="other")], stops=[*STOPS, *north])
    assert [row[:2] for row in performed(day)] == [(1, "block"), (5, "route")]


def test_a_trip_that_is_named_is_not_asked_of_the_block():
    named = [row | {"trip_id_scheduled": "t4"} for row in leg("08:33", 3.0, 3.02)]
    day = service_day(PLAN, [*named, *leg("08:00", 3.0, 3.02, vehicle="other")], stops=STOPS)
    assert [row[:2] for row in performed(day)] == [(1, "block"), (4, "trip_id")]


@pytest.mark.parametrize(
    ("line", "log", "day", "expected"),
    [
        ("S2", "S2_2113", dt.date(2016, 4, 29), {"877611130": 27}),
        ("5A", "5A_8062", dt.date(2016, 5, 5), {"868590120": 6, "868588920": 1}),  # the record ends soon after the second departure
    ],
)
def test_logs_of_washington_s_buses_become_trips_and_stop_visits(
    line: str, log: str, day: dt.date, expected: dict[str, int], shared_data: Path, tmp_path: Path
):
    feed, logs = tmp_path / "feed.zip", tmp_path / "logs.zip"
    with zipfile.ZipFile(shared_data / "avl" / "washington_wmata_bus_2016.zip") as whole:
        with zipfile.ZipFile(feed, "w") as part:
            for name in whole.namelist():
                if name.startswith(f"gtfs_{line}/") and not name.endswith("/t.txt"):
                    part.writestr(name.split("/")[1], whole.read(name))
        with zipfile.ZipFile(logs, "w") as part:
            part.writestr(f"{log}.csv", whole.read(f"avl/{log}.csv"))
    with init_node(tmp_path / "node") as node:
        node.catalogue.add_city(City("washington", "Washington", "US", "America/New_York"))
        schedule = node.catalogue.add_source(Source("washington", "gtfs", str(feed)))
        collect(node, "washington")
        ingest(node, "washington", [logs])
        reconstruct(node, "washington", day)
        paths = node.days.paths(schedule.id, day, PERFORMED)
        trips, visits = (
            [row for path in paths[name] for row in pq.read_table(path).to_pylist()] for name in ("trips_performed", "stop_visits")
        )
    observed = [row for row in trips if row["is_observed"]]
    assert {row["match_method"] for row in observed} == {"block"}
    timed = {
        row["trip_id_scheduled"]: sum(v["trip_id_performed"] == row["trip_id_performed"] and v["method"] is not None for v in visits)
        for row in observed
    }
    assert timed == expected
