from __future__ import annotations

import datetime as dt

import pytest
from departures import visits_at, visits_table
from small_lake import MONDAY, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.headway import AT_STOP_PER_ROUTE, headway
from interurban.metrics.visits import visits
from interurban.model import Scope


def headway_rows(*groups, **options):
    return rows_of(headway(visits_table(*groups), **options), *options.get("by", ("stop_id", "direction_id")))


def test_known_headways():
    # Gaps 10, 20, 10: median 10, mean 40 / 3, p90 of (10, 10, 20) at place 0.9 x 2 = 1.8: 10 + 0.8 x 10 = 18.
    assert headway_rows(visits_at("7:40", "7:00", "7:30", "7:10")) == [
        {"service_date": MONDAY, "stop_id": "s1", "direction_id": 0, "n": 3, "headway_median_min": 10.0,
         "headway_mean_min": pytest.approx(40 / 3), "headway_max_min": 20.0, "headway_p90_min": pytest.approx(18.0)}
    ]  # fmt: skip


def test_median_of_an_even_number_is_the_mean_of_the_middle_two():
    # Gaps 1, 2, 3, 4 minutes: 2.5.
    assert headway_rows(visits_at("7:00", "7:01", "7:03", "7:06", "7:10"))[0]["headway_median_min"] == 2.5


def test_no_headway_without_two_departures():
    assert headway_rows() == []
    assert headway_rows(visits_at("7:00")) == []
    assert rows_of(headway(visits_table(visits_at("7:00")), by=()))[0]["n"] == 0


def test_past_midnight_belongs_to_its_service_day():
    found = headway_rows(visits_at("23:50", "24:10", "25:35"), visits_at("0:05", service_date=MONDAY + dt.timedelta(1)))
    assert [(row["n"], row["headway_max_min"]) for row in found] == [(2, 85.0)]


def test_a_missing_direction_is_a_direction_of_its_own():
    found = headway_rows(visits_at("7:00", "7:30", direction_id=0), visits_at("7:10", "7:50", direction_id=None))
    assert {row["direction_id"]: row["headway_mean_min"] for row in found} == {0: 30.0, None: 40.0}


def test_routes_at_a_stop_are_pooled_unless_asked_apart():
    two = visits_at("7:00", "7:20"), visits_at("7:10", "7:30", route_key=2)
    assert [row["headway_mean_min"] for row in headway_rows(*two)] == [10.0]
    apart = headway_rows(*two, by=("route_id",), within=AT_STOP_PER_ROUTE)
    assert [(row["route_id"], row["headway_mean_min"]) for row in apart] == [("r1", 20.0), ("r2", 20.0)]


def test_pooling_stops_counts_each_headway_once():
    # Stop 1: gaps 10, 10; stop 2: gap 40. Pooled mean 60 / 3, not (10 + 40) / 2.
    found = rows_of(
        headway(visits_table(visits_at("7:00", "7:10", "7:20"), visits_at("7:00", "7:40", stop_key=2)), by=())
    )
    assert (found[0]["n"], found[0]["headway_mean_min"]) == (3, 20.0)


def test_a_loop_trip_that_calls_twice_counts_twice_and_its_end_never():
    # Stops 5, 6, 5, 7, 5: departures from 5 at 8:00 and 8:20, its last call at 8:40 is the end.
    tables = make_lake([{**trip(1, "8:00", "8:10", "8:20", "8:30", "8:40"), "stops": [5, 6, 5, 7, 5]}])
    scope = Scope(dates=(MONDAY,))
    found = rows_of(headway(visits(runs(tables, scope), tables, scope)))
    assert [(row["stop_id"], row["n"], row["headway_mean_min"]) for row in found] == [("s5", 1, 20.0)]


def test_frequencies_make_even_headways():
    tables = make_lake(
        [trip(1, "0:00", "0:05", "0:10")],
        frequencies=[{"trip_key": 1, "start_time": 21600, "end_time": 25200, "headway_secs": 600}],
    )
    scope = Scope(dates=(MONDAY,))
    found = rows_of(headway(visits(runs(tables, scope), tables, scope)), "stop_id")
    # 6:00 to 6:50 are 6 departures, 5 gaps; the last stop has none.
    assert [(row["stop_id"], row["n"], row["headway_max_min"]) for row in found] == [("s1", 5, 10.0), ("s2", 5, 10.0)]
