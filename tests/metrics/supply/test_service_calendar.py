from __future__ import annotations

import datetime as dt

from small_lake import MONDAY, clock, make_lake, rows_of, service, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.service_calendar import service_calendar
from interurban.metrics.supply.trips_served import trips_served
from interurban.model import Scope

SATURDAY, SUNDAY = dt.date(2024, 1, 6), dt.date(2024, 1, 7)
TABLES = make_lake(
    [
        trip(1, "08:00", "09:00"),
        trip(2, "09:00", "10:00"),
        trip(3, "00:00", "00:10", service_key=2, route_key=2),
        trip(4, service_key=2),
    ],
    calendar=[service(1, end=dt.date(2024, 1, 14)), service(2, days=["sunday"], end=dt.date(2024, 1, 28))],
    frequencies=[{"trip_key": 3, "start_time": clock("06:00"), "end_time": clock("07:00"), "headway_secs": 1200}],
)


def test_services_and_expanded_trips_of_each_date():
    # Service 1 has 2 trips every day to the 14th, service 2 has 3 departures on Sundays to the 28th.
    found = {row["date"]: row for row in rows_of(service_calendar(TABLES))}
    assert len(found) == 14 + 2
    assert found[SATURDAY] == {"date": SATURDAY, "active_services": 1, "trips": 2, "n": 2}
    assert found[SUNDAY] == {"date": SUNDAY, "active_services": 2, "trips": 5, "n": 5}
    assert found[dt.date(2024, 1, 21)]["trips"] == 3


def test_agrees_with_the_runs_of_the_same_dates():
    dates = (MONDAY, SATURDAY, SUNDAY)
    from_runs = rows_of(trips_served(runs(TABLES, Scope(dates=dates))), "service_date")
    from_calendar = rows_of(service_calendar(TABLES, dates), "date")
    assert [row["trips"] for row in from_calendar] == [row["trips"] for row in from_runs] == [2, 2, 5]


def test_a_service_without_trips_is_active_all_the_same():
    tables = make_lake([], calendar=[service(end=MONDAY)])
    assert rows_of(service_calendar(tables)) == [{"date": MONDAY, "active_services": 1, "trips": 0, "n": 0}]


def test_filtered_trips():
    [found] = rows_of(service_calendar(TABLES, (SUNDAY,), Scope(dates=(), route_ids=("r2",))))
    assert (found["active_services"], found["trips"]) == (2, 3)
