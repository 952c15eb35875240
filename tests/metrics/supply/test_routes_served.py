from __future__ import annotations

from small_lake import MONDAY, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.routes_served import routes_served
from interurban.model import Scope


def test_routes_with_a_trip_that_day():
    # Route 1 twice, route 2 once, route 3 not on a Monday, one trip of an unknown route.
    tables = make_lake(
        [
            trip(1, "08:00", "09:00"),
            trip(2, "09:00", "10:00"),
            trip(3, "08:00", "09:00", route_key=2),
            trip(4, "08:00", "09:00", route_key=3, service_key=2),
            trip(5, "08:00", "09:00", route_key=None),
        ]
    )
    facts = runs(tables, Scope(dates=(MONDAY,)))
    assert rows_of(routes_served(facts)) == [{"service_date": MONDAY, "routes": 2, "n": 3}]
    assert rows_of(routes_served(facts.limit(0), ())) == [{"routes": 0, "n": 0}]
