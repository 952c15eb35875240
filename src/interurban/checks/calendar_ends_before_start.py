"""Calendar rows whose end is before their start: their service never runs."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, day, findings
from interurban.model import Severity

CHECK = Check("calendar_ends_before_start", Severity.ERROR, "calendar.txt", "end_date", "≥ start_date")


def find(given: Given) -> Table | None:
    """One finding per calendar row."""
    calendar = given.tables["calendar"]
    wrong = calendar.filter(calendar.end_date < calendar.start_date)
    value = day(wrong.start_date) + " … " + day(wrong.end_date)
    return findings(CHECK, wrong, id=wrong.service_id, value=value)
