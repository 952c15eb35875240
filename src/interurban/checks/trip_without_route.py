"""Trips whose route_id routes.txt does not have: no route, mode or operator counts them."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings
from interurban.model import Severity

CHECK = Check("trip_without_route", Severity.ERROR, "trips.txt", "route_id")


def find(given: Given) -> Table | None:
    """One finding per route_id, with the number of trips."""
    trips = given.tables["trips"]
    wrong = trips.filter(trips.route_key.isnull())
    lost = wrong.group_by("route_id").agg(trips=wrong.count())
    return findings(CHECK, lost, id=lost.route_id, count=lost.trips)
