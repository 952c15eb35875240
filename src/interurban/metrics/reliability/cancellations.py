"""Trips called off, called off and seen, and added."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.reliability.events import share, total
from interurban.metrics.reliability.service_delivered import trip_instances
from interurban.model import Metric

METRIC = Metric(
    id="cancellations",
    unit="trips",
    direction="lower_better",
    grain=("service_date", "route_id"),
    inputs=("trips_performed",),
)


def cancellations(trips_performed: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Scheduled trips that the publisher called off, how many of these were seen running, and trips run beside the timetable.

    Grain: one row per `by`; columns n int64 (scheduled trips), canceled, canceled_but_observed, added int64, canceled_share
    float64 (0-1: canceled / n; those seen nevertheless are among them).

    Args:
        trips_performed: the table of that name, any order.
        by: columns to report by; () is everything.

    Missing: canceled_share is NULL where nothing is scheduled. A publisher who never says that a trip is off has 0 here and
        silent trips in `service_delivered`.
    Source: GTFS-Realtime reference, TripDescriptor.schedule_relationship.

    Example:
        of 120 scheduled trips 3 called off, one of which ran: canceled 3, canceled_but_observed 1, share 2.5 %.
    """
    trips = trip_instances(trips_performed, by)
    off = trips.is_scheduled & trips.is_canceled
    n, canceled = total(trips.is_scheduled), total(off)
    return trips.aggregate(
        [
            n.name("n"), canceled.name("canceled"), total(off & trips.is_observed).name("canceled_but_observed"),
            total(~trips.is_scheduled & trips.is_observed).name("added"), share(canceled, n).name("canceled_share"),
        ],
        by=list(by),
    )  # fmt: skip
