"""Agencies without a route, in a feed of several."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings
from interurban.model import Severity

CHECK = Check("agency_unused", Severity.INFO, "agency.txt", "agency_id")


def find(given: Given) -> Table | None:
    """One finding per agency. A feed of one agency needs no reference to it, so it stays silent."""
    agencies = given.tables["agency"]
    agencies = agencies.mutate(number=agencies.count().over(ibis.window()))
    unused = agencies.filter(agencies.number > 1).anti_join(given.tables["routes"], "agency_id")
    return findings(CHECK, unused, id=unused.agency_id, value=unused.agency_name)
