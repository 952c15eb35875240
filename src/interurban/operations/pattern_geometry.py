"""Lines and stops of the patterns that vehicles ran, small enough to be sent to every machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from interurban.kernels.projection import Floats, Ints, grid_distances_m, utm_xy, utm_zone

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from interurban.store.engine import Engine


@dataclass(frozen=True)
class PatternGeometry:
    """Patterns in order of their key; a pattern's line is its shape, simplified, or without one goes straight from stop to stop."""

    pattern_key: Ints
    zone: Ints  # UTM zone in whose grid the line lies; 0: no line
    line_offsets: Ints  # start of the line of each pattern in its points, and the end of the last
    x: Floats
    y: Floats
    at_m: Floats
    has_shape: Ints  # 1 or 0
    stop_offsets: Ints
    stop_sequence: Ints
    stop_m: Floats  # distance along the line; NaN unknown
    stop_s: Floats  # scheduled seconds since the first departure, of one trip of the pattern; NaN unknown


def pattern_geometry(engine: Engine, tables: Mapping[str, ir.Table], pattern_keys: ir.Table) -> PatternGeometry:
    """Lines and stops of some patterns of a feed version.

    Args:
        engine: runs what is asked of the tables.
        tables: `patterns`, `stops`, `shape_points`, `trips`, `stop_times` (docs/lake.md).
        pattern_keys: column `pattern_key`, any rows: the patterns wanted.
    Missing: patterns that the tables do not know are left out.
    """
    wanted = pattern_keys.select("pattern_key").distinct()
    patterns = tables["patterns"].semi_join(wanted, "pattern_key")
    patterns = patterns.select("pattern_key", "stop_sequence", "stop_key", "position_m", "shape_key")
    stops = tables["stops"].select("stop_key", "stop_lat", "stop_lon")
    placed = patterns.left_join(stops, "stop_key").drop("stop_key_right")
    placed = placed.left_join(_run_times(tables, wanted), ["pattern_key", "stop_sequence"]).drop("pattern_key_right", "stop_sequence_right")
    points = tables["shape_points"].semi_join(patterns.filter(patterns.position_m.notnull()), "shape_key")
    points = points.select("shape_key", "shape_pt_sequence", "shape_pt_lat", "shape_pt_lon", "distance_m")
    points = points.order_by("shape_key", "shape_pt_sequence")
    return geometry_of(engine.run(placed.order_by("pattern_key", "stop_sequence")), engine.run(points))


def _run_times(tables: Mapping[str, ir.Table], wanted: ir.Table) -> ir.Table:
    """Seconds from the first departure to each stop, of the trip with the smallest key of each pattern."""
    trips = tables["trips"].semi_join(wanted, "pattern_key")
    trips = trips.filter(trips.first_departure.notnull())
    chosen = trips.group_by("pattern_key").aggregate(trip_key=trips.trip_key.min())
    first = trips.semi_join(chosen, "trip_key").select("trip_key", "pattern_key", "first_departure")
    times = tables["stop_times"].select("trip_key", "stop_sequence", "arrival_time", "departure_time")
    joined = times.inner_join(first, "trip_key")
    moment = joined.arrival_time.coalesce(joined.departure_time)
    return joined.select("pattern_key", "stop_sequence", stop_s=(moment - joined.first_departure).cast("float64"))


def geometry_of(patterns: pa.Table, points: pa.Table) -> PatternGeometry:
    """The same from Arrow tables.

    Args:
        patterns: `pattern_key`, `stop_sequence`, `shape_key`, `position_m`, `stop_lat`, `stop_lon`, `stop_s`, sorted by the first two.
        points: `shape_key`, `shape_pt_lat`, `shape_pt_lon`, `distance_m`, sorted along the shapes; any other columns.
    """
    key, stop_sequence = _ints(patterns, "pattern_key"), _ints(patterns, "stop_sequence")
    stop_lat, stop_lon, stop_m = (_floats(patterns, name) for name in ("stop_lat", "stop_lon", "position_m"))
    pattern_key, first = np.unique(key, return_index=True)
    stop_offsets = np.append(first, key.size).astype(np.int64)
    has_position = np.bincount(np.repeat(np.arange(first.size), np.diff(stop_offsets)), np.isfinite(stop_m), first.size) > 0
    shape, shape_offsets, shape_x, shape_y, shape_at_m, shape_zone = _shapes(points)
    shape_key = _ints(patterns, "shape_key")[first]
    number = np.minimum(np.searchsorted(shape, shape_key), max(shape.size - 1, 0))
    has_shape = has_position & (shape[number] == shape_key) if shape.size else np.zeros(first.size, dtype=np.bool_)
    lines, zone = [], np.zeros(first.size, dtype=np.int64)
    for n in range(first.size):
        own = slice(stop_offsets[n], stop_offsets[n + 1])
        if has_shape[n]:
            part = slice(shape_offsets[number[n]], shape_offsets[number[n] + 1])
            zone[n] = shape_zone[number[n]]
            lines.append((shape_x[part], shape_y[part], shape_at_m[part]))
        else:
            zone[n], line, stop_m[own] = _stop_to_stop(stop_lat[own], stop_lon[own])
            lines.append(line)
    x, y, at_m = (np.concatenate([np.zeros(0), *(line[part] for line in lines)]) for part in range(3))
    line_offsets = np.append(0, np.cumsum([line[0].size for line in lines])).astype(np.int64)
    stop_s = _floats(patterns, "stop_s")
    return PatternGeometry(
        pattern_key, zone, line_offsets, x, y, at_m, has_shape.astype(np.int64), stop_offsets, stop_sequence, stop_m, stop_s
    )


def _shapes(points: pa.Table) -> tuple[Ints, Ints, Floats, Floats, Floats, Ints]:
    """Keys, offsets, simplified lines and zones of shapes; points without coordinates are passed over."""
    from interurban.kernels.simplify_lines import simplified

    key, lat, lon, at_m = _ints(points, "shape_key"), *(_floats(points, name) for name in ("shape_pt_lat", "shape_pt_lon", "distance_m"))
    known = np.isfinite(lat) & np.isfinite(lon) & np.isfinite(at_m)
    key, lat, lon, at_m = key[known], lat[known], lon[known], at_m[known]
    shape, first = np.unique(key, return_index=True)
    offsets = np.append(first, key.size).astype(np.int64)
    zone = utm_zone(lat[first], lon[first])
    x, y = utm_xy(lat, lon, np.repeat(zone, np.diff(offsets)))
    kept, offsets = simplified(x, y, at_m, offsets)
    return shape, offsets, x[kept], y[kept], at_m[kept], zone


def _stop_to_stop(lat: Floats, lon: Floats) -> tuple[int, tuple[Floats, Floats, Floats], Floats]:
    """Zone, line and distances of the stops when only they are known."""
    known = np.isfinite(lat) & np.isfinite(lon)
    at_m = np.full(lat.size, np.nan)
    if not known.any():
        return 0, (np.zeros(0), np.zeros(0), np.zeros(0)), at_m
    zone = int(utm_zone(lat[known][0], lon[known][0]))
    x, y = utm_xy(lat[known], lon[known], zone)
    at_m[known] = grid_distances_m(lat[known], lon[known], [0])
    return zone, (x, y, at_m[known]), at_m


def _ints(table: pa.Table, name: str) -> Ints:
    """A column of whole numbers; -1 where it is NULL: no key is negative."""
    column: Ints = table[name].fill_null(-1).to_numpy().astype(np.int64)
    return column


def _floats(table: pa.Table, name: str) -> Floats:
    column: Floats = table[name].to_numpy().astype(np.float64)
    return column
