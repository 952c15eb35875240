"""How even headways were."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import NumericValue, Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, evidence_columns, in_window
from interurban.metrics.reliability.observed_headways import AT_STOP, observed_headways
from interurban.model import Metric

METRIC = Metric(
    id="headway_cv",
    unit="ratio",
    direction="lower_better",
    grain=("service_date", "route_id", "direction_id", "stop_id"),
    inputs=("stop_visits",),
)


def headway_cv(
    stop_visits: Table,
    by: Sequence[str] = METRIC.grain,
    within: Sequence[str] = AT_STOP,
    window_s: tuple[int, int] | None = None,
    evidence: Evidence = DEFAULT,
) -> Table:
    """Coefficient of variation of the headways as they were: 0 is perfectly even, 1 as uneven as chance. Needs no timetable.

    CV = sd(h) / mean(h),  sd of the population (divided by n)

    Grain: one row per `by`; columns n int64 (headways), headway_cv, headway_mean_min, headway_median_min (type 7),
    headway_max_min float64, and coverage, interpolated_share, dropped_share as in `events.evidence_columns`. Grouping by less than
    a series pools headways that were meant to differ: for that take `headway_adherence`.

    Args:
        stop_visits: the table of that name, any order.
        by: columns to report by, `hour` among them; () is everything.
        within: what a series of departures is.
        window_s: headways that end in [from, to), seconds from the service-day origin; the one that spans `from` is among them.
        evidence: which observations count.

    Missing: NULL without a headway; 0 with one.
    Source: t-performance-dash of TransitMatters, which divides by n, too.

    Example:
        headways of 12, 2, 16, 1, 19 and 10 minutes: CV 0.666 (divided by n - 1 it would be 0.729).
    """
    rows = in_window(observed_headways(stop_visits, within, evidence), "actual_s", window_s)
    h = rows.headway_s
    return rows.aggregate(
        [
            h.count().name("n"), (population_sd(h) / h.mean().nullif(0)).name("headway_cv"), (h.mean() / 60).name("headway_mean_min"),
            (h.quantile(0.5) / 60).name("headway_median_min"), (h.max() / 60).name("headway_max_min"), *evidence_columns(rows),
        ],
        by=list(by),
    )  # fmt: skip


def population_sd(whole: NumericValue) -> NumericValue:
    """Standard deviation, divided by n, of whole numbers: from their exact sums, so that the order of rows does not matter.

    n sum(x^2) - sum(x)^2 is taken in reals, since it passes 64 bits for a network; it is exact while below 2^53.
    """
    n, squares, plain = whole.count(), (whole * whole).sum().cast("float64"), whole.sum().cast("float64")
    spread = n * squares - plain * plain
    return (spread > 0).ifelse(spread, 0.0).sqrt() / n.nullif(0)
