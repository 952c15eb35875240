"""How late vehicles are."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.metrics.reliability.boardings import weighted_columns, with_boardings
from interurban.metrics.reliability.events import DEFAULT, Evidence, evidence_columns, in_window, stop_events
from interurban.model import Metric

METRIC = Metric(
    id="schedule_deviation",
    unit="s",
    direction="lower_better",
    grain=("service_date", "route_id", "direction_id"),
    inputs=("stop_visits",),
)


def schedule_deviation(
    stop_visits: Table,
    by: Sequence[str] = METRIC.grain,
    window_s: tuple[int, int] | None = None,
    evidence: Evidence = DEFAULT,
    boardings: Table | None = None,
) -> Table:
    """Seconds between the promised and the actual departure; at a trip's last stop, arrival. Early is negative.

    d = actual - scheduled

    Trips that promise a headway and no times (frequency-based with exact_times = 0) have no deviation and are left out.

    Grain: one row per `by`; columns n int64 (events with a deviation), deviation_mean_s, deviation_median_s, deviation_p10_s,
    deviation_p90_s (linear interpolation, type 7) and lateness_mean_s float64 (early ones counted as 0), and coverage,
    interpolated_share, dropped_share as in `events.evidence_columns`; with `boardings` also deviation_weighted_s float64 and
    boardings_known_share.

    Args:
        stop_visits: the table of that name, any order.
        by: columns to report by, `hour` among them; () is everything.
        window_s: events promised in [from, to), seconds from the service-day origin.
        evidence: which observations count.
        boardings: people who board, by which events weigh; columns as in `boardings.with_boardings`.

    Missing: events without a promise (added trips) or without a usable observation have no deviation; a group without any has NULL.
    Source: TIDES stop_visits; departures as Swiftly and LAMP measure.

    Example:
        delays of 0, 60, 600 and 120 s have a mean of 195 s; with 10, 40, 0 and 5 people boarding, 54.5 s.
    """
    events = timed_trips(in_window(stop_events(stop_visits, evidence), "scheduled_s", window_s))
    judged = events.is_promised & events.is_usable
    events = events.mutate(deviation_s=judged.ifelse(events.actual_s - events.scheduled_s, None))
    weighted = []
    if boardings is not None:
        events = with_boardings(events, boardings)
        weighted = weighted_columns(events, events.deviation_s, "deviation_weighted_s")
    d = events.deviation_s
    n = d.count()
    return events.aggregate(
        [
            n.name("n"), (d.sum() / n.nullif(0)).name("deviation_mean_s"), d.quantile(0.5).name("deviation_median_s"),
            d.quantile(0.1).name("deviation_p10_s"), d.quantile(0.9).name("deviation_p90_s"),
            (ibis.greatest(d, 0).sum(where=d.notnull()) / n.nullif(0)).name("lateness_mean_s"),
            *weighted, *evidence_columns(events),
        ],
        by=list(by),
    )  # fmt: skip


def timed_trips(events: Table) -> Table:
    """Events whose trip promises times; a frequency-based trip with exact_times = 0 promises headways only."""
    by_headway = events.is_frequency_based.fill_null(False) & (events.exact_times.cast("int64").fill_null(0) != 1)
    return events.filter(~by_headway)
