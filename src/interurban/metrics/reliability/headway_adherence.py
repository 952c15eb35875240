"""How well headways kept to those promised."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, evidence_columns, in_window
from interurban.metrics.reliability.headway_cv import population_sd
from interurban.metrics.reliability.observed_headways import AT_STOP, timeline
from interurban.model import Metric

METRIC = Metric(
    id="headway_adherence",
    unit="ratio",
    direction="lower_better",
    grain=("service_date", "route_id", "direction_id", "stop_id"),
    inputs=("stop_visits",),
)


def headway_adherence(
    stop_visits: Table,
    by: Sequence[str] = METRIC.grain,
    within: Sequence[str] = AT_STOP,
    window_s: tuple[int, int] | None = None,
    max_promised_headway_s: int | None = None,
    evidence: Evidence = DEFAULT,
) -> Table:
    """Spread of headways about the promised ones, relative to the mean promised one.

    adherence = sd(h - H) / mean(H),  H = headway of the promised departure nearest in time, sd of the population

    Differs from the coefficient of variation where the timetable itself is uneven, so that stops and routes may be pooled.

    Grain: one row per `by`; columns n int64 (headways with a promise), headway_adherence float64, promised_mean_min float64, and
    coverage, interpolated_share, dropped_share as in `events.evidence_columns`.

    Args:
        stop_visits: the table of that name, any order.
        by: columns to report by, `hour` among them; () is everything.
        within: what a series of departures is.
        window_s: headways that end in [from, to), seconds from the service-day origin.
        max_promised_headway_s: leave out headways promised longer than that; None: none.
        evidence: which observations count.

    Missing: headways of a series with fewer than two promised departures; NULL where no headway counts.
    Source: Transit Capacity and Quality of Service Manual, 3rd edition (c_vh).

    Example:
        headways of 12, 2, 16, 1, 19 and 10 minutes where 10 each were promised: sd 6.658 / 10 = 0.666.
    """
    rows = in_window(timeline(stop_visits, by, within, evidence), "at_s", window_s)
    rows = frequent_only(rows, max_promised_headway_s)
    counted = rows.headway_s.notnull() & rows.promised_headway_s.notnull()
    rows = rows.mutate(
        _deviation=counted.ifelse(rows.headway_s - rows.promised_headway_s, None), _promised=counted.ifelse(rows.promised_headway_s, None)
    )
    return rows.aggregate(
        [
            rows._deviation.count().name("n"),
            (population_sd(rows._deviation) / rows._promised.mean().nullif(0)).name("headway_adherence"),
            (rows._promised.mean() / 60).name("promised_mean_min"), *evidence_columns(rows),
        ],
        by=list(by),
    )  # fmt: skip


def frequent_only(rows: Table, max_promised_headway_s: int | None) -> Table:
    """Rows of a timeline whose promised headway is known and at most this long; all of them for None."""
    return rows if max_promised_headway_s is None else rows.filter(rows.promised_headway_s <= max_promised_headway_s)
