"""The time to allow beyond the mean."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, evidence_columns
from interurban.metrics.speed.percentiles import with_percentile
from interurban.metrics.speed.trip_times import trips_run
from interurban.model import Metric

METRIC = Metric(
    id="buffer_time",
    unit="min",
    direction="lower_better",
    grain=("route_id", "direction_id", "pattern_key", "hour"),
    inputs=("stop_visits",),
)


def buffer_time(
    stop_visits: Table, by: Sequence[str] = METRIC.grain, percent: int = 95, rule: str = "linear", evidence: Evidence = DEFAULT
) -> Table:
    """Minutes to allow beyond the mean run time so as to be on time in 19 of 20 trips, and that as a share of the mean.

    buffer time = P95 - mean;  buffer index = (P95 - mean) / mean

    Trips of different length must not be pooled: give `by` at least what makes them comparable (route, direction, pattern).

    Grain: one row per `by`; columns n int64 (trips), buffer_min, buffer_index (ratio), run_time_mean_min, run_time_percentile_min
    float64, and coverage, interpolated_share, dropped_share as in `reliability.events.evidence_columns`, of trips.

    Args:
        stop_visits: the table of that name, any order, of one service date or of many.
        by: columns to report by, of those that are one value per trip, and `hour` of the start.
        percent: the percentile, 95 by default.
        rule: "linear" (type 7) or "nearest_rank".
        evidence: which observations count.

    Missing: NULL where no trip is known from end to end. A P95 of fewer than 20 trips is close to their longest: heed n.
    Source: FHWA, travel time reliability.

    Example:
        run times of 10 x 22, 5 x 24, 3 x 28, 32 and 40 min: mean 24.8, P95 32.4: index 30.65 %; by nearest rank 32: 29.03 %.
    """
    trips, p95 = with_percentile(trips_run(stop_visits, by, evidence), "run_time_s", percent, by, rule)
    mean = trips.run_time_s.mean()
    return trips.aggregate(
        [
            trips.run_time_s.count().name("n"), ((p95 - mean) / 60).name("buffer_min"), ((p95 - mean) / mean).name("buffer_index"),
            (mean / 60).name("run_time_mean_min"), (p95 / 60).name("run_time_percentile_min"), *evidence_columns(trips),
        ],
        by=list(by),
    )  # fmt: skip
