"""The wait that few exceed."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, evidence_columns, in_window
from interurban.metrics.reliability.observed_headways import AT_STOP, observed_headways
from interurban.model import Metric

METRIC = Metric(
    id="wait_percentile",
    unit="min",
    direction="lower_better",
    grain=("service_date", "route_id", "direction_id", "stop_id"),
    inputs=("stop_visits",),
)


def wait_percentile(
    stop_visits: Table,
    by: Sequence[str] = METRIC.grain,
    percent: int = 95,
    within: Sequence[str] = AT_STOP,
    window_s: tuple[int, int] | None = None,
    evidence: Evidence = DEFAULT,
) -> Table:
    """The wait that `percent` of the passengers who come at random do not exceed, in minutes.

    smallest x with sum(min(h, x)) / sum(h) >= p: of a headway h, those who come in its last x seconds wait at most x

    Exact from the headways themselves, without a rule of interpolation: the distribution of waits has no steps.

    Grain: one row per `by`; columns n int64 (headways), wait_percentile_min float64, percent int64, and coverage, interpolated_share,
    dropped_share as in `events.evidence_columns`. Grouping by less than a stop pools passengers of all its stops.

    Args:
        stop_visits: the table of that name, any order.
        by: columns to report by, `hour` among them; () is everything.
        percent: 1 to 100; 100 is the longest headway.
        within: what a series of departures is.
        window_s: headways that end in [from, to), seconds from the service-day origin.
        evidence: which observations count.

    Missing: NULL without a headway.
    Source: passengers' waiting times under random arrivals, as in `actual_wait`.

    Example:
        headways of 12, 2, 16, 1, 19 and 10 minutes: 25 + 2 x 16 = 57 = 0.95 x 60, so the 95th percentile is 16 minutes.
    """
    rows = in_window(observed_headways(stop_visits, within, evidence), "actual_s", window_s)
    # Headways from short to long: up to each, those before it stand whole and all from it on with its length.
    rows = rows.mutate(_known=rows.headway_s.notnull())
    order = [rows.headway_s.asc(), rows.actual_s.asc(), rows.trip_id_performed.asc(), rows.trip_stop_sequence.asc(), rows.stop_id.asc()]
    group = [*by, "_known"]
    upto = ibis.window(group_by=group, order_by=order, preceding=None, following=0)
    whole, place = ibis.window(group_by=group), ibis.window(group_by=group, order_by=order)
    rows = rows.mutate(
        _shorter=rows.headway_s.sum().over(upto) - rows.headway_s,
        _from_here=rows.headway_s.count().over(whole) - ibis.row_number().over(place),
        _wanted=rows.headway_s.sum().over(whole) * percent,
    )
    reached = 100 * (rows._shorter + rows._from_here * rows.headway_s) >= rows._wanted
    before = 100 * rows._shorter + 100 * rows._from_here * rows.headway_s.lag().over(place).fill_null(0)
    wait_s = (rows._wanted - 100 * rows._shorter) / (100 * rows._from_here).nullif(0)
    rows = rows.mutate(_reached=reached, _before=before, _wait_s=wait_s)
    is_the_one = (rows._known & rows._reached & (rows._before < rows._wanted)).fill_null(False)
    n = rows.headway_s.count()
    return rows.aggregate(
        [
            n.name("n"), (rows._wait_s.max(where=is_the_one) / 60).name("wait_percentile_min"),
            (n * 0 + percent).name("percent"), *evidence_columns(rows),
        ],
        by=list(by),
    )  # fmt: skip
