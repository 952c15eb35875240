"""Departures per hour at stops and of routes."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.errors import UsageError
from interurban.metrics.headways import passenger_departures
from interurban.model import Metric

METRIC = Metric(
    id="departures_per_hour",
    unit="departures/h",
    direction="higher_better",
    grain=("service_date", "stop_id", "route_id", "direction_id"),
    inputs=("visits",),
)


def departures_per_hour(
    visits: Table, window_s: tuple[int, int], by: Sequence[str] = METRIC.grain, days: int = 1
) -> Table:
    """Departures in passenger service, per hour of a window.

    frequency = departures in the window / (hours of the window x days)

    Grain: one row per `by`; columns n int64 (departures), departures_per_hour float64.

    Args:
        visits: the fact of that name, any order.
        window_s: [from, to), seconds from the service-day origin.
        by: columns to report by. Without stop_id the departures of all stops of the group are summed.
        days: how many service dates one row pools; 1 while service_date is among `by`. Given, not counted from the
            visits, because a date on which a stop has no departure counts too.

    Missing: a stop without departures in the window gives no row (its frequency is 0). Last stops and non-passenger visits
    are left out, visits that only set down are not.
    Raises:
        UsageError: the window or the number of dates is not positive.
    Source: Cal-ITP `stop_arrivals_per_hour`, with departures in the place of arrivals.

    Example:
        9 departures between 7:00 and 10:00 are 3 an hour.
    """
    length_s = window_s[1] - window_s[0]
    if length_s <= 0 or days < 1:
        raise UsageError("departures per hour need a window and at least one date", window_s=window_s, days=days)
    departures = passenger_departures(visits, window_s)
    counted = departures.aggregate([departures.count().name("n")], by=list(by))
    return counted.mutate(departures_per_hour=counted.n * 3600 / (length_s * days))
