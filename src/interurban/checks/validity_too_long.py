"""Calendars valid for years: no timetable stays the same so long, so most of those dates describe nothing."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, day, findings
from interurban.model import Severity

CHECK = Check("validity_too_long", Severity.WARNING, "calendar.txt", "end_date", "≤ 3 a")
MAX_DAYS = 3 * 366


def find(given: Given) -> Table | None:
    """One finding per calendar row longer than `MAX_DAYS` whose service a trip uses."""
    calendar = given.tables["calendar"]
    wrong = calendar.filter(calendar.end_date.delta(calendar.start_date, unit="day") > MAX_DAYS)
    wrong = wrong.semi_join(given.tables["trips"], "service_key")
    value = day(wrong.start_date) + " … " + day(wrong.end_date)
    return findings(CHECK, wrong, id=wrong.service_id, value=value)
