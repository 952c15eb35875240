"""Where vehicles that say no trip end one and begin the next: while they lay over at a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import ibis
from ibis.expr.types import IntegerValue, NumericValue, Table

TERMINAL_M = 150
LAYOVER_S = 180
"""Who is near a terminal for at least so long lays over; to pass one, with a stop at it, takes half of that."""
_M_PER_DEGREE = 111_200
_CELLS = 100  # to a degree: a cell is wider than the way to a terminal, up to 80° north


def route_terminals(runs: Table, tables: Mapping[str, Table]) -> Table:
    """Where the trips of a service day begin and end: one row per route and place; columns route_id, stop_lat, stop_lon.

    Args:
        runs: The fact of that name.
        tables: patterns, stops.
    """
    patterns = tables["patterns"]
    ends = patterns.group_by("pattern_key").agg(
        _first=patterns.stop_key.argmin(patterns.stop_sequence), _last=patterns.stop_key.argmax(patterns.stop_sequence)
    )
    of_routes = runs.select("route_id", "pattern_key").distinct().inner_join(ends, "pattern_key")
    keys = of_routes.select("route_id", stop_key="_first").union(of_routes.select("route_id", stop_key="_last")).distinct()
    stops = tables["stops"].filter(lambda t: t.stop_lat.notnull() & t.stop_lon.notnull())
    return keys.inner_join(stops, "stop_key").select("route_id", "stop_lat", "stop_lon").distinct()


def next_trips(positions: Table, terminals: Table) -> Table:
    """When vehicles begin another trip: in the middle of a stay at a terminal of their route, or of any route where they name none.

    Grain: one row per (vehicle_trip_key, event_timestamp), the first position after that middle.
    Args:
        positions: vehicle_trip_key, event_timestamp, latitude, longitude, route_id of vehicles that name no trip.
        terminals: `route_terminals`.

    Missing: a stay before all else or after it divides nothing; nor does one shorter than `LAYOVER_S`, as a ring line's may be.
    Source: ours.
    """
    moments = positions.group_by("vehicle_trip_key", "event_timestamp").agg(
        latitude=positions.latitude.min(), longitude=positions.longitude.min(), route_id=positions.route_id.max()
    )
    near = _near(moments, terminals).mutate(_near=ibis.literal(True))
    t = moments.select("vehicle_trip_key", "event_timestamp").left_join(near, ["vehicle_trip_key", "event_timestamp"])
    t = t.select("vehicle_trip_key", "event_timestamp", is_near=t._near.fill_null(False))
    order = {"group_by": "vehicle_trip_key", "order_by": "event_timestamp"}
    t = t.mutate(_changed=(t.is_near != t.is_near.lag().over(**order)).fill_null(False).ifelse(1, ibis.null("int8")))
    t = t.mutate(_stay=t._changed.count().over(rows=(None, 0), **order))
    stays = t.group_by("vehicle_trip_key", "_stay").agg(
        is_near=t.is_near.max(), from_s=t.event_timestamp.min(), to_s=t.event_timestamp.max()
    )
    last = stays._stay.max().over(group_by="vehicle_trip_key")
    stays = stays.mutate(_is_between=(stays._stay > 0) & (stays._stay < last))
    stays = stays.filter(stays.is_near, stays._is_between, stays.to_s - stays.from_s >= LAYOVER_S)
    within = t.inner_join(stays.drop("is_near"), ["vehicle_trip_key", "_stay"])
    within = within.filter(2 * within.event_timestamp > within.from_s + within.to_s)
    return within.group_by("vehicle_trip_key", "_stay").agg(event_timestamp=within.event_timestamp.min()).drop("_stay")


def _near(moments: Table, terminals: Table) -> Table:
    """Those of the moments at which the vehicle is near a terminal: by cells, so that not each is compared with each."""
    cells = [
        terminals.select(
            "stop_lat", "stop_lon", _route="route_id", _row=_cell(terminals.stop_lat) + north, _column=_cell(terminals.stop_lon) + east
        )
        for north in (-1, 0, 1)
        for east in (-1, 0, 1)
    ]
    around = reduce(lambda whole, part: whole.union(part), cells)
    placed = moments.mutate(_row=_cell(moments.latitude), _column=_cell(moments.longitude))
    pairs = placed.inner_join(around, ["_row", "_column"])
    north_m = (pairs.latitude - pairs.stop_lat) * _M_PER_DEGREE
    east_m = (pairs.longitude - pairs.stop_lon) * _M_PER_DEGREE * pairs.latitude.radians().cos()
    is_theirs = (pairs.route_id == pairs._route).fill_null(True)
    found = pairs.filter(is_theirs, north_m * north_m + east_m * east_m <= TERMINAL_M**2)
    return found.select("vehicle_trip_key", "event_timestamp").distinct()


def _cell(degrees: NumericValue) -> IntegerValue:
    return (degrees * _CELLS).floor().cast("int64")
