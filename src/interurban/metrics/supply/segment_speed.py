"""Scheduled speed between consecutive stops, by hour."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.model import Metric

METRIC = Metric(
    id="segment_speed",
    unit="km/h",
    direction="higher_better",
    grain=("mode", "hour"),
    inputs=("visits", "patterns"),
)


def segment_speed(visits: Table, patterns: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Scheduled speed of vehicles in motion between consecutive stops, without dwell.

    speed = sum(segment length) / sum(arrival at its end - departure from its start)

    `hour` is that of the departure from the segment's start, counted from the service-day origin: 25 is 1 o'clock
    of the next day. A ratio of sums: long segments weigh by their time, as a passenger on board feels them.

    Grain: one row per `by`; columns speed_kmh float64, n int64 (segments counted), n_zero int64 (segments of known
    length scheduled in 0 s or less: left out, both length and time), known_share float64 (0-1: segments of known
    length and time among all), estimated_share float64 (0-1: of the n, those with an end whose time was filled by
    interpolation).

    Args:
        visits: the fact of that name for whole trips (no window and no stops filtered out), any order.
        patterns: the table of that name; position_m is along the shape.
        by: columns to report by, of those of visits (the segment's start), `hour` and `next_stop_key`: (stop_id,
            next_stop_key, hour) is the single segment; () is the whole network.

    Missing: segments without a shape or a time are left out and lower known_share; speed_kmh is NULL where n is 0.
    Source: gtfs-segments, doi:10.1016/j.jpubtr.2024.100083, which gives infinite speeds where we leave out and count.

    Example:
        500 m in 60 s and 700 m in 60 s give 1.2 km / 120 s = 36 km/h.
    """
    segments = _segments(visits, patterns)
    known = segments.length_mm.notnull() & segments.time_s.notnull()
    counted = known & (segments.time_s > 0)
    n = counted.cast("int64").sum().fill_null(0)
    # 1 mm/s = 0.0036 km/h
    speed = segments.length_mm.sum(where=counted) / segments.time_s.sum(where=counted) * 3.6 / 1000
    return segments.aggregate(
        [
            speed.name("speed_kmh"),
            n.name("n"),
            (known & (segments.time_s <= 0)).cast("int64").sum().fill_null(0).name("n_zero"),
            known.cast("int64").mean().name("known_share"),
            ((counted & segments.is_estimated).cast("int64").sum() / n.nullif(0)).name("estimated_share"),
        ],
        by=list(by),
    )


def _segments(visits: Table, patterns: Table) -> Table:
    """Each visit but a run's last, with length_mm, time_s, next_stop_key of the segment that begins there."""
    ahead = ibis.window(group_by=["service_date", "trip_key", "run"], order_by="stop_sequence")
    to_next = visits.mutate(
        hour=visits.departure_s // 3600,
        time_s=(visits.arrival_s.lead().over(ahead) - visits.departure_s).cast("int64"),
        is_estimated=visits.is_estimated | visits.is_estimated.lead().over(ahead),
    ).filter(~visits.is_last)
    return to_next.left_join(_segment_lengths(patterns), ["pattern_key", "stop_sequence"])


def _segment_lengths(patterns: Table) -> Table:
    """Length of the segment that begins at each stop of a pattern, and where it ends: few rows beside the visits."""
    ahead = ibis.window(group_by="pattern_key", order_by="stop_sequence")
    return patterns.select(
        "pattern_key",
        "stop_sequence",
        next_stop_key=patterns.stop_key.lead().over(ahead),
        length_mm=((patterns.position_m.lead().over(ahead) - patterns.position_m) * 1000).round().cast("int64"),
    )
