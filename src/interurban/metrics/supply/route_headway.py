"""Headway of route directions at their first stops."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.headways import headway_summary, headways, starts
from interurban.model import Metric

METRIC = Metric(
    id="route_headway",
    unit="min",
    direction="lower_better",
    grain=("service_date", "route_id", "direction_id"),
    inputs=("runs",),
)

ROUTE_DIRECTION = ("service_date", "route_key", "direction_id")


def route_headway(
    runs: Table,
    by: Sequence[str] = METRIC.grain,
    within: Sequence[str] = ROUTE_DIRECTION,
    window_s: tuple[int, int] | None = None,
) -> Table:
    """Minutes between successive starts of a route in one direction.

    h_i = start_i - start_(i-1) of one route and direction on one service date; both starts inside the window

    Starts of all patterns are one series, so a branch or a short trip shortens the headway though no single stop
    sees both: `headway` says what is seen at a stop.

    Grain: one row per `by`; columns n int64 (headways), headway_median_min, headway_mean_min, headway_max_min,
    headway_p90_min float64.

    Args:
        runs: the fact of that name, any order.
        by: columns to report by; () is the whole network.
        within: what a series of starts is; without direction_id the two directions are mixed.
        window_s: starts in [from, to), seconds from the service-day origin.

    Missing: a direction with fewer than 2 starts gives no row; a missing direction is a direction of its own.
    Source: mean of start gaps as in gtfs_kit `compute_route_stats(split_directions=True)`.

    Example:
        starts at 7:00, 7:30 and 8:10 give n = 2, mean and median 35, longest 40 minutes.
    """
    return headway_summary(headways(starts(runs, window_s), within), by)
