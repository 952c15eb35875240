"""Stop times that depart before they arrive: the time spent at the stop is negative."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, clock, findings
from interurban.model import Severity

CHECK = Check("departure_before_arrival", Severity.ERROR, "stop_times.txt", "departure_time", "≥ arrival_time")


def find(given: Given) -> Table | None:
    """One finding per stop time, under its trip."""
    times = given.tables["stop_times"]
    wrong = times.filter(times.departure_time < times.arrival_time)
    wrong = wrong.join(given.tables["trips"][["trip_key", "trip_id"]], "trip_key")
    value = clock(wrong.departure_time) + " < " + clock(wrong.arrival_time)
    return findings(CHECK, wrong, id=wrong.trip_id, value=value)
