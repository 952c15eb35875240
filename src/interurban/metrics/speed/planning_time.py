"""The time to plan for, against free flow."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, evidence_columns
from interurban.metrics.speed.percentiles import with_percentile
from interurban.metrics.speed.trip_times import PATTERN, trips_run
from interurban.model import Metric

METRIC = Metric(
    id="planning_time",
    unit="ratio",
    direction="lower_better",
    grain=("route_id", "direction_id", "pattern_key", "hour"),
    inputs=("stop_visits",),
)


def planning_time(
    stop_visits: Table,
    by: Sequence[str] = METRIC.grain,
    percent: int = 95,
    free_flow_percent: int = 15,
    rule: str = "linear",
    evidence: Evidence = DEFAULT,
) -> Table:
    """How many times the free-flow run time to plan for (planning-time index), and how many it takes on average (travel-time index).

    planning-time index = P95 / free flow;  travel-time index = mean / free flow

    Free flow is the 15th percentile (linear, type 7) of all run times of the same route, direction and pattern in `stop_visits`, at
    any hour.

    Grain: one row per `by`; columns n int64 (trips), planning_time_index, travel_time_index (ratios), free_flow_min,
    run_time_percentile_min float64, and coverage, interpolated_share, dropped_share as in `reliability.events.evidence_columns`, of
    trips.

    Args:
        stop_visits: the table of that name, any order; better of many service dates than of one.
        by: columns to report by; route_id, direction_id and pattern_key should be among them, or trips of different length are pooled,
            against the mean of their free flows.
        percent: the percentile to plan for.
        free_flow_percent: the percentile that stands for free flow; 5 is in use, too.
        rule: of `percent`: "linear" (type 7) or "nearest_rank".
        evidence: which observations count.

    Missing: NULL where no trip is known from end to end.
    Source: FHWA, planning time index; the 15th percentile as free flow is our choice.

    Example:
        run times of 10 x 22, 5 x 24, 3 x 28, 32 and 40 min: free flow 22, P95 32.4: index 1.4727, travel-time index 1.1273.
    """
    trips = trips_run(stop_visits, by, evidence)
    free = trips.run_time_s.quantile(free_flow_percent / 100).over(ibis.window(group_by=list(PATTERN)))
    trips = trips.mutate(free_flow_s=trips.run_time_s.notnull().ifelse(free, None))
    trips, p95 = with_percentile(trips, "run_time_s", percent, by, rule)
    free_flow, mean = trips.free_flow_s.mean(), trips.run_time_s.mean()
    return trips.aggregate(
        [
            trips.run_time_s.count().name("n"), (p95 / free_flow).name("planning_time_index"),
            (mean / free_flow).name("travel_time_index"), (free_flow / 60).name("free_flow_min"),
            (p95 / 60).name("run_time_percentile_min"), *evidence_columns(trips),
        ],
        by=list(by),
    )  # fmt: skip
