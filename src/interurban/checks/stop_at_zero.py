"""Stops at or near latitude 0, longitude 0, which is open sea: the place was not filled in."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings
from interurban.model import Severity

CHECK = Check("stop_at_zero", Severity.ERROR, "stops.txt", "stop_lat")


def find(given: Given) -> Table | None:
    """One finding per stop within a degree of (0, 0)."""
    stops = given.tables["stops"]
    wrong = stops.filter(stops.stop_lat.abs() < 1, stops.stop_lon.abs() < 1)
    value = wrong.stop_lat.cast("string") + ", " + wrong.stop_lon.cast("string")
    return findings(CHECK, wrong, id=wrong.stop_id, value=value)
