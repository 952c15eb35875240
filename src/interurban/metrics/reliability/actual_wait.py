"""Waiting time as it was."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.metrics.reliability.boardings import boarding_rate, with_boardings
from interurban.metrics.reliability.events import DEFAULT, Evidence, evidence_columns, inside
from interurban.metrics.reliability.observed_headways import AT_STOP, clipped, mean_wait_min, observed_headways, waited
from interurban.model import Metric

METRIC = Metric(
    id="actual_wait",
    unit="min",
    direction="lower_better",
    grain=("service_date", "route_id", "direction_id", "stop_id"),
    inputs=("stop_visits",),
)


def actual_wait(
    stop_visits: Table,
    by: Sequence[str] = METRIC.grain,
    within: Sequence[str] = AT_STOP,
    window_s: tuple[int, int] | None = None,
    evidence: Evidence = DEFAULT,
    boardings: Table | None = None,
) -> Table:
    """Mean wait of passengers who come to a stop at random (AWT), in minutes. Needs no timetable.

    AWT = sum(h^2) / (2 sum(h)) = mean(h) / 2 (1 + CV^2),  h = headways as they were

    With a window, passengers who come inside it count and wait for the next departure even when that leaves after its end: a
    missing vehicle at the end lengthens the last headway. `even_wait_min`, half the mean headway, is what the same departures
    would have meant evenly spaced.

    Grain: one row per `by`; columns n int64 (headways), actual_wait_min, even_wait_min float64, and coverage, interpolated_share,
    dropped_share as in `events.evidence_columns`. Grouping by less than a stop is a ratio of sums. With `boardings` also
    actual_wait_weighted_min, the waits of the series weighted by the people who board there.

    Args:
        stop_visits: the table of that name, any order.
        by: columns to report by; () is everything.
        within: what a series of departures is.
        window_s: [from, to) in which passengers come, seconds from the service-day origin; None: from the first to the last departure.
        evidence: which observations count.
        boardings: as in `boardings.with_boardings`.

    Missing: a stop with fewer than 2 usable departures has NULL; so has one whose departures share a second.
    Source: Transport for London, excess waiting time (FOI-0791-1920), the actual part.

    Example:
        headways of 12, 2, 16, 1, 19 and 10 minutes give 866 / (2 x 60) = 7.217.
    """
    rows = observed_headways(stop_visits, within, evidence)
    rows = inside(rows, ibis.coalesce(rows.scheduled_s, rows.actual_s), window_s)
    from_s, to_s = clipped(rows, rows.previous_s, rows.actual_s, window_s)
    counted = (rows.headway_s.notnull() & (to_s > from_s)).fill_null(False)
    rows = rows.mutate(
        length_s=counted.ifelse(to_s - from_s, None), waited=counted.ifelse(waited(from_s, to_s, rows.actual_s), None)
    )
    n, length = rows.length_s.count(), rows.length_s.sum()
    columns = [
        n.name("n"), mean_wait_min(rows.waited, rows.length_s).name("actual_wait_min"),
        (length / (2 * n).nullif(0) / 60).name("even_wait_min"),
    ]  # fmt: skip
    weighted = []
    if boardings is not None:
        rows = with_boardings(rows, boardings)
        rate = boarding_rate(rows, rows.length_s, (*by, *within, *boardings.drop("boardings").columns))
        rows = rows.mutate(_waited=rate * rows.waited, _length=rate * rows.length_s)
        weighted = [mean_wait_min(rows._waited, rows._length).name("actual_wait_weighted_min")]
    return rows.aggregate([*columns, *weighted, *evidence_columns(rows)], by=list(by))
