from __future__ import annotations

from small_lake import MONDAY, clock, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.span import span
from interurban.model import Scope


def test_first_to_last_departure_and_hours_with_one():
    # 06:00, 06:30 and 24:30: 18.5 h, in the hours 6 and 24; the untimed run is not counted.
    tables = make_lake(
        [trip(1, "06:30", "07:00"), trip(2, "06:00", "06:20"), trip(3, "24:30", "25:00"), trip(4, "", "", route_key=2)]
    )
    facts = runs(tables, Scope(dates=(MONDAY,)))
    assert rows_of(span(facts), "route_id") == [
        {
            "service_date": MONDAY, "route_id": "r1", "direction_id": 0, "first_departure_s": clock("06:00"),
            "last_departure_s": clock("24:30"), "span_h": 18.5, "hours_with_departure": 2, "n": 3,
        },
        {
            "service_date": MONDAY, "route_id": "r2", "direction_id": 0, "first_departure_s": None,
            "last_departure_s": None, "span_h": None, "hours_with_departure": 0, "n": 0,
        },
    ]  # fmt: skip
