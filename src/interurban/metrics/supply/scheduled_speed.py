"""Scheduled speed."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.sums import duration_s, millimetres
from interurban.model import Metric

METRIC = Metric(id="scheduled_speed", unit="km/h", direction="higher_better", grain=("service_date",), inputs=("runs",))


def scheduled_speed(runs: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Mean speed of vehicles on trips, dwell at stops included.

    speed = sum(distance) / sum(duration) over runs of which both are known: a ratio of sums, so a run weighs by its
    duration and the mean of speeds of short fast trips cannot lift it

    Grain: one row per `by`; columns speed_kmh float64, known_share float64 (those runs among all), n int64 (those
        runs).
    Args:
        runs: the fact of that name; for a window of the day, `starting_in_window` of it.
        by: columns to report by; () is the whole network.
    Missing: runs of unknown distance give neither distance nor time; runs that take no time have no speed and are left
        out too. Both lower known_share. Without any other run speed_kmh is NULL.
    Source: gtfs_kit `service_speed`; UITP commercial speed (indicator catalogue, pt_commercial_speed).
    Example: 10 km in 30 min and 20 km in 30 min give 30 km/h.
    """
    timed = runs.mutate(_duration_s=duration_s(runs), _distance_mm=millimetres(runs.distance_m))
    counts = (timed._duration_s > 0) & timed._distance_mm.notnull()
    distance_mm, in_s = timed._distance_mm.sum(where=counts), timed._duration_s.sum(where=counts)
    return timed.aggregate(
        by=list(by),
        speed_kmh=distance_mm * 36 / (in_s * 10_000),  # 1 mm/s is 0.0036 km/h
        known_share=timed.count(where=counts) / timed.count().nullif(0),
        n=timed.count(where=counts),
    )
