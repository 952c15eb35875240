"""Bunched vehicles and gaps."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import BooleanValue, Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, evidence_columns, in_window, share, total
from interurban.metrics.reliability.headway_adherence import frequent_only
from interurban.metrics.reliability.observed_headways import AT_STOP, timeline
from interurban.model import Metric

METRIC = Metric(
    id="bunching",
    unit="share",
    direction="lower_better",
    grain=("service_date", "route_id", "direction_id", "stop_id"),
    inputs=("stop_visits",),
)


def bunching(
    stop_visits: Table,
    by: Sequence[str] = METRIC.grain,
    within: Sequence[str] = AT_STOP,
    window_s: tuple[int, int] | None = None,
    bunched_pct: int = 50,
    gap_pct: int = 150,
    on_headway_pct: tuple[int, int] = (75, 125),
    max_promised_headway_s: int | None = None,
    evidence: Evidence = DEFAULT,
) -> Table:
    """Shares of headways that are bunched, on headway, and gaps, against the promised ones.

    bunched: h <= 0.5 H;  on headway: 0.75 H < h < 1.25 H;  gap: h >= 1.5 H,  H = headway of the promised departure nearest in time

    Grain: one row per `by`; columns n int64 (headways with a promise), bunched_share, on_headway_share, gap_share float64 (0-1), and
    coverage, interpolated_share, dropped_share as in `events.evidence_columns`.

    Args:
        stop_visits: the table of that name, any order.
        by: columns to report by, `hour` among them; () is everything.
        within: what a series of departures is.
        window_s: headways that end in [from, to), seconds from the service-day origin.
        bunched_pct: h at most this percentage of H is bunched.
        gap_pct: h at least this percentage of H is a gap.
        on_headway_pct: h strictly between these percentages of H is on headway.
        max_promised_headway_s: leave out headways promised longer than that; None: none.
        evidence: which observations count.

    Missing: headways whose promise is unknown or 0; NULL where none counts. A departure nobody observed makes a gap: heed coverage.
    Source: t-performance-dash of TransitMatters (bunched, on headway); the limit of gaps is that of trynmaps metrics-mvp.

    Example:
        headways of 12, 2, 16, 1, 19 and 10 minutes where 10 each were promised: bunched 2/6, on headway 2/6, gaps 2/6.
    """
    rows = in_window(timeline(stop_visits, by, within, evidence), "at_s", window_s)
    rows = frequent_only(rows, max_promised_headway_s)
    counted = (rows.headway_s.notnull() & (rows.promised_headway_s > 0)).fill_null(False)
    n = total(counted)
    actual, promised = rows.headway_s * 100, rows.promised_headway_s

    def part(condition: BooleanValue) -> BooleanValue:
        return share(total((counted & condition).fill_null(False)), n)

    return rows.aggregate(
        [
            n.name("n"), part(actual <= promised * bunched_pct).name("bunched_share"),
            part((actual > promised * on_headway_pct[0]) & (actual < promised * on_headway_pct[1])).name("on_headway_share"),
            part(actual >= promised * gap_pct).name("gap_share"), *evidence_columns(rows),
        ],
        by=list(by),
    )  # fmt: skip
