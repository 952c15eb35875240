"""Service hours in motion."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.sums import duration_s
from interurban.model import Metric

METRIC = Metric(id="service_hours", unit="h", direction="higher_better", grain=("service_date",), inputs=("runs",))


def service_hours(runs: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Hours that vehicles spend on trips, from first departure to last arrival.

    hours = sum(end_s - start_s) / 3600

    Stops on the way are included, layover between trips is not (`service_hours_with_layover`). The last time is the
    arrival at the last stop; gtfs_kit takes the departure there, which differs where a feed gives a dwell at the end.

    Grain: one row per `by`; columns service_hours float64, known_share float64 (runs with a duration among all runs),
        n int64 (runs with a duration).
    Args:
        runs: the fact of that name; for a window of the day, `starting_in_window` of it.
        by: columns to report by; () is the whole network.
    Missing: runs whose times are unknown, or that end before they start, are left out and lower known_share; where no
        run has a duration, service_hours is NULL.
    Source: gtfs_kit `compute_network_stats` (last departure); Cal-ITP (last arrival - first departure).
    Example: runs 08:00-08:30 and 25:00-26:00 give 1.5 h.
    """
    timed = runs.mutate(_duration_s=duration_s(runs))
    return timed.aggregate(
        by=list(by),
        service_hours=timed._duration_s.sum() / 3600,
        known_share=timed._duration_s.count() / timed.count().nullif(0),
        n=timed._duration_s.count(),
    )
