"""How long trips took."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, evidence_columns
from interurban.metrics.speed.trip_times import trips_run
from interurban.model import Metric

METRIC = Metric(
    id="run_time",
    unit="min",
    direction="lower_better",
    grain=("route_id", "direction_id", "pattern_key", "hour"),
    inputs=("stop_visits",),
)


def run_time(stop_visits: Table, by: Sequence[str] = METRIC.grain, evidence: Evidence = DEFAULT) -> Table:
    """Minutes from the departure at a trip's first stop to the arrival at its last, time at stops included.

    Grain: one row per `by`; columns n int64 (trips), run_time_mean_min, run_time_p50_min, run_time_p95_min (linear interpolation,
    type 7), scheduled_mean_min (of the same trips that have a timetable) float64, and coverage, interpolated_share, dropped_share
    as in `reliability.events.evidence_columns`, of trips.

    Args:
        stop_visits: the table of that name, any order, of one service date or of many.
        by: columns to report by, of those that are one value per trip, and `hour` of the start; () is everything.
        evidence: which observations count.

    Missing: trips of which an end was not usably observed; NULL where there is none.
    Source: TIDES trips_performed; the end points are LAMP's.

    Example:
        departure 8:00:10, arrival 8:25:40: 25.5 minutes.
    """
    trips = trips_run(stop_visits, by, evidence)
    t = trips.run_time_s
    return trips.aggregate(
        [
            t.count().name("n"), (t.mean() / 60).name("run_time_mean_min"), (t.quantile(0.5) / 60).name("run_time_p50_min"),
            (t.quantile(0.95) / 60).name("run_time_p95_min"),
            (trips.scheduled_run_time_s.mean(where=t.notnull()) / 60).name("scheduled_mean_min"), *evidence_columns(trips),
        ],
        by=list(by),
    )  # fmt: skip
