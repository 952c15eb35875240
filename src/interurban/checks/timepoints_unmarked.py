"""No stop time says whether it is a timepoint: all are taken as exact."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings
from interurban.model import Severity

CHECK = Check("timepoints_unmarked", Severity.INFO, "stop_times.txt", "timepoint", "0, 1")


def find(given: Given) -> Table | None:
    """One finding when `timepoint` is blank in every row, with the number of rows."""
    times = given.tables["stop_times"]
    total = times.aggregate(rows=times.count(), marked=times.timepoint.count())
    unmarked = total.filter(total.rows > 0, total.marked == 0)
    return findings(CHECK, unmarked, count=unmarked.rows)
