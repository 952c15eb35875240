"""Services that trips use but that run on no date: those trips never run."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings
from interurban.metrics.service_dates import service_dates
from interurban.model import Severity

CHECK = Check("service_without_dates", Severity.WARNING, "calendar.txt", "service_id")


def find(given: Given) -> Table | None:
    """One finding per service, with the number of its trips."""
    trips = given.tables["trips"].filter(lambda t: t.service_key.notnull())
    idle = trips.anti_join(service_dates(given.tables), "service_key")
    services = idle.group_by("service_id").agg(trips=idle.count())
    return findings(CHECK, services, id=services.service_id, count=services.trips)
