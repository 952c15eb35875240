"""Peak vehicles."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.simultaneous import most_simultaneous
from interurban.model import Metric

METRIC = Metric(id="peak_vehicles", unit="vehicles", direction="neutral", grain=("service_date",), inputs=("runs",))


def peak_vehicles(runs: Table, by: Sequence[str] = METRIC.grain, window_s: tuple[int, int] | None = None) -> Table:
    """The largest number of runs in motion at one time, and when that is first so.

    A run is in motion from its first departure up to its last arrival, [start_s, end_s): a run that ends at t and one
    that starts at t may be the same vehicle.

    Grain: one row per `by`; columns peak_vehicles int64, service_date, peak_from_s, peak_to_s int64 (seconds from the
        service-day origin: the first interval of the earliest date with that many), n int64 (runs with a duration).
    Args:
        runs: the fact of that name.
        by: columns to report by; () is the whole network and gives the peak of the largest day.
        window_s: only the time inside [from, to).
    Missing: runs of unknown times or without duration are left out; a group with no other run gives no row. Runs of
        the service day before that are still on the road after midnight are not added.
    Source: gtfs_kit `peak_num_trips`, `peak_start_time`, `peak_end_time`.
    Example: runs 08:00-08:20, 08:10-08:30 and 08:20-08:40 give 2 vehicles from 08:10 to 08:30.
    """
    peak = most_simultaneous(runs.rename(from_s="start_s", to_s="end_s"), by, window_s)
    return peak.rename(peak_vehicles="most", peak_from_s="from_s", peak_to_s="to_s")
