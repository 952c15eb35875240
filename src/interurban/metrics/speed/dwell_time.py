"""How long vehicles stood at stops."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, share, total
from interurban.metrics.speed.trip_times import known_times
from interurban.model import Metric

METRIC = Metric(
    id="dwell_time",
    unit="s",
    direction="lower_better",
    grain=("route_id", "direction_id", "stop_id"),
    inputs=("stop_visits",),
)


def dwell_time(stop_visits: Table, by: Sequence[str] = METRIC.grain, evidence: Evidence = DEFAULT) -> Table:
    """Seconds from arrival to departure at a stop; a trip's first and last stop, where vehicles lay over, are left out.

    Grain: one row per `by`; columns n int64 (visits), dwell_mean_s, dwell_median_s, dwell_p95_s float64 (linear interpolation,
    type 7), known_share float64 (0-1: of the visits between the ends, those whose arrival and departure are usable), zero_share
    float64 (0-1: of the n, those of 0 s: passed without stopping, or quicker than the feed tells).

    Args:
        stop_visits: the table of that name, any order.
        by: columns to report by; () is everything.
        evidence: which observations count.

    Missing: visits without both moments, and such whose departure is before their arrival; visits whose departure, by what is known of
        it, may be before the arrival (a prediction beside a first sight of the vehicle), but for geometry, which tells of both by one
        curve; NULL where there is none.
    Source: MBTA LAMP (dwell, without the ends). Polling every 20 to 60 s rounds short dwells to 0 or to the interval. By geometry a vehicle
        is at a stop while it is within its mode's reach (50 m for a bus), so that coming and leaving are in it: of simulated buses and
        trams whose dwells are 19 s on average, 32 s when they report every 10 s, 25 s every 30 s, 18 s every 60 s. Such dwells compare
        with one another, not with those of another cadence or method.

    Example:
        dwells of 0, 20 and 40 s: mean 20, median 20, zero_share 1/3.
    """
    rows = known_times(stop_visits, evidence)
    rows = rows.filter(~rows.is_first.fill_null(False), ~rows.is_last.fill_null(False))
    dwell = rows.departure_s - rows.arrival_s
    is_loose = ((rows.method != "geometry") & (rows.departure_lo < rows.arrival_s)).fill_null(False)
    rows = rows.mutate(dwell_s=((dwell >= 0) & ~is_loose).ifelse(dwell, None))
    d, n = rows.dwell_s, rows.dwell_s.count()
    return rows.aggregate(
        [
            n.name("n"), d.mean().name("dwell_mean_s"), d.quantile(0.5).name("dwell_median_s"), d.quantile(0.95).name("dwell_p95_s"),
            share(n, rows.count()).name("known_share"), share(total((d == 0).fill_null(False)), n).name("zero_share"),
        ],
        by=list(by),
    )  # fmt: skip
