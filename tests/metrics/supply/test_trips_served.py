from __future__ import annotations

import datetime as dt

from small_lake import MONDAY, clock, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.trips_served import trips_served
from interurban.model import Scope

TUESDAY = dt.date(2024, 1, 2)


def test_expanded_trips_by_date_and_direction():
    # Trip 1 once a day; trip 2 at 06:00, 06:20, 06:40: 4 trips a day, 3 of them by frequency.
    tables = make_lake(
        [trip(1, "08:00", "09:00", direction_id=None), trip(2, "00:00", "00:10", direction_id=0)],
        frequencies=[{"trip_key": 2, "start_time": clock("06:00"), "end_time": clock("07:00"), "headway_secs": 1200}],
    )
    facts = runs(tables, Scope(dates=(MONDAY, TUESDAY)))
    assert rows_of(trips_served(facts), "service_date") == [
        {"service_date": MONDAY, "trips": 4, "trips_by_frequency": 3, "n": 4},
        {"service_date": TUESDAY, "trips": 4, "trips_by_frequency": 3, "n": 4},
    ]
    assert rows_of(trips_served(facts, ())) == [{"trips": 8, "trips_by_frequency": 6, "n": 8}]
    # An unknown direction is a group of its own, not direction 0.
    assert {r["direction_id"]: r["trips"] for r in rows_of(trips_served(facts, ("direction_id",)))} == {None: 2, 0: 6}


def test_no_runs():
    facts = runs(make_lake([]), Scope(dates=(MONDAY,)))
    assert rows_of(trips_served(facts, ())) == [{"trips": 0, "trips_by_frequency": 0, "n": 0}]
    assert rows_of(trips_served(facts)) == []
