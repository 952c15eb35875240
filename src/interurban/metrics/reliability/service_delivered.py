"""How much of the promised service ran."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.metrics.reliability.events import share, total
from interurban.model import Metric

METRIC = Metric(
    id="service_delivered",
    unit="share",
    direction="higher_better",
    grain=("service_date", "route_id"),
    inputs=("trips_performed",),
)


def service_delivered(trips_performed: Table, by: Sequence[str] = METRIC.grain, covered_routes_only: bool = False) -> Table:
    """Share of promised trips that ran, as an interval: what was seen, and what may have run unseen.

    delivered_low = observed / scheduled;  delivered_high = (observed + silent) / scheduled,  silent: neither seen nor canceled

    Nobody knows of a silent trip whether it ran: a point between the two would be a guess. A trip called off that was seen
    nevertheless ran. A trip of a version of the timetable beside the one in force was not promised, and is an added one.

    Grain: one row per `by`; columns n int64 (scheduled trips), observed, canceled (called off and not seen), silent, added
    (observed without being in the timetable) int64, delivered_low, delivered_high, canceled_share, with_added_share
    ((observed + added) / scheduled; may pass 1), known_share (all but the silent ones) float64 (0-1).

    Args:
        trips_performed: the table of that name, any order; several vehicles on one scheduled trip are one trip.
        by: columns to report by; () is everything.
        covered_routes_only: only routes of which something was observed on the day: elsewhere realtime is not in use.

    Missing: shares are NULL where nothing is scheduled.
    Source: ours; Cal-ITP (trips seen) and MBTA Service Delivery Policy (called off ones) keep the same parts apart.

    Example:
        120 scheduled, 108 observed, 3 canceled, 9 silent, 4 added: delivered 90.0 to 97.5 %, canceled 2.5 %, with added 93.3 %.
    """
    trips = trip_instances(trips_performed, by)
    if covered_routes_only:
        day = ibis.window(group_by=["service_date", "route_id"])
        trips = trips.mutate(_covered=trips.is_observed.cast("int64").max().over(day))
        trips = trips.filter(trips._covered == 1)
    n, observed = total(trips.is_scheduled), total(trips.is_scheduled & trips.is_observed)
    canceled = total(trips.is_scheduled & ~trips.is_observed & trips.is_canceled)
    added = total(~trips.is_scheduled & trips.is_observed)
    return trips.aggregate(
        [
            n.name("n"), observed.name("observed"), canceled.name("canceled"), (n - observed - canceled).name("silent"),
            added.name("added"), share(observed, n).name("delivered_low"), share(n - canceled, n).name("delivered_high"),
            share(canceled, n).name("canceled_share"), share(observed + added, n).name("with_added_share"),
            share(observed + canceled, n).name("known_share"),
        ],
        by=list(by),
    )  # fmt: skip


def trip_instances(trips_performed: Table, by: Sequence[str] = ()) -> Table:
    """Trips promised, each once however many vehicles served it, and those that ran beside the timetable in force.

    Grain: one row per scheduled trip (service_date, trip_key, run), and one per trip performed that is none; columns service_date,
        route_id, those of `by`, is_scheduled, is_observed, is_canceled, is_timed (some stop of it is timed) bool.
    """
    t = trips_performed
    beside = (t.schedule_relationship.isin(["Added", "Unscheduled"])).fill_null(False)
    t = t.mutate(
        is_scheduled=t.trip_key.notnull() & t.run.notnull() & ~beside & ~t.is_neighbour_version.fill_null(False),
        _observed=t.is_observed.fill_null(False).cast("int8"),
        _canceled=t.is_canceled.fill_null(False).cast("int8"),
        _timed=(t.coverage > 0).fill_null(False).cast("int8"),
    )
    t = t.mutate(_own=t.is_scheduled.ifelse("", t.trip_id_performed))
    keys = list(dict.fromkeys((*by, "service_date", "route_id", "trip_key", "run", "is_scheduled", "_own")))
    found = t.aggregate(is_observed=t._observed.max() == 1, is_canceled=t._canceled.max() == 1, is_timed=t._timed.max() == 1, by=keys)
    return found.drop("_own", "trip_key", "run")
