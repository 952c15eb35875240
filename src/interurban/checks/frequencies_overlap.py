"""Frequency rows of one trip that overlap: departures are promised twice."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, Given, clock, findings
from interurban.model import Severity

CHECK = Check("frequencies_overlap", Severity.ERROR, "frequencies.txt", "start_time", "≥ end_time")


def find(given: Given) -> Table | None:
    """One finding per row that starts before an earlier row of its trip ends."""
    rows = given.tables["frequencies"]
    earlier = ibis.window(group_by=rows.trip_key, order_by=[rows.start_time, rows.end_time], preceding=(None, 1))
    rows = rows.mutate(before=rows.end_time.max().over(earlier))
    wrong = rows.filter(rows.start_time < rows.before).join(given.tables["trips"][["trip_key", "trip_id"]], "trip_key")
    return findings(CHECK, wrong, id=wrong.trip_id, value=clock(wrong.start_time) + " < " + clock(wrong.before))
