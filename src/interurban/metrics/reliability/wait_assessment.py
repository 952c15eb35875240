"""Share of headways that are not much longer than promised."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, evidence_columns, in_window, share, total
from interurban.metrics.reliability.headway_adherence import frequent_only
from interurban.metrics.reliability.observed_headways import AT_STOP, timeline
from interurban.model import Metric

METRIC = Metric(
    id="wait_assessment",
    unit="share",
    direction="higher_better",
    grain=("service_date", "route_id", "direction_id"),
    inputs=("stop_visits",),
)


def wait_assessment(
    stop_visits: Table,
    by: Sequence[str] = METRIC.grain,
    within: Sequence[str] = AT_STOP,
    window_s: tuple[int, int] | None = None,
    tolerance_pct: int = 25,
    max_promised_headway_s: int | None = None,
    evidence: Evidence = DEFAULT,
) -> Table:
    """Share of headways that are at most a quarter longer than promised.

    wait assessment = #{h <= 1.25 H} / #h,  H = headway of the promised departure nearest in time

    Grain: one row per `by`; columns n int64 (headways with a promise), wait_assessment float64 (0-1), and coverage,
    interpolated_share, dropped_share as in `events.evidence_columns`.

    Args:
        stop_visits: the table of that name, any order.
        by: columns to report by, `hour` among them; () is everything.
        within: what a series of departures is.
        window_s: headways that end in [from, to), seconds from the service-day origin.
        tolerance_pct: by how many percent of H a headway may be longer.
        max_promised_headway_s: leave out headways promised longer than that; None: none.
        evidence: which observations count.

    Missing: headways whose promise is unknown; NULL where none counts.
    Source: New York City Transit, wait assessment (the quarter is not verified in a primary source: a parameter).

    Example:
        headways of 12, 2, 16, 1, 19 and 10 minutes where 10 each were promised: 4 / 6.
    """
    rows = in_window(timeline(stop_visits, by, within, evidence), "at_s", window_s)
    rows = frequent_only(rows, max_promised_headway_s)
    counted = rows.headway_s.notnull() & rows.promised_headway_s.notnull()
    kept = (counted & (rows.headway_s * 100 <= rows.promised_headway_s * (100 + tolerance_pct))).fill_null(False)
    n = total(counted)
    return rows.aggregate([n.name("n"), share(total(kept), n).name("wait_assessment"), *evidence_columns(rows)], by=list(by))
