"""Headway at stops."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.headways import headway_summary, headways, passenger_departures
from interurban.model import Metric

METRIC = Metric(
    id="headway",
    unit="min",
    direction="lower_better",
    grain=("service_date", "stop_id", "direction_id"),
    inputs=("visits",),
)

AT_STOP = ("service_date", "stop_key", "direction_id")
AT_STOP_PER_ROUTE = (*AT_STOP, "route_key")


def headway(
    visits: Table,
    by: Sequence[str] = METRIC.grain,
    within: Sequence[str] = AT_STOP,
    window_s: tuple[int, int] | None = None,
) -> Table:
    """Minutes between successive departures in passenger service at a stop.

    h_i = departure_i - departure_(i-1) at one stop, in one direction, on one service date; both departures inside
    the window

    Grain: one row per `by`; columns n int64 (headways, one less than departures), headway_median_min, headway_mean_min,
    headway_max_min, headway_p90_min float64. Grouping by less than a stop pools the headways of its stops, each
    counted once.

    Args:
        visits: the fact of that name, one row per scheduled stop visit, any order.
        by: columns to report by; () is the whole network.
        within: what a series of departures is. The routes at a stop are pooled unless it is `AT_STOP_PER_ROUTE`;
            without direction_id both directions of a stop are mixed, which halves headways and is rarely meant.
        window_s: departures in [from, to), seconds from the service-day origin; the gap into and out of the window
            is not seen.

    Missing: a stop with fewer than 2 departures gives no row. Last stops and non-passenger visits are left out,
    visits that only set down are not; a missing direction is a direction of its own; a loop trip that calls twice counts twice.
    Source: the definition of gtfs_kit `compute_stop_stats(split_directions=True)`, plus percentiles of type 7.

    Example:
        departures at 7:00, 7:10, 7:30 and 7:40 give n = 3, median 10, mean 13.33, longest 20 and p90 18 minutes.
    """
    return headway_summary(headways(passenger_departures(visits, window_s), within), by)
