"""Agencies in several time zones: times of one feed must share one zone, or departures shift by hours."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings
from interurban.model import Severity

CHECK = Check("several_time_zones", Severity.ERROR, "agency.txt", "agency_timezone")


def find(given: Given) -> Table | None:
    """One finding per time zone when there are several."""
    agencies = given.tables["agency"].filter(lambda t: t.agency_timezone.notnull())
    zones = agencies.group_by("agency_timezone").agg(agency=agencies.agency_id.min(), agencies=agencies.count())
    zones = zones.mutate(number=zones.count().over(ibis.window()))
    several = zones.filter(zones.number > 1)
    return findings(CHECK, several, id=several.agency, value=several.agency_timezone, count=several.agencies)
