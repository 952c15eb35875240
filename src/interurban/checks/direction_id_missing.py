"""Trips without a direction: headways of the two directions cannot be told apart."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, share_of_rows
from interurban.model import Severity

CHECK = Check("direction_id_missing", Severity.WARNING, "trips.txt", "direction_id", "0, 1")


def find(given: Given) -> Table | None:
    """One finding: how many trips, and their share."""
    trips = given.tables["trips"]
    return share_of_rows(CHECK, trips, trips.direction_id.isnull())
