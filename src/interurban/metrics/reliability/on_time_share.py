"""Share of departures on time."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, evidence_columns, in_window, share, stop_events, total
from interurban.metrics.reliability.schedule_deviation import timed_trips
from interurban.model import Metric

METRIC = Metric(
    id="on_time_share",
    unit="share",
    direction="higher_better",
    grain=("service_date", "route_id", "direction_id"),
    inputs=("stop_visits",),
)

COMMON_BAND_S = (-60, 300)


def on_time_share(
    stop_visits: Table,
    by: Sequence[str] = METRIC.grain,
    band_s: tuple[int, int] = COMMON_BAND_S,
    window_s: tuple[int, int] | None = None,
    timepoints_only: bool = True,
    evidence: Evidence = DEFAULT,
) -> Table:
    """Share of promised departures (at a trip's last stop: arrivals) that kept to the timetable, with both denominators.

    on_time_share = #{early <= d <= late} / #observed;  on_time_of_scheduled = the same / #promised

    The common band of -60 to +300 s, both ends included, is for comparing cities; a city's own band stands beside it. The second
    denominator counts dropped and unseen trips as failures; the first says nothing about them.

    Grain: one row per `by`; columns n int64 (observed), n_scheduled int64 (promised), on_time_share, on_time_of_scheduled,
    early_share, late_share float64 (0-1, the last two of the observed), early_s, late_s int64 (the band), timepoints_share float64
    (0-1: promised events at timepoints among all; 1 also where the feed marks none and every stop counts as one), and coverage,
    interpolated_share, dropped_share as in `events.evidence_columns`.

    Args:
        stop_visits: the table of that name, any order.
        by: columns to report by, `hour` among them; () is everything.
        band_s: (earliest, latest) deviation that is on time, seconds, both included.
        window_s: events promised in [from, to), seconds from the service-day origin.
        timepoints_only: count timepoints only; every stop is one where the feed marks none (docs/lake.md).
        evidence: which observations count.

    Missing: as in `schedule_deviation`; a share is NULL where its denominator is 0.
    Source: TCQSM 3rd edition; common band: ours, after SFMTA, LA Metro and WMATA (TransitCenter 2018).

    Example:
        deviations -90, -45, 0, 30, 200, 250, 310, 359, 420 s and one visit unobserved: 5 / 9 on time, of scheduled 5 / 10.
    """
    events = timed_trips(in_window(stop_events(stop_visits, evidence), "scheduled_s", window_s))
    marked = events.is_timepoint.fill_null(False)
    counted = events.is_promised & marked if timepoints_only else events.is_promised
    observed = counted & events.is_usable
    deviation = events.actual_s - events.scheduled_s
    early, late = (observed & (deviation < band_s[0])).fill_null(False), (observed & (deviation > band_s[1])).fill_null(False)
    n, n_scheduled, kept = total(observed), total(counted), total(observed & ~early & ~late)
    return events.aggregate(
        [
            n.name("n"), n_scheduled.name("n_scheduled"), share(kept, n).name("on_time_share"),
            share(kept, n_scheduled).name("on_time_of_scheduled"), share(total(early), n).name("early_share"),
            share(total(late), n).name("late_share"), (n * 0 + band_s[0]).name("early_s"), (n * 0 + band_s[1]).name("late_s"),
            share(total(events.is_promised & marked), total(events.is_promised)).name("timepoints_share"),
            *evidence_columns(events),
        ],
        by=list(by),
    )  # fmt: skip
