"""Trips whose service_id no calendar knows: they never run."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings
from interurban.model import Severity

CHECK = Check("trip_without_service", Severity.ERROR, "trips.txt", "service_id")


def find(given: Given) -> Table | None:
    """One finding per service_id, with the number of trips."""
    trips = given.tables["trips"]
    wrong = trips.filter(trips.service_key.isnull())
    lost = wrong.group_by("service_id").agg(trips=wrong.count())
    return findings(CHECK, lost, id=lost.service_id, count=lost.trips)
