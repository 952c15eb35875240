"""Service distance."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.sums import millimetres
from interurban.model import Metric

METRIC = Metric(id="service_distance", unit="km", direction="higher_better", grain=("service_date",), inputs=("runs",))


def service_distance(runs: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Kilometres that vehicles run on trips, as far as they are known, and how far that is.

    distance = sum(distance_m of runs that have one) / 1000

    Grain: one row per `by`; float64 columns
        service_distance_km: known distance along shapes, first to last stop;
        estimate_km: straight lines from stop to stop for the other runs; never part of the first;
        known_share: runs with a known distance among all n;
        known_distance_share: service_distance_km / (service_distance_km + estimate_km), which says how much of the
        distance is known where long or short trips lack a shape;
        and n int64 (all runs), n_unmeasured int64 (runs with neither distance nor estimate).
    Args:
        runs: the fact of that name; for a window of the day, `starting_in_window` of it.
        by: columns to report by; () is the whole network.
    Missing: a run without a shape that fits has unknown distance, never 0; where no run's is known the distance is
        NULL.
    Source: gtfs_kit 13 makes the whole total unknown when any part is; we give the known part and its share.
    Example: runs of 10 km, 10 km and one unknown of about 5 km give 20 km, estimate 5 km, known_share 0.667,
        known_distance_share 0.8.
    """
    measured = runs.mutate(
        _known_mm=millimetres(runs.distance_m),
        _estimate_mm=runs.distance_m.isnull().ifelse(millimetres(runs.distance_estimate_m), None),
    )
    known_mm, estimate_mm = measured._known_mm.sum(), measured._estimate_mm.sum()
    return measured.aggregate(
        by=list(by),
        service_distance_km=known_mm / 1_000_000,
        estimate_km=estimate_mm / 1_000_000,
        known_share=measured._known_mm.count() / measured.count().nullif(0),
        known_distance_share=known_mm.fill_null(0) / (known_mm.fill_null(0) + estimate_mm.fill_null(0)).nullif(0),
        n=measured.count(),
        n_unmeasured=measured.count(where=measured._known_mm.isnull() & measured._estimate_mm.isnull()),
    )
