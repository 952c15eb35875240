from __future__ import annotations

from small_lake import MONDAY, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.service_hours import service_hours
from interurban.model import Scope


def hours_of(*trips, by=()):
    return rows_of(service_hours(runs(make_lake(trips), Scope(dates=(MONDAY,))), by))


def test_first_departure_to_last_arrival_past_midnight():
    # 08:00-08:30 is 1800 s; 23:50-25:50 is 7200 s; together 9000 s = 2.5 h.
    # The 5 minutes before the first departure and after the last arrival do not count.
    found = hours_of(trip(1, "07:55-08:00", "08:30-08:35"), trip(2, "23:50", "25:50"))
    assert found == [{"service_hours": 2.5, "known_share": 1.0, "n": 2}]


def test_unknown_and_backward_times_lower_the_share():
    found = hours_of(trip(1, "08:00", "09:00"), trip(2, "", ""), trip(3, "09:00", "08:00"), trip(4, "08:00", "08:00"))
    assert found == [{"service_hours": 1.0, "known_share": 0.5, "n": 2}]


def test_nothing_known_is_not_zero():
    assert hours_of(trip(1, "", "")) == [{"service_hours": None, "known_share": 0.0, "n": 0}]
    assert hours_of() == [{"service_hours": None, "known_share": None, "n": 0}]


def test_by_mode_and_route():
    found = hours_of(trip(1, "08:00", "09:00"), trip(2, "08:00", "08:30", route_key=2), by=("mode", "route_id"))
    assert sorted((row["mode"], row["route_id"], row["service_hours"]) for row in found) == [
        ("bus", "r1", 1.0), ("bus", "r2", 0.5),
    ]  # fmt: skip
