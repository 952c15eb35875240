"""Stop times where nobody may board or alight: they are no service to passengers."""

from __future__ import annotations

from ibis.expr.types import Table

from interurban.checks.check import Check, Given, share_of_rows
from interurban.model import Severity

CHECK = Check("stop_times_not_for_passengers", Severity.INFO, "stop_times.txt", "pickup_type")


def find(given: Given) -> Table | None:
    """One finding: how many rows have pickup_type = 1 and drop_off_type = 1, and their share."""
    times = given.tables["stop_times"]
    return share_of_rows(CHECK, times, (times.pickup_type == 1) & (times.drop_off_type == 1))
