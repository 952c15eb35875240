"""Trips that call nowhere: nobody can board them, and no metric counts them."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings
from interurban.model import Severity

CHECK = Check("trip_without_stop_times", Severity.ERROR, "trips.txt", "trip_id")


def find(given: Given) -> Table | None:
    """One finding per trip."""
    trips = given.tables["trips"]
    wrong = trips.filter(trips.stop_times_count == 0)
    return findings(CHECK, wrong, id=wrong.trip_id)
