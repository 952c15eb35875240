from __future__ import annotations

import pytest
from small_lake import MONDAY, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.segment_speed import segment_speed
from interurban.metrics.visits import visits
from interurban.model import Scope


def speeds(trips, positions, by=("mode", "hour")):
    tables = make_lake(trips)
    rows = [
        {"pattern_key": given["trip_key"], "stop_sequence": number * 10 + 1, "stop_key": stop, "position_m": position}
        for given in trips
        for number, (stop, position) in enumerate(zip(given["stops"], positions, strict=True))
    ]
    patterns = make_lake(patterns=rows)["patterns"]
    scope = Scope(dates=(MONDAY,))
    return rows_of(segment_speed(visits(runs(tables, scope), tables, scope), patterns, by), *by)


def test_ratio_of_sums_without_dwell():
    # 500 m in 60 s, dwell 3 minutes, 700 m in 60 s: 1200 m / 120 s = 36 km/h.
    found = speeds([trip(1, "8:00", "8:01-8:04", "8:05")], [0.0, 500.0, 1200.0])
    assert found == [
        {
            "mode": "bus",
            "hour": 8,
            "speed_kmh": pytest.approx(36.0),
            "n": 2,
            "n_zero": 0,
            "known_share": 1.0,
            "estimated_share": 0.0,
        }
    ]


def test_hour_is_that_of_the_departure_and_runs_past_midnight():
    found = speeds([trip(1, "23:58", "24:04", "25:04")], [0.0, 1000.0, 11000.0])
    # 1 km in 6 minutes is 10 km/h, 10 km in an hour too; the second departs in hour 24.
    assert [(row["hour"], row["speed_kmh"]) for row in found] == [(23, pytest.approx(10.0)), (24, pytest.approx(10.0))]


def test_segments_of_no_time_are_left_out_and_counted():
    found = speeds([trip(1, "8:00", "8:00", "8:02")], [0.0, 900.0, 1900.0], by=())
    # Only 1000 m in 120 s stays: 30 km/h.
    assert found == [
        {"speed_kmh": pytest.approx(30.0), "n": 1, "n_zero": 1, "known_share": 1.0, "estimated_share": 0.0}
    ]


def test_unknown_positions_and_times_are_left_out():
    found = speeds([trip(1, "8:00", "8:02", "8:04", "8:06")], [0.0, 1000.0, None, None], by=())
    assert (found[0]["n"], found[0]["speed_kmh"], found[0]["known_share"]) == (
        1,
        pytest.approx(30.0),
        pytest.approx(1 / 3),
    )
    nothing = speeds([trip(1, "8:00", "8:02")], [None, None], by=())
    assert nothing == [{"speed_kmh": None, "n": 0, "n_zero": 0, "known_share": 0.0, "estimated_share": None}]


def test_single_segments_can_be_asked_for_and_loops_keep_them_apart():
    loop = {**trip(1, "8:00", "8:02", "8:04"), "stops": [5, 6, 5]}
    found = speeds([loop], [0.0, 1000.0, 3000.0], by=("stop_key", "next_stop_key"))
    assert [(row["stop_key"], row["next_stop_key"], row["speed_kmh"]) for row in found] == [
        (5, 6, pytest.approx(30.0)), (6, 5, pytest.approx(60.0)),
    ]  # fmt: skip
