"""The last day of service is at most a week away."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given
from interurban.checks.last_day import ends_within
from interurban.model import Severity

CHECK = Check("feed_expires_in_7_days", Severity.WARNING, "calendar.txt", "end_date", "> 7 d")


def find(given: Given) -> Table | None:
    """One finding, with the last day; silent without a reference date."""
    return ends_within(CHECK, given, 0, 7)
