"""Speed between consecutive stops as it was."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, share, total
from interurban.metrics.speed.trip_times import segments_run
from interurban.model import Metric

METRIC = Metric(
    id="observed_segment_speed",
    unit="km/h",
    direction="higher_better",
    grain=("route_id", "direction_id", "stop_id", "next_stop_id", "hour"),
    inputs=("stop_visits",),
)


def observed_segment_speed(stop_visits: Table, by: Sequence[str] = METRIC.grain, evidence: Evidence = DEFAULT) -> Table:
    """Speed of vehicles in motion between consecutive stops, by hour, without the time at stops.

    speed = sum(segment length) / sum(arrival at its end - departure from its start)

    A ratio of sums, never a mean of speeds: what passengers on board feel. `hour` is that of the departure from the segment's
    start, counted from the service-day origin.

    Grain: one row per `by`; columns speed_kmh float64, n int64 (segments counted), n_zero int64 (of known length, passed in 0 s or
    less: left out, length and time), known_share float64 (0-1: segments of known length and time among all), time_median_s float64
    (type 7).

    Args:
        stop_visits: the table of that name, any order.
        by: columns to report by, `next_stop_id` and `hour` among them; () is everything.
        evidence: which observations count.

    Missing: segments without a shape or with an end that is not usably observed; speed_kmh is NULL where n is 0.
    Source: Cal-ITP segment speeds, the same ratio of sums.

    Example:
        600 m in 90, 120 and 180 s: 1.8 km in 390 s = 16.615 km/h, where the mean of the three speeds is 18.
    """
    segments = segments_run(stop_visits, evidence)
    known = segments.length_mm.notnull() & segments.time_s.notnull()
    counted = (known & (segments.time_s > 0)).fill_null(False)
    speed = segments.length_mm.sum(where=counted) / segments.time_s.sum(where=counted) * 3.6 / 1000
    return segments.aggregate(
        [
            speed.name("speed_kmh"), total(counted).name("n"), total((known & (segments.time_s <= 0)).fill_null(False)).name("n_zero"),
            share(total(known), segments.count()).name("known_share"),
            counted.ifelse(segments.time_s, None).quantile(0.5).name("time_median_s"),
        ],
        by=list(by),
    )  # fmt: skip
