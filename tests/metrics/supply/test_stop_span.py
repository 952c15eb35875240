from __future__ import annotations

from small_lake import MONDAY, clock, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.stop_span import stop_span
from interurban.metrics.visits import visits
from interurban.model import Scope


def test_departures_at_stops_without_the_last_stop():
    # Stop 2 is left at 05:59 and 23:50; stop 3 is where the trips end.
    tables = make_lake([trip(1, "05:50", "05:58-05:59", "06:10"), trip(2, "23:40", "23:50", "24:10")])
    scope = Scope(dates=(MONDAY,))
    found = rows_of(stop_span(visits(runs(tables, scope), tables, scope), ("stop_id",)), "stop_id")
    assert [(row["stop_id"], row["first_departure_s"], row["last_departure_s"], row["n"]) for row in found] == [
        ("s1", clock("05:50"), clock("23:40"), 2), ("s2", clock("05:59"), clock("23:50"), 2),
    ]  # fmt: skip
    assert [row["hours_with_departure"] for row in found] == [2, 2]
