"""When vehicles were at stops, from nothing but their positions: the geometry branch of stop visits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from interurban.operations.pattern_geometry import PatternGeometry, pattern_geometry

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from interurban.kernels.match_positions import Lines, Runs
    from interurban.kernels.projection import Floats, Ints
    from interurban.store.engine import Engine

NEAR_SHAPE_M = 35.0
OFF_ROUTE_M = 200.0
OFF_ROUTE_WITHOUT_SHAPE_M = 500.0  # straight lines between stops cut the corners of streets and tracks


class ModeLimits(NamedTuple):
    """What is assumed of the vehicles of a mode and their positions."""

    arrival_radius_m: float  # this near before the stop is at the stop
    departure_radius_m: float  # this near behind it; long trains clear a platform late
    sigma_m: float  # noise of positions across the line
    fastest_m_s: float


_ROAD = ModeLimits(50.0, 50.0, 30.0, 90 / 3.6)
_METRO = ModeLimits(50.0, 100.0, 60.0, 120 / 3.6)
MODE_LIMITS: Mapping[str, ModeLimits] = {
    "bus": _ROAD,
    "tram": _ROAD,
    "trolleybus": _ROAD,
    "metro": _METRO,
    "monorail": _METRO,
    "rail": ModeLimits(100.0, 100.0, 60.0, 350 / 3.6),
    "other": ModeLimits(30.0, 30.0, 30.0, 120 / 3.6),
}


class GeometryVisits(NamedTuple):
    """What positions tell of runs."""

    visits: ir.Table
    runs: ir.Table


def geometry_visits(
    engine: Engine, pings: ir.Table, tables: Mapping[str, ir.Table], limits: Mapping[str, ModeLimits] = MODE_LIMITS
) -> GeometryVisits:
    """Arrivals and departures of runs at the stops of their pattern, by matching positions to its line.

    Grain: `visits` one row per (run_key, stop_sequence) of which anything is known: arrival_s, departure_s (moments),
        arrival_lo, arrival_hi, departure_lo, departure_hi (the two positions that bracket each), method ("geometry", or
        "interpolated" where a bracket is too wide to tell one stop from the next). `runs` one row per run_key:
        positions_used, positions_near_shape (within 35 m), positions_off_route (beyond 200 m; both NULL without a shape),
        match_cost (0 to 36: mean squared distance in sigmas; NULL: nothing was matched).
    Args:
        engine: runs the kernel on whole runs, wherever that is.
        pings: run_key int64, pattern_key int64 (NULL: not matched), mode, schedule_trip_start (moment of the scheduled start of the
            run, NULL: unknown), event_timestamp, latitude, longitude. Any order; repeated moments count once.
        tables: `patterns`, `stops`, `shape_points`, `trips`, `stop_times` of the schedule in force.
        limits: by mode; modes not named there are taken for "other".
    Missing: stops before the first position and beyond the last, across detours of three positions or more, and without
        coordinates have no row. The first stop has no arrival and the last no departure.
    Source: `kernels.match_positions` and `kernels.crossings`.
    """
    geometry = pattern_geometry(engine, tables, pings)
    columns = ["run_key", "pattern_key", "mode", "schedule_trip_start", "event_timestamp", "latitude", "longitude"]
    made = engine.map_groups(
        pings.select(*columns),
        ("run_key",),
        ("event_timestamp", "latitude", "longitude"),
        partial(visits_of_positions, geometry=geometry, limits=dict(limits)),
        schema(),
    )
    visits = made.filter(made.stop_sequence.notnull()).drop(*_OF_RUN)
    runs = made.filter(made.stop_sequence.isnull()).select("run_key", *_OF_RUN)
    return GeometryVisits(visits, runs)


_TIMES = ("arrival_s", "arrival_lo", "arrival_hi", "departure_s", "departure_lo", "departure_hi")
_OF_RUN = ("positions_used", "positions_near_shape", "positions_off_route", "match_cost")


def schema() -> pa.Schema:
    """Columns of `visits_of_positions`."""
    import pyarrow as pa

    counts = [(name, pa.int64()) for name in _OF_RUN[:3]]
    times = [(name, pa.int64()) for name in _TIMES]
    return pa.schema(
        [("run_key", pa.int64()), ("stop_sequence", pa.int32()), *times, ("method", pa.string()), *counts, ("match_cost", pa.float64())]
    )


def visits_of_positions(positions: pa.Table, geometry: PatternGeometry, limits: Mapping[str, ModeLimits] = MODE_LIMITS) -> pa.Table:
    """Stop visits of whole runs, and with `stop_sequence` NULL one row of counts per run; columns of `schema`.

    Args:
        positions: columns as in `geometry_visits`, sorted by run_key, event_timestamp, latitude, longitude.
        geometry: of all patterns in `positions`; others count as not matched.
        limits: by mode.
    """
    import pyarrow as pa

    from interurban.kernels.crossings import UNKNOWN_S, crossings
    from interurban.kernels.match_positions import match_positions

    if not positions.num_rows:
        return schema().empty_table()
    run_key, runs, radii_m = runs_of_positions(positions, geometry, limits)
    lines = lines_of(geometry)
    matched = match_positions(lines, runs)
    crossed = crossings(lines, runs, matched, *radii_m)

    run = np.repeat(np.arange(runs.line.size), np.diff(crossed.offsets))
    stop = np.arange(run.size) - crossed.offsets[run] + lines.stop_offsets[runs.line[run]]
    is_timed = (crossed.times_s[0] != UNKNOWN_S) | (crossed.times_s[3] != UNKNOWN_S)
    method = np.where(crossed.is_interpolated[is_timed], "interpolated", "geometry")
    visits = {"run_key": run_key[run[is_timed]], "stop_sequence": geometry.stop_sequence[stop[is_timed]]}
    times = {
        name: pa.array(values[is_timed], mask=values[is_timed] == UNKNOWN_S)
        for name, values in zip(_TIMES, crossed.times_s, strict=True)
    }
    of_visits = pa.table({**visits, **times, "method": method})
    of_runs = pa.table({"run_key": run_key, **_counts(runs, matched.position_m, matched.offset_m, matched.cost, geometry)})
    columns = [
        [table[name].cast(kind) if name in table.column_names else pa.nulls(table.num_rows, kind) for name, kind in _named(schema())]
        for table in (of_visits, of_runs)
    ]
    return pa.concat_tables([pa.Table.from_arrays(each, schema=schema()) for each in columns])


def _named(of: pa.Schema) -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in of]


def lines_of(geometry: PatternGeometry) -> Lines:
    """Lines of the patterns as the kernels take them."""
    from interurban.kernels.match_positions import Lines

    return Lines(
        geometry.line_offsets, geometry.x, geometry.y, geometry.at_m, geometry.stop_offsets, geometry.stop_m, geometry.stop_s
    )


def runs_of_positions(
    positions: pa.Table, geometry: PatternGeometry, limits: Mapping[str, ModeLimits]
) -> tuple[Ints, Runs, Floats]:
    """Keys of the runs in sorted positions, the runs as the kernels take them, and two rows of radii, for arrival and departure."""
    from interurban.kernels.match_positions import Runs
    from interurban.kernels.positions_xy import positions_xy

    key = positions["run_key"].to_numpy()
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    of_runs = positions.select(["pattern_key", "mode", "schedule_trip_start"]).take(first)
    pattern_key = of_runs["pattern_key"].fill_null(-1).to_numpy()
    place = np.minimum(np.searchsorted(geometry.pattern_key, pattern_key), max(geometry.pattern_key.size - 1, 0))
    is_known = geometry.pattern_key[place] == pattern_key if geometry.pattern_key.size else np.zeros(first.size, dtype=np.bool_)
    line = np.where(is_known, place, -1).astype(np.int64)
    arrival_m, departure_m, sigma_m, fastest_m_s = limits_of(of_runs["mode"], limits)
    off_route_m = np.where(np.append(geometry.has_shape, 0)[line] > 0, OFF_ROUTE_M, OFF_ROUTE_WITHOUT_SHAPE_M)
    offsets = np.append(first, key.size).astype(np.int64)
    zone = np.where(line >= 0, np.append(geometry.zone, 0)[line], 0)
    lat, lon = (positions[name].to_numpy().astype(np.float64) for name in ("latitude", "longitude"))
    x, y = positions_xy(lat, lon, np.repeat(np.maximum(zone, 1), np.diff(offsets)))
    start_s = of_runs["schedule_trip_start"].cast("float64").to_numpy().astype(np.float64)
    time_s = positions["event_timestamp"].to_numpy().astype(np.int64)
    runs = Runs(offsets, line, sigma_m, fastest_m_s, off_route_m, start_s, x, y, time_s)
    return key[first], runs, np.array([arrival_m, departure_m])


def limits_of(mode: pa.ChunkedArray, limits: Mapping[str, ModeLimits]) -> list[Floats]:
    """The limits of runs by their modes, one array for each field of `ModeLimits`."""
    coded = mode.fill_null("other").combine_chunks().dictionary_encode()
    table = np.array([limits.get(name, limits["other"]) for name in coded.dictionary.to_pylist()]).reshape(-1, len(ModeLimits._fields))
    return list(table[coded.indices.to_numpy()].T.copy())


def _counts(runs: Runs, position_m: Floats, offset_m: Floats, cost: Floats, geometry: PatternGeometry) -> dict[str, pa.Array]:
    """Per run, how many positions were used, lay near the shape, or off the route."""
    import pyarrow as pa

    run = np.repeat(np.arange(runs.line.size), np.diff(runs.offsets))

    def count(which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Ints:
        return np.bincount(run[which], minlength=runs.line.size)

    has_no_shape = np.append(geometry.has_shape, 0)[runs.line] == 0
    return {
        "positions_used": pa.array(count(np.isfinite(position_m))),
        "positions_near_shape": pa.array(count(offset_m <= NEAR_SHAPE_M), mask=has_no_shape),
        "positions_off_route": pa.array(count(offset_m > OFF_ROUTE_M), mask=has_no_shape),
        "match_cost": pa.array(cost, mask=np.isnan(cost)),
    }
