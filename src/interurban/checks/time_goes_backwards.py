"""Stop times that arrive before the stop before was left: speeds and running times there are negative."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, Given, clock, findings
from interurban.model import Severity

CHECK = Check("time_goes_backwards", Severity.ERROR, "stop_times.txt", "arrival_time", "≥ departure_time")


def find(given: Given) -> Table | None:
    """One finding per stop time, under its trip; blank times before it are passed over."""
    times = given.tables["stop_times"].filter(lambda t: t.arrival_time.notnull() & t.departure_time.notnull())
    on_trip = ibis.window(group_by=times.trip_key, order_by=times.stop_sequence)
    times = times.mutate(left_before=times.departure_time.lag().over(on_trip))
    wrong = times.filter(times.arrival_time < times.left_before)
    wrong = wrong.join(given.tables["trips"][["trip_key", "trip_id"]], "trip_key")
    value = clock(wrong.arrival_time) + " < " + clock(wrong.left_before)
    return findings(CHECK, wrong, id=wrong.trip_id, value=value)
