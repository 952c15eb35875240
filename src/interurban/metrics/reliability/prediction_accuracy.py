"""How right predictions of arrivals were."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import BooleanValue, Table

from interurban.metrics.reliability.events import Evidence, share, total
from interurban.metrics.reliability.predictions import prediction_samples
from interurban.model import Metric

METRIC = Metric(
    id="prediction_accuracy",
    unit="share",
    direction="higher_better",
    grain=("service_date", "route_id"),
    inputs=("trip_update_stops", "stop_visits"),
)

BUCKETS = ((0, 3, -30, 90), (3, 6, -60, 150), (6, 10, -60, 210), (10, 15, -90, 270))
"""(from minute, to minute, earliest error, latest error), seconds and both errors included."""


def prediction_accuracy(
    trip_update_stops: Table,
    stop_visits: Table,
    by: Sequence[str] = METRIC.grain,
    stale_after_s: int = 90,
    evidence: Evidence | None = None,
) -> Table:
    """Share of predictions, as read in each minute before a vehicle came, that were right enough, by both published definitions.

    four buckets: 0-3 min before -30..+90 s, 3-6 min -60..+150 s, 6-10 min -60..+210 s, 10-15 min -90..+270 s, ends included; the
    score is the plain mean of their shares.  log bounds: -60 ln(m + 1.3) < error < 60 ln(m + 1.5), m = minutes before, up to 30

    error = actual - predicted: a vehicle that comes later than foretold has a positive one.

    Grain: one row per `by`; columns n int64 (minutes with a prediction), accuracy_0_3, accuracy_3_6, accuracy_6_10, accuracy_10_15,
    accuracy_buckets, accuracy_log_bounds float64 (0-1), error_median_s float64 (type 7), error_mean_absolute_s float64.

    Args:
        trip_update_stops, stop_visits: the tables of those names, any order.
        by: columns of stop_visits to report by, or minute_before; () is everything.
        stale_after_s: as in `predictions.prediction_samples`.
        evidence: which observations count; None: arrivals, with the usual limits.

    Missing: a bucket without a prediction is NULL, and so then is accuracy_buckets. Visits timed by predictions are left out.
    Source: TransitApp ETA-Accuracy-Benchmark (buckets); Cal-ITP prediction accuracy, after MTI report 2024.2017 (log bounds).

    Example:
        at m = 5 the log bounds are -110.4 and +112.3 s.
    """
    carried = [name for name in by if name != "minute_before"]
    rows = prediction_samples(trip_update_stops, stop_visits, carried, 30, stale_after_s, evidence)
    m, error = rows.minute_before.cast("float64"), rows.error_s
    in_bounds = (error > -60 * (m + 1.3).ln()) & (error < 60 * (m + 1.5).ln())

    def right(among: BooleanValue, low: int, high: int) -> BooleanValue:
        return share(total(among & (error >= low) & (error <= high)), total(among))

    buckets = [
        (f"accuracy_{first}_{last}", right((rows.minute_before >= first) & (rows.minute_before < last), low, high))
        for first, last, low, high in BUCKETS
    ]
    mean = sum(part for _, part in buckets) / len(buckets)
    return rows.aggregate(
        [
            rows.count().name("n"), *(part.name(name) for name, part in buckets), mean.name("accuracy_buckets"),
            share(total(in_bounds), rows.count()).name("accuracy_log_bounds"), error.quantile(0.5).name("error_median_s"),
            error.abs().mean().name("error_mean_absolute_s"),
        ],
        by=list(by),
    )  # fmt: skip
