"""How much predictions jump about."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.metrics.reliability.events import Evidence
from interurban.metrics.reliability.predictions import prediction_samples
from interurban.model import Metric

METRIC = Metric(
    id="prediction_wobble",
    unit="s",
    direction="lower_better",
    grain=("service_date", "route_id"),
    inputs=("trip_update_stops", "stop_visits"),
)


def prediction_wobble(
    trip_update_stops: Table,
    stop_visits: Table,
    by: Sequence[str] = METRIC.grain,
    stale_after_s: int = 90,
    evidence: Evidence | None = None,
) -> Table:
    """Mean change of the predicted time from one minute to the next, in seconds, over the last 30 minutes before a vehicle came.

    wobble = sum(|predicted at m - predicted at m + 1|) / number of such pairs of minutes

    Grain: one row per `by`; columns n int64 (pairs of minutes that follow each other), prediction_wobble_s float64.

    Args:
        trip_update_stops, stop_visits: the tables of those names, any order.
        by: columns of stop_visits to report by; () is everything.
        stale_after_s: as in `predictions.prediction_samples`.
        evidence: which observations count; None: arrivals, with the usual limits.

    Missing: minutes without a prediction break the chain; NULL where no two minutes follow each other.
    Source: Cal-ITP prediction accuracy (wobble); taken at whole minutes here, so that feeds of any cadence compare.

    Example:
        predictions of 8:10, 8:12 and 8:11 in three minutes that follow each other: (120 + 60) / 2 = 90 s.
    """
    rows = prediction_samples(trip_update_stops, stop_visits, by, 30, stale_after_s, evidence)
    visit = ibis.window(group_by=["service_date", "trip_id_scheduled", "scheduled_stop_sequence"], order_by="minute_before")
    follows = rows.minute_before - rows.minute_before.lag().over(visit) == 1
    rows = rows.mutate(change_s=follows.ifelse((rows.predicted_s - rows.predicted_s.lag().over(visit)).abs(), None))
    return rows.aggregate([rows.change_s.count().name("n"), rows.change_s.mean().name("prediction_wobble_s")], by=list(by))
