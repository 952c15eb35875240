from __future__ import annotations

import pytest
from performed import calls, one_row, rows_of, stop_visits, trip, trips_performed

from interurban.metrics.reliability.cancellations import cancellations
from interurban.metrics.reliability.completeness import completeness
from interurban.metrics.reliability.excess_wait import excess_wait
from interurban.metrics.reliability.on_time_share import on_time_share
from interurban.metrics.reliability.service_delivered import service_delivered

OBSERVED = {"is_observed": True, "coverage": 1.0}
ADDED = {"is_observed": True, "trip_key": None, "run": None, "schedule_relationship": "Added"}


def test_example_g():
    trips = [OBSERVED] * 108 + [{"is_canceled": True}] * 3 + [{}] * 9 + [ADDED] * 4
    found = one_row(service_delivered(trips_performed(trips), ()))
    assert (found["n"], found["observed"], found["canceled"], found["silent"], found["added"]) == (120, 108, 3, 9, 4)
    assert (found["delivered_low"], found["delivered_high"]) == (0.9, 0.975)
    assert found["canceled_share"] == 0.025 and round(found["with_added_share"], 3) == 0.933


def test_canceled_but_observed_ran():
    trips = trips_performed([OBSERVED | {"is_canceled": True, "schedule_relationship": "Canceled"}, {"is_canceled": True}, OBSERVED])
    delivered, off = one_row(service_delivered(trips, ())), one_row(cancellations(trips, ()))
    assert delivered["delivered_low"] == delivered["delivered_high"] == pytest.approx(2 / 3)
    assert (off["canceled"], off["canceled_but_observed"], off["added"]) == (2, 1, 0)


def test_several_vehicles_on_a_trip_are_one_trip():
    twice = [OBSERVED | {"trip_key": 7}, OBSERVED | {"trip_key": 7, "schedule_relationship": "Duplicated"}, {"trip_key": 8}]
    found = one_row(service_delivered(trips_performed(twice), ()))
    assert (found["n"], found["observed"], found["added"]) == (2, 1, 0)


def test_runs_of_a_frequency_based_trip_are_trips_of_their_own():
    runs = [OBSERVED | {"trip_key": 7, "run": run, "is_frequency_based": True} for run in range(3)] + [{"trip_key": 7, "run": 3}]
    assert one_row(service_delivered(trips_performed(runs), ()))["delivered_low"] == 0.75


def test_routes_without_realtime_may_be_left_out():
    trips = trips_performed([OBSERVED, {}, {"route_id": "r2"}, {"route_id": "r2"}])
    assert one_row(service_delivered(trips, ()))["delivered_low"] == 0.25
    assert one_row(service_delivered(trips, (), covered_routes_only=True))["delivered_low"] == 0.5


def test_nothing_scheduled():
    found = one_row(service_delivered(trips_performed([ADDED]), ()))
    assert found["n"] == 0 and found["delivered_low"] is None


def test_completeness_in_four_ways():
    # Four trips of ten stops: one never seen, one timed at five stops.
    stops = [{"sched": 28_800 + 60 * i, "dep": 28_800 + 60 * i, "arr": 28_800 + 60 * i} for i in range(10)]
    unseen = [{"sched": stop["sched"]} for stop in stops]
    visits = stop_visits(trip(1, stops), trip(2, stops), trip(3, [*stops[:5], *unseen[5:]]), trip(4, unseen))
    tracked = {"minutes": 10, "minutes_tracked": 8, "positions": 30, "positions_near_shape": 27}
    trips = trips_performed([
        OBSERVED | tracked, OBSERVED | tracked, OBSERVED | {"coverage": 0.5, "minutes": 4, "minutes_tracked": 1, "positions": 9}, {},
    ])  # fmt: skip
    found = one_row(completeness(visits, trips, ()))
    assert found["trips_timed_share"] == found["trips_seen_share"] == 0.75
    assert found["visits_timed_share"] == found["visits_usable_share"] == 25 / 40
    assert found["minutes_tracked_share"] == pytest.approx(17 / 24)
    # The third trip was not compared with a shape: its positions say nothing (nor do they count as near).
    assert (found["positions"], found["positions_near_shape_share"]) == (60, 0.9)
    assert found["n"] == 4 and not found["is_ranked"]


def test_what_was_called_off_is_a_failure_and_not_unknown():
    # Ten promised departures: seven on time, two of canceled trips and one at a skipped stop; an eleventh nobody saw.
    seen = calls(["8:00"] * 7, ["8:00"] * 7)
    off = calls(["8:00"] * 2, [None] * 2, is_trip_canceled=True) + calls(["8:00"], [None], schedule_relationship="Skipped")
    visits = stop_visits(seen, off)
    complete = one_row(completeness(visits, trips_performed([]), ()))
    assert (complete["visits"], complete["visits_usable_share"], complete["is_ranked"]) == (7, 1.0, True)
    on_time = one_row(on_time_share(visits, ()))
    assert (on_time["n_scheduled"], on_time["on_time_of_scheduled"], on_time["coverage"]) == (10, 0.7, 1.0)
    more = stop_visits(seen, off, calls(["8:00"], [None]))
    assert one_row(on_time_share(more, ()))["coverage"] == 7 / 8
    assert one_row(completeness(more, trips_performed([]), ()))["visits_timed_share"] == 7 / 8


def test_a_canceled_departure_makes_those_wait_to_whom_it_was_promised():
    # Every ten minutes promised, the second of four called off: gaps 20 and 10 where 10, 10 and 10 were promised.
    promised = ["8:00", "8:10", "8:20", "8:30"]
    kept = calls(promised, promised)
    kept[1] |= {"actual_departure_time": None, "method": None, "schedule_relationship": "Missing", "is_trip_canceled": True}
    found = one_row(excess_wait(stop_visits(kept), ()))
    # (20^2 + 10^2) / (2 * 30) - 5
    assert found["excess_wait_min"] == pytest.approx(10 / 3)
    assert found["coverage"] == 1.0


def test_the_gate_is_at_eighty_percent():
    def ranked(seen: int) -> bool:
        visits = stop_visits(calls(["8:00"] * 10, ["8:00"] * seen + [None] * (10 - seen)))
        return rows_of(completeness(visits, trips_performed([]), ("route_id",)))[0]["is_ranked"]

    assert ranked(8) and not ranked(7)
