"""Frequency-based trips with blank stop times: running times between stops are guesses for every departure."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings
from interurban.model import Severity

CHECK = Check("frequency_trip_with_blank_times", Severity.WARNING, "stop_times.txt", "arrival_time")


def find(given: Given) -> Table | None:
    """One finding per trip, with the number of blank rows."""
    times = given.tables["stop_times"].semi_join(given.tables["frequencies"], "trip_key")
    blank = times.filter(times.is_estimated | times.arrival_time.isnull())
    trips = blank.group_by("trip_key").agg(rows=blank.count())
    trips = trips.join(given.tables["trips"][["trip_key", "trip_id"]], "trip_key")
    return findings(CHECK, trips, id=trips.trip_id, count=trips.rows)
