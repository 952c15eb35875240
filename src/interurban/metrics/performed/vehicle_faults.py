"""Vehicles whose clock or place is not to be believed: nothing is left out for it, a reader of the day is told."""

from __future__ import annotations

from collections.abc import Mapping

from ibis.expr.types import Table

SKEW_S = (-30, 600)
"""Half of a vehicle's positions are received within these seconds of their moment, if its clock is right."""
FROZEN_S = 600
"""A vehicle on a trip that is at the very same place for longer does not tell where it is, but for its terminals."""
TERMINAL_M = 250
_M_PER_DEGREE = 111_200


def skewed_clocks(vehicle_locations: Table) -> Table:
    """Vehicles whose clock is off, or whose positions come late.

    Grain: one row per vehicle_id (else its label) whose median of received - moment is outside [-30, 600] s; column skew_s float64.
    Args:
        vehicle_locations: docs/lake.md, Tables of a service day; before `clean`, which leaves out the worst.

    Missing: moments that are the header's tell nothing of a vehicle's clock; without a receipt the header's time is taken.
    """
    t = vehicle_locations
    own = t.filter(~t.is_header_time.fill_null(False))
    own = own.mutate(vehicle_id=own.vehicle_id.coalesce(own.vehicle_label))
    delay = own.received_at.coalesce(own.feed_timestamp) - own.event_timestamp
    vehicles = own.filter(own.vehicle_id.notnull()).group_by("vehicle_id").agg(skew_s=delay.median().cast("float64"))
    return vehicles.filter(~vehicles.skew_s.between(*SKEW_S))


def frozen_places(positions: Table, by_span: Table, terminals: Table) -> Table:
    """Stretches of a trip in which moments advance and the place does not, for more than ten minutes, away from every terminal.

    Grain: one row per (vehicle_trip_key, from_s), moments from_s and to_s of its first and last position, latitude, longitude.
    Args:
        positions: Has vehicle_trip_key, event_timestamp, latitude, longitude; before and after the trip no vehicle is looked at.
        by_span: `heard_by_span` of these positions by vehicle_trip_key.
        terminals: facts of that name.
    """
    # Ten minutes hold one of these spans of five whole: few trips have a motionless one, only theirs are put in order.
    still = by_span.filter((by_span.positions > 1) & (by_span.least_deg == by_span.most_deg))
    t = positions.filter(positions.latitude.notnull(), positions.longitude.notnull())
    t = t.semi_join(still.select("vehicle_trip_key").distinct(), "vehicle_trip_key")
    order = {"group_by": "vehicle_trip_key", "order_by": ["event_timestamp", "latitude", "longitude"]}
    moved = (t.latitude != t.latitude.lag().over(**order)) | (t.longitude != t.longitude.lag().over(**order))
    t = t.mutate(_moved=moved.fill_null(True).ifelse(1, None))
    t = t.mutate(_place=t._moved.count().over(rows=(None, 0), **order))
    places = t.group_by("vehicle_trip_key", "_place").agg(
        from_s=t.event_timestamp.min(), to_s=t.event_timestamp.max(), latitude=t.latitude.min(), longitude=t.longitude.min()
    )
    long = places.filter(places.to_s - places.from_s > FROZEN_S)
    pairs = long.cross_join(terminals)
    north_m = (pairs.latitude - pairs.stop_lat) * _M_PER_DEGREE
    east_m = (pairs.longitude - pairs.stop_lon) * _M_PER_DEGREE * pairs.latitude.radians().cos()
    at_terminal = pairs.filter(north_m * north_m + east_m * east_m <= TERMINAL_M**2)
    at_terminal = at_terminal.select("vehicle_trip_key", "_place").distinct()
    return long.anti_join(at_terminal, ["vehicle_trip_key", "_place"]).drop("_place")


def terminals(tables: Mapping[str, Table]) -> Table:
    """Where trips begin or end: one row per place, stop_lat and stop_lon; `tables` has patterns and stops."""
    patterns = tables["patterns"]
    ends = patterns.group_by("pattern_key").agg(
        _first=patterns.stop_key.argmin(patterns.stop_sequence), _last=patterns.stop_key.argmax(patterns.stop_sequence)
    )
    keys = ends.select(stop_key="_first").union(ends.select(stop_key="_last")).distinct()
    return tables["stops"].inner_join(keys, "stop_key").select("stop_lat", "stop_lon").distinct()
