"""Scheduled waiting time at stops."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.headways import headways, mean_wait, passenger_departures
from interurban.metrics.supply.headway import AT_STOP
from interurban.model import Metric

METRIC = Metric(
    id="scheduled_wait",
    unit="min",
    direction="lower_better",
    grain=("service_date", "stop_id", "direction_id"),
    inputs=("visits",),
)


def scheduled_wait(
    visits: Table,
    by: Sequence[str] = METRIC.grain,
    within: Sequence[str] = AT_STOP,
    window_s: tuple[int, int] | None = None,
) -> Table:
    """Mean wait of passengers who come to a stop at random, if the timetable is kept (SWT), in minutes.

    SWT = sum(h^2) / (2 sum(h)),  h = headways at the stop inside the window, in seconds

    Uneven headways make it longer than half the mean headway, since more passengers arrive during the long gaps. It
    means little where people know the timetable: use it for headways up to about 12-15 minutes.

    Grain: one row per `by`; columns n int64 (headways), scheduled_wait_min float64. Grouping by less than a stop is
    a ratio of sums: stops weigh by the time their headways span.

    Args:
        visits: the fact of that name, any order.
        by: columns to report by; () is the whole network.
        within: what a series of departures is, as in `headway`.
        window_s: departures in [from, to), seconds from the service-day origin.

    Missing: a stop with fewer than 2 departures gives no row; all departures at one second give NULL.
    Source: Transport for London, excess waiting time (FOI-0791-1920), the scheduled part.

    Example:
        headways of 10, 10, 10, 28, 1 and 1 minutes give 1086 / (2 x 60) = 9.05; six of 10 minutes give 5.
    """
    waits = mean_wait(headways(passenger_departures(visits, window_s), within), by)
    return waits.rename(scheduled_wait_min="wait_min")
