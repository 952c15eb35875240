"""Routes served."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.model import Metric

METRIC = Metric(id="routes_served", unit="routes", direction="higher_better", grain=("service_date",), inputs=("runs",))


def routes_served(runs: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Routes with at least one trip.

    routes = number of distinct route_id among the runs

    Grain: one row per `by`; columns routes int64, n int64 (runs of a known route). Without service_date in `by` a
        route counts once, however many dates it runs on.
    Args:
        runs: the fact of that name.
        by: columns to report by; () is the whole network.
    Missing: runs of an unknown route are not counted.
    Source: gtfs_kit `compute_network_stats`; indicator catalogue, pt_routes_in_service.
    Example: three runs of route A and one of B give routes 2, n 4.
    """
    return runs.aggregate(by=list(by), routes=lambda t: t.route_key.nunique(), n=lambda t: t.route_key.count())
