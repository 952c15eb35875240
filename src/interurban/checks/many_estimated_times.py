"""So many stop times are blank that times at stops are mostly our estimate."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, share_of_rows
from interurban.model import Severity

CHECK = Check("many_estimated_times", Severity.WARNING, "stop_times.txt", "arrival_time", "< 20 %")
SHARE = 0.2


def find(given: Given) -> Table | None:
    """One finding when at least `SHARE` of all stop times were blank: how many, and their share.

    Not of those served on demand within a window, which have no times by the reference.
    """
    times = given.tables["stop_times"]
    if "start_pickup_drop_off_window" in times.columns:
        times = times.filter(times.start_pickup_drop_off_window.isnull())
    return share_of_rows(CHECK, times, times.is_estimated | times.arrival_time.isnull(), SHARE)
