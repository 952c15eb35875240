from __future__ import annotations

from small_lake import MONDAY, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.stops_served import stops_served
from interurban.model import Scope


def test_distinct_stops_of_runs():
    # Trip 1: stops 1, 2, 3. Trip 2: 3, 2, 1 on route 2. Trip 3 is a loop 4, 5, 4. Trip 4 does not run.
    tables = make_lake(
        [
            trip(1, "08:00", "08:10", "08:20"),
            {**trip(2, "08:00", "08:10", "08:20", route_key=2), "stops": [3, 2, 1]},
            {**trip(3, "08:00", "08:10", "08:20", direction_id=None), "stops": [4, 5, 4]},
            {**trip(4, "08:00", "08:10", service_key=9), "stops": [8, 9]},
        ]
    )
    facts = runs(tables, Scope(dates=(MONDAY,)))
    assert rows_of(stops_served(facts, tables["patterns"])) == [{"service_date": MONDAY, "stops": 5, "n": 3}]
    by = rows_of(stops_served(facts, tables["patterns"], ("route_id", "direction_id")), "route_id", "stops")
    assert by == [
        {"route_id": "r1", "direction_id": None, "stops": 2, "n": 1},
        {"route_id": "r1", "direction_id": 0, "stops": 3, "n": 1},
        {"route_id": "r2", "direction_id": 0, "stops": 3, "n": 1},
    ]


def test_no_runs():
    tables = make_lake([])
    facts = runs(tables, Scope(dates=(MONDAY,)))
    assert rows_of(stops_served(facts, tables["patterns"], ())) == [{"stops": 0, "n": 0}]
