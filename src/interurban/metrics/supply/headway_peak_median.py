"""Median headway of the peak, weighted by departures."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.metrics.headways import passenger_departures
from interurban.model import Metric

METRIC = Metric(
    id="headway_peak_median",
    unit="min",
    direction="lower_better",
    grain=("service_date",),
    inputs=("visits",),
)

MORNING_PEAK_S = (7 * 3600, 9 * 3600)
_SERIES = ("service_date", "stop_key", "route_key", "direction_id")


def headway_peak_median(
    visits: Table, by: Sequence[str] = METRIC.grain, window_s: tuple[int, int] = MORNING_PEAK_S
) -> Table:
    """Headway that the middle departure of the peak belongs to, in minutes.

    headway of a stop, route and direction = length of the window / its departures d; median over them, each counted
    d times

    The median is that of the list in which every departure stands with the headway of its stop-route-direction;
    between two middle values it is their mean (type 7).

    Grain: one row per `by`; columns headway_peak_median_min float64, n int64 (departures).

    Args:
        visits: the fact of that name, any order.
        by: columns to report by, of those that a stop, route and direction have; () is the whole network.
        window_s: [from, to), seconds from the service-day origin; 7:00 to 9:00 by default.

    Missing: no departure in the window, no row.
    Source: indicator catalogue, pt_headway_peak_median ("120 / departures in window per stop-route-direction").

    Example:
        stop-route-directions with 12, 4 and 2 departures have 10, 30 and 60 minutes; of 18 departures the 9th and
        the 10th have 10, so the median is 10, where the unweighted one is 30.
    """
    departures = passenger_departures(visits, window_s)
    series = departures.aggregate([departures.count().name("d")], by=list(dict.fromkeys([*by, *_SERIES])))
    # Few distinct counts stand for millions of departures: the median is read off their running total, in integers.
    counts = series.aggregate([series.d.sum().name("departures")], by=[*by, "d"])
    running = ibis.cumulative_window(group_by=list(by) or None, order_by=ibis.desc("d"))
    whole = ibis.window(group_by=list(by) or None)
    totals = counts.mutate(
        upto=counts.departures.sum().over(running),
        total=counts.departures.sum().over(whole),
    )
    lower, upper = (totals.total - 1) // 2, totals.total // 2
    middle = totals.filter(totals.upto > lower, totals.upto - totals.departures <= upper)
    return middle.aggregate(
        [
            ((window_s[1] - window_s[0]) / middle.d / 60).mean().name("headway_peak_median_min"),
            middle.total.max().name("n"),
        ],
        by=list(by),
    )
