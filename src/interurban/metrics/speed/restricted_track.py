"""Track under an official speed restriction."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.sums import millimetres
from interurban.model import Metric

METRIC = Metric(
    id="restricted_track",
    unit="km",
    direction="lower_better",
    grain=("service_date", "route_id"),
    inputs=("restrictions",),
)


def restricted_track(restrictions: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Kilometres under an official speed restriction, and what a vehicle loses on them.

    delay = sum(length / restricted speed - length / line speed)

    Grain: one row per `by`; columns n int64 (restrictions), restricted_km float64, delay_s float64 (of those whose line speed is
    given), known_share float64 (0-1: of the length, the part with a line speed).

    Args:
        restrictions: the operator's list, one row per restriction and day it is in force: service_date, route_id, length_m, speed_kmh
            (allowed), line_speed_kmh (without it; NULL: not given), and columns of `by`.
        by: columns to report by; () is everything. Restrictions that overlap count each for itself.

    Missing: rows without a length or a speed above 0 are left out.
    Source: restriction lists in the form that TransitMatters collects (speed and feet per restriction).

    Example:
        500 m at 20 km/h where 60 are allowed: 90 - 30 = 60 s.
    """
    rows = restrictions.mutate(length_mm=millimetres(restrictions.length_m))
    rows = rows.filter(rows.length_mm > 0, rows.speed_kmh > 0)
    given = (rows.line_speed_kmh > 0).fill_null(False)
    lost_s = rows.length_mm * 36 / 10_000 * (1 / rows.speed_kmh - 1 / rows.line_speed_kmh.nullif(0))
    return rows.aggregate(
        [
            rows.count().name("n"), (rows.length_mm.sum() / 1_000_000).name("restricted_km"), lost_s.sum(where=given).name("delay_s"),
            (rows.length_mm.sum(where=given) / rows.length_mm.sum()).fill_null(0.0).name("known_share"),
        ],
        by=list(by),
    )  # fmt: skip
