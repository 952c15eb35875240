"""Trips without a shape: their distance and speed are unknown."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, share_of_rows
from interurban.model import Severity

CHECK = Check("trips_without_shape", Severity.WARNING, "trips.txt", "shape_id")


def find(given: Given) -> Table | None:
    """One finding: how many trips, and their share."""
    trips = given.tables["trips"]
    return share_of_rows(CHECK, trips, trips.shape_key.isnull())
