"""What passengers wait beyond what the timetable promises."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.reliability.boardings import boarding_rate, with_boardings
from interurban.metrics.reliability.events import DEFAULT, Evidence, evidence_columns, inside, overlaps, share, total
from interurban.metrics.reliability.observed_headways import AT_STOP, clipped, mean_wait_min, timeline, waited
from interurban.model import Metric

METRIC = Metric(
    id="excess_wait",
    unit="min",
    direction="lower_better",
    grain=("service_date", "route_id", "direction_id", "stop_id"),
    inputs=("stop_visits",),
)

FREQUENT_S = 900


def excess_wait(
    stop_visits: Table,
    by: Sequence[str] = METRIC.grain,
    within: Sequence[str] = AT_STOP,
    window_s: tuple[int, int] | None = None,
    max_promised_headway_s: int = FREQUENT_S,
    evidence: Evidence = DEFAULT,
    boardings: Table | None = None,
) -> Table:
    """Extra wait of passengers who come at random to stops of frequent service (EWT), in minutes.

    EWT = AWT - SWT,  AWT = sum(h^2) / (2 sum(h)) of the headways as they were, SWT the same of the promised ones

    Both are taken over the same passengers: those who come between two promised departures at most `max_promised_headway_s` apart
    (people who know the timetable do not come at random) and inside the window. Each waits for the next departure, also when it
    leaves after the end of either: a missing vehicle at the end of a window lengthens the last headway. A departure that nobody
    observed looks like one that did not run: heed `coverage`, and rank nothing below 0.8.

    Grain: one row per `by`; columns n int64 (observed departures in that time), excess_wait_min, actual_wait_min,
    scheduled_wait_min float64, known_share float64 (0-1: of the frequent time, the part with a later observed departure), and coverage,
    interpolated_share, dropped_share as in `events.evidence_columns`. Grouping by less than a stop is a ratio of sums. With
    `boardings` also excess_wait_weighted_min. `hour` among `by` is that in which the passengers come, to the nearest departure.

    Args:
        stop_visits: the table of that name, any order.
        by: columns to report by; () is everything.
        within: what a series of departures is.
        window_s: [from, to) in which passengers come, seconds from the service-day origin.
        max_promised_headway_s: longest promised headway at which people come at random: 720 to 900 in practice.
        evidence: which observations count.
        boardings: as in `boardings.with_boardings`.

    Missing: NULL where nothing is frequent or observed. Stops that a trip cut short no longer reached count as not served.
    Source: Transport for London, excess waiting time (FOI-0791-1920).

    Example:
        headways 12, 2, 16, 1, 19, 10 minutes where 10 each were promised: 866 / 120 - 600 / 120 = 2.217 minutes.
    """
    rows = timeline(stop_visits, by, within, evidence)
    rows = inside(rows, rows.at_s, window_s)
    from_s, to_s = clipped(rows, rows.at_s, rows.until_s, window_s)
    promised = rows.next_scheduled_s - rows.last_scheduled_s
    blind = overlaps(rows.at_s, rows.next_actual_s, evidence.outages).fill_null(False)
    frequent = ((promised <= max_promised_headway_s) & (to_s > from_s) & ~blind).fill_null(False)
    known = frequent & rows.next_actual_s.notnull()
    rows = rows.mutate(
        frequent_s=frequent.ifelse(to_s - from_s, None),
        length_s=known.ifelse(to_s - from_s, None),
        waited=known.ifelse(waited(from_s, to_s, rows.next_actual_s), None),
        promised=known.ifelse(waited(from_s, to_s, rows.next_scheduled_s), None),
        is_frequent=(rows.promised_headway_s <= max_promised_headway_s).fill_null(False),
    )
    actual, scheduled = mean_wait_min(rows.waited, rows.length_s), mean_wait_min(rows.promised, rows.length_s)
    columns = [
        total(~rows.is_scheduled & rows.is_usable & rows.is_frequent).name("n"), (actual - scheduled).name("excess_wait_min"),
        actual.name("actual_wait_min"), scheduled.name("scheduled_wait_min"),
        share(rows.length_s.sum().fill_null(0), rows.frequent_s.sum()).name("known_share"),
    ]  # fmt: skip
    weighted = []
    if boardings is not None:
        rows = with_boardings(rows, boardings)
        rate = boarding_rate(rows, rows.length_s, (*by, *within, *boardings.drop("boardings").columns))
        rows = rows.mutate(_excess=rate * (rows.waited - rows.promised), _length=rate * rows.length_s)
        weighted = [mean_wait_min(rows._excess, rows._length).name("excess_wait_weighted_min")]
    return rows.aggregate([*columns, *weighted, *evidence_columns(rows)], by=list(by))
