"""Span of service at stops."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.headways import passenger_departures
from interurban.metrics.supply.span import departure_span
from interurban.model import Metric

METRIC = Metric(
    id="stop_span",
    unit="h",
    direction="higher_better",
    grain=("service_date", "stop_id", "direction_id"),
    inputs=("visits",),
)


def stop_span(visits: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Time between the first and the last departure in passenger service at a stop, and the hours that have one.

    The columns and rules of `span`, over departures at stops.

    Grain: one row per `by`; columns first_departure_s, last_departure_s, span_h, hours_with_departure, n.
    Args:
        visits: the fact of that name.
        by: columns to report by.
    Missing: visits of unknown time, at the last stop of a trip, and where nobody may board or alight are left out, where
        passengers may only alight not; a stop with no other gives no row.
    Source: as `span`.
    Example: departures 05:50, 05:59 and 23:50 at a stop give 05:50, 23:50, 18 h, hours_with_departure 2, n 3.
    """
    return departure_span(passenger_departures(visits, None), "departure_s", by)
