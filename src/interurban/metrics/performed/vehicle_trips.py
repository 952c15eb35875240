"""Which vehicle said it was on which trip: what positions are grouped by before anything is known of the schedule."""

from __future__ import annotations

import ibis
from ibis.expr.types import StringValue, Table, Value

_IDENTITY = ("_vehicle", "_trip", "_start", "_route")


def vehicle_trips(positions: Table) -> Table:
    """Every (vehicle, trip, start time, route) that positions name, with a whole number for it.

    Grain: one row per (vehicle, trip_id_scheduled, start_time, route_id), where positions without a trip are told apart by direction too;
        columns vehicle_trip_key int64 (1, 2, 3 … in the order of the names), vehicle_id (else the label), trip_id_scheduled, start_time,
        route_id, direction_id, schedule_relationship (NULL: nothing but SCHEDULED was said), first_s, last_s (moments), positions int64,
        and the identity itself, by which `with_vehicle_trip` finds it.
    Args:
        positions: facts of `clean`.
    """
    named = positions.mutate(**_identity(positions))
    groups = named.group_by(*_IDENTITY).agg(
        direction_id=named.direction_id.max(),
        schedule_relationship=named.schedule_relationship.max(where=named.schedule_relationship != "SCHEDULED"),
        first_s=named.event_timestamp.min(),
        last_s=named.event_timestamp.max(),
        positions=named.count(),
    )
    number = ibis.row_number().over(order_by=[groups[name] for name in _IDENTITY])
    return groups.mutate(
        vehicle_trip_key=(number + 1).cast("int64"),
        vehicle_id=groups._vehicle.nullif(""),
        trip_id_scheduled=groups._trip.startswith("\n").ifelse(ibis.null("string"), groups._trip),
        start_time=groups._start.nullif(-1),
        route_id=groups._route.nullif(""),
    )


def with_vehicle_trip(positions: Table, vehicle_trips: Table, *columns: str) -> Table:
    """Positions with the number of their vehicle's trip, and further columns of it.

    Left out are positions of vehicle trips that the table does not have, and those before its `earliest_s` or after its `latest_s`
    where it has these columns: a vehicle that waits for its trip, or was never signed off, is not on it.
    """
    bounded = [name for name in ("earliest_s", "latest_s") if name in vehicle_trips.columns]
    wanted = vehicle_trips.select(*_IDENTITY, "vehicle_trip_key", *bounded, *columns)
    found = positions.mutate(**_identity(positions)).inner_join(wanted, list(_IDENTITY)).drop(*_IDENTITY)
    if bounded:
        after = (found.event_timestamp >= found.earliest_s).fill_null(True)
        found = found.filter(after, (found.event_timestamp <= found.latest_s).fill_null(True))
    return found.drop(*bounded)


def _identity(positions: Table) -> dict[str, Value]:
    return {
        "_vehicle": _vehicle(positions).fill_null(""),
        "_trip": positions.trip_id_scheduled.coalesce(ibis.literal("\n") + positions.direction_id.cast("string").fill_null("")),
        "_start": positions.start_time.fill_null(-1).cast("int32"),
        "_route": positions.route_id.fill_null(""),
    }


def _vehicle(positions: Table) -> StringValue:
    return positions.vehicle_id.coalesce(positions.vehicle_label)
