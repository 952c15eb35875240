"""Commercial speed as it was, and running speed beside it."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import IntegerValue, Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, share, total
from interurban.metrics.speed.trip_times import segments_run, trips_run
from interurban.model import Metric

METRIC = Metric(
    id="observed_speed",
    unit="km/h",
    direction="higher_better",
    grain=("route_id", "direction_id", "hour"),
    inputs=("stop_visits",),
)


def observed_speed(stop_visits: Table, by: Sequence[str] = METRIC.grain, evidence: Evidence = DEFAULT) -> Table:
    """Commercial speed, from the departure at a trip's first stop to the arrival at its last, and running speed, without dwell.

    commercial = sum(trip length) / sum(run time);  running = sum(segment length) / sum(time in motion between stops)

    `hour` is that of the trip's start for the commercial, and of the segment's for the running speed.

    Grain: one row per `by`; columns commercial_kmh, running_kmh float64, n int64 (trips), n_segments int64, known_share float64
    (0-1: trips of known length and run time among all).

    Args:
        stop_visits: the table of that name, any order.
        by: columns to report by, of those that are one value per trip, and `hour`; () is everything.
        evidence: which observations count.

    Missing: trips and segments without a shape or an observed end; NULL where there is none.
    Source: UITP (commercial speed); Cal-ITP, the same ratio of sums.

    Example:
        1.2 km with 60 s and 60 s in motion and a stop of 180 s: commercial 14.4, running 36 km/h.
    """
    trips, segments = trips_run(stop_visits, by, evidence), segments_run(stop_visits, evidence)
    whole = (trips.distance_mm > 0).fill_null(False) & trips.run_time_s.notnull()
    part = segments.length_mm.notnull() & (segments.time_s > 0).fill_null(False)
    nothing = ibis.null("int64")

    def only(condition: ibis.expr.types.BooleanValue, value: IntegerValue) -> IntegerValue:
        return condition.ifelse(value, None)

    rows = trips.select(
        *by, trip_mm=only(whole, trips.distance_mm), trip_s=only(whole, trips.run_time_s), segment_mm=nothing, segment_s=nothing,
        is_trip=ibis.literal(True),
    ).union(
        segments.select(
            *by, trip_mm=nothing, trip_s=nothing, segment_mm=only(part, segments.length_mm), segment_s=only(part, segments.time_s),
            is_trip=ibis.literal(False),
        )
    )  # fmt: skip
    n = rows.trip_s.count()
    return rows.aggregate(
        [
            (rows.trip_mm.sum() / rows.trip_s.sum() * 3.6 / 1000).name("commercial_kmh"),
            (rows.segment_mm.sum() / rows.segment_s.sum() * 3.6 / 1000).name("running_kmh"), n.name("n"),
            rows.segment_s.count().name("n_segments"), share(n, total(rows.is_trip)).name("known_share"),
        ],
        by=list(by),
    )  # fmt: skip
