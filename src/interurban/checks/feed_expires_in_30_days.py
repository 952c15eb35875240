"""The last day of service is more than a week but at most 30 days away."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given
from interurban.checks.last_day import ends_within
from interurban.model import Severity

CHECK = Check("feed_expires_in_30_days", Severity.INFO, "calendar.txt", "end_date", "> 30 d")


def find(given: Given) -> Table | None:
    """One finding, with the last day; silent without a reference date."""
    return ends_within(CHECK, given, 8, 30)
