"""Services that no trip uses."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings
from interurban.model import Severity

CHECK = Check("service_never_used", Severity.INFO, "calendar.txt", "service_id")


def find(given: Given) -> Table | None:
    """One finding per service."""
    calendar, exceptions = given.tables["calendar"], given.tables["calendar_dates"]
    services = calendar.select("service_key", "service_id").union(exceptions.select("service_key", "service_id"))
    unused = services.distinct().anti_join(given.tables["trips"], "service_key")
    return findings(CHECK, unused, id=unused.service_id)
