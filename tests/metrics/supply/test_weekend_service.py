from __future__ import annotations

import datetime as dt

import pytest
from small_lake import MONDAY, make_lake, rows_of, service, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.weekend_service import weekend_service
from interurban.model import Scope

SUNDAY = dt.date(2024, 1, 7)
CALENDAR = (service(1), service(2, days=["monday", "tuesday"]))


def ratio_of(*trips, by=()):
    facts = runs(make_lake(trips, calendar=CALENDAR), Scope(dates=(MONDAY, dt.date(2024, 1, 2), SUNDAY)))
    return rows_of(weekend_service(facts, MONDAY, SUNDAY, by), *by)


def test_trips_hours_and_kilometres_of_two_dates():
    # Monday: 3 trips of 1 h and 10, 20, 20 km; Sunday: the first only. Tuesday is not looked at.
    found = ratio_of(
        trip(1, "08:00", "09:00", distance_m=10_000.0),
        trip(2, "09:00", "10:00", service_key=2, distance_m=20_000.0),
        trip(3, "10:00", "11:00", service_key=2, distance_m=20_000.0),
    )
    assert found == [
        {
            "trips_ratio": pytest.approx(1 / 3), "hours_ratio": pytest.approx(1 / 3), "distance_ratio": 0.2,
            "weekday_known_share": 1.0, "weekend_known_share": 1.0, "n_weekday": 3, "n_weekend": 1, "n": 4,
        }
    ]  # fmt: skip


def test_no_weekend_service_is_zero_and_unknown_distance_is_unknown():
    found = ratio_of(
        trip(1, "08:00", "09:00", route_key=1, service_key=2, distance_m=10_000.0),
        trip(2, "08:00", "09:00", route_key=2),
        by=("route_id",),
    )
    assert [(row["trips_ratio"], row["hours_ratio"], row["distance_ratio"]) for row in found] == [
        (0.0, 0.0, 0.0), (1.0, 1.0, None),
    ]  # fmt: skip
    assert found[1]["weekend_known_share"] == 0.0
