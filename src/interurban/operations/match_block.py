"""Which trip of its block a vehicle was on at each position, when it names the block alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from interurban.kernels.projection import Floats, Ints
from interurban.operations.arrays import APART_M, ranges
from interurban.operations.geometry import MODE_LIMITS, OFF_ROUTE_M, ModeLimits, limits_of, lines_of
from interurban.operations.pattern_geometry import PatternGeometry, pattern_geometry

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from interurban.kernels.match_positions import Lines
    from interurban.store.engine import Engine

BLOCK_COLUMNS = ("block_id", "trip_key", "run", "pattern_key", "mode", "start_s")
MOST_COST = 18.0  # of a position on average: half of them, or their like, were nowhere near the block
_LAYOVER_M = 1.0  # between two trips that end and begin at one place: what is later must be further


@dataclass(frozen=True)
class ScheduledBlocks:
    """Scheduled runs in order of block and start."""

    table: pa.Table
    block_id: npt.NDArray[np.object_]  # distinct, sorted
    offsets: Ints  # start of each block in the rows, and the end of the last
    start: Ints  # moment

    @classmethod
    def of(cls, table: pa.Table, origin_s: int) -> ScheduledBlocks:
        """From `BLOCK_COLUMNS` of the fact `runs`, all with a block, sorted by block_id and start_s."""
        blocks, first = np.unique(table["block_id"].to_numpy(zero_copy_only=False).astype(object), return_index=True)
        return cls(table, blocks, np.append(first, table.num_rows), table["start_s"].to_numpy().astype(np.int64) + origin_s)


def match_blocks(
    engine: Engine,
    pings: ir.Table,
    tables: Mapping[str, ir.Table],
    scheduled: ir.Table,
    origin_s: int,
    limits: Mapping[str, ModeLimits] = MODE_LIMITS,
) -> ir.Table:
    """The trip of the block that a vehicle was on, position by position.

    The lines of a block's trips, one behind the other in order of time, are one long line; the positions of a run are matched to
    it as to any other, the first and the last with a look at the schedule. The first position within reach of a trip's last stop
    is the last of that trip; what follows is the next trip's, layover included. A trip of which no position lies
    between its first and its last stop was not made.

    Grain: one row per (run_key, event_timestamp): trip_key, run, match_method "block", match_score (mean match cost of the run).
        Positions after the last trip, and runs of unknown blocks or that were elsewhere than their block, have no row.
    Args:
        engine: runs it on whole runs.
        pings: run_key int64, block_id, event_timestamp, latitude, longitude. A run may span as many trips as it likes.
        tables: as for `geometry_visits`.
        scheduled: the fact `runs` of one service date.
        origin_s: moment from which that date's times count.
        limits: by mode.
    Source: ours.
    """
    on_lines = scheduled.filter(scheduled.block_id.notnull() & scheduled.pattern_key.notnull() & scheduled.start_s.notnull())
    on_lines = on_lines.semi_join(tables["patterns"], "pattern_key")
    rows = engine.run(on_lines.select(*BLOCK_COLUMNS).order_by("block_id", "start_s", "trip_key", "run"))
    geometry = pattern_geometry(engine, tables, on_lines)
    rows = rows.filter(_have_line(geometry, rows["pattern_key"].to_numpy()))
    return engine.map_groups(
        pings.select("run_key", "block_id", "event_timestamp", "latitude", "longitude"),
        ("run_key",),
        ("event_timestamp", "latitude", "longitude"),
        partial(
            trips_along_blocks,
            geometry=geometry,
            blocks=ScheduledBlocks.of(rows, origin_s),
            limits=dict(limits),
        ),
        block_trips_schema(),
    )


def _have_line(geometry: PatternGeometry, pattern_key: Ints) -> npt.NDArray[np.bool_]:
    """Which patterns have a line: without coordinates there is none."""
    has_line: npt.NDArray[np.bool_] = np.isin(pattern_key, geometry.pattern_key[np.diff(geometry.line_offsets) > 0])
    return has_line


def block_trips_schema() -> pa.Schema:
    """Columns of `trips_along_blocks`."""
    import pyarrow as pa

    keys = [(name, pa.int64()) for name in ("run_key", "event_timestamp", "trip_key", "run")]
    return pa.schema([*keys, ("match_method", pa.string()), ("match_score", pa.float64())])


def trips_along_blocks(
    positions: pa.Table, geometry: PatternGeometry, blocks: ScheduledBlocks, limits: Mapping[str, ModeLimits]
) -> pa.Table:
    """The trip at each position of whole runs; columns of `block_trips_schema`.

    Args:
        positions: columns as in `match_blocks`, sorted by run_key, event_timestamp, latitude, longitude.
        geometry: of all patterns of `blocks`.
        blocks: of the service date.
        limits: by mode.
    """
    import pyarrow as pa

    from interurban.kernels.match_positions import Runs, match_positions
    from interurban.kernels.positions_xy import positions_xy

    if not positions.num_rows or not geometry.x.size or not blocks.start.size:
        return block_trips_schema().empty_table()
    key, moment = positions["run_key"].to_numpy(), positions["event_timestamp"].to_numpy().astype(np.int64)
    offsets = np.append(np.flatnonzero(np.append(True, key[1:] != key[:-1])), key.size).astype(np.int64)
    named = positions["block_id"].fill_null("").to_numpy(zero_copy_only=False).astype(object)[offsets[:-1]]
    place = np.minimum(np.searchsorted(blocks.block_id, named), blocks.block_id.size - 1)
    block = np.where(blocks.block_id[place] == named, place, -1).astype(np.int64)
    lines, zone, first_m, end_m = _block_lines(geometry, blocks)
    first_trip = blocks.offsets[np.maximum(block, 0)]
    arrival_m, departure_m, sigma_m, fastest_m_s = limits_of(blocks.table["mode"].take(first_trip), limits)
    counts = np.diff(offsets)
    lat, lon = (positions[name].to_numpy().astype(np.float64) for name in ("latitude", "longitude"))
    x, y = positions_xy(lat, lon, np.repeat(np.maximum(zone[block], 1), counts))
    start_s = blocks.start[first_trip].astype(np.float64)
    runs = Runs(offsets, block, sigma_m, fastest_m_s, np.full(block.size, OFF_ROUTE_M), start_s, x, y, moment)
    matched = match_positions(lines, runs)

    run = np.repeat(np.arange(block.size), counts)
    ends_m = block_of(blocks) * APART_M + end_m
    trip = _trips(matched.position_m, run, (block * APART_M).astype(np.float64), ends_m, arrival_m)
    is_on = ((block >= 0) & (matched.cost <= MOST_COST))[run] & (trip < blocks.offsets[1:][block[run]])
    of_run = run * (blocks.start.size + 1) + trip
    is_between = (matched.position_m > np.append(first_m, np.inf)[trip] + departure_m[run]) & (
        matched.position_m < np.append(end_m, -np.inf)[trip] - arrival_m[run]
    )
    is_on &= np.isin(of_run, of_run[is_between])
    trip = trip[is_on]
    made = blocks.table.select(["trip_key", "run"]).take(trip)
    made = made.append_column("run_key", pa.array(key[is_on])).append_column("event_timestamp", pa.array(moment[is_on]))
    made = made.append_column("match_method", pa.repeat("block", trip.size))
    made = made.append_column("match_score", pa.array(matched.cost[run[is_on]], from_pandas=True))
    # A moment told twice is one row.
    again = np.append(False, (np.diff(key[is_on]) == 0) & (np.diff(moment[is_on]) == 0))[: trip.size]
    return made.select(block_trips_schema().names).cast(block_trips_schema()).filter(pa.array(~again))


def block_of(blocks: ScheduledBlocks) -> Ints:
    """The number of the block of each row."""
    return np.repeat(np.arange(blocks.block_id.size), np.diff(blocks.offsets))


def _block_lines(geometry: PatternGeometry, blocks: ScheduledBlocks) -> tuple[Lines, Ints, Floats, Floats]:
    """One line for each block, its zone, and where along it each trip has its first and its last stop."""
    from interurban.kernels.match_positions import Lines

    pattern = np.searchsorted(geometry.pattern_key, blocks.table["pattern_key"].to_numpy())
    block = block_of(blocks)
    points, stops = np.diff(geometry.line_offsets)[pattern], np.diff(geometry.stop_offsets)[pattern]
    point, stop = ranges(geometry.line_offsets[pattern], points), ranges(geometry.stop_offsets[pattern], stops)
    lines = lines_of(geometry)
    length_m = np.append(lines.at_m, 0.0)[np.maximum(geometry.line_offsets[pattern + 1] - 1, 0)]
    first, last = point[np.append(0, np.cumsum(points))[:-1] % max(point.size, 1)], point[np.cumsum(points) - 1]
    way_m = np.append(np.hypot(lines.x[first[1:]] - lines.x[last[:-1]], lines.y[first[1:]] - lines.y[last[:-1]]), 0.0)
    ends = np.cumsum(length_m + np.maximum(way_m, _LAYOVER_M))
    begins_m = ends - length_m - np.maximum(way_m, _LAYOVER_M)
    begins_m -= begins_m[blocks.offsets[:-1]][block]  # every block begins at 0
    starts_s = (blocks.start - blocks.start[blocks.offsets[:-1]][block]).astype(np.float64)
    joined = Lines(
        np.append(0, np.cumsum(points))[blocks.offsets],
        lines.x[point],
        lines.y[point],
        lines.at_m[point] + np.repeat(begins_m, points),
        np.append(0, np.cumsum(stops))[blocks.offsets],
        lines.stop_m[stop] + np.repeat(begins_m, stops),
        lines.stop_s[stop] + np.repeat(starts_s, stops),
    )
    first_stop, last_stop = np.cumsum(stops) - stops, np.cumsum(stops) - 1
    first_m = np.where(np.isfinite(joined.stop_m[first_stop]), joined.stop_m[first_stop], begins_m)
    end_m = np.where(np.isfinite(joined.stop_m[last_stop]), joined.stop_m[last_stop], begins_m + length_m)
    return joined, geometry.zone[pattern][blocks.offsets[:-1]], first_m, end_m


def _trips(position_m: Floats, run: Ints, block_m: Floats, ends_m: Floats, arrival_m: Floats) -> Ints:
    """The row of the trip at each position of runs; the last of its block and one, where all are over.

    Args:
        position_m: along the line of the block of each run; NaN: not known.
        run: of each position.
        block_m: of each run, where its block begins on the scale of `ends_m`.
        ends_m: where each trip has its last stop.
        arrival_m: of each run, how near to the last stop is at it.
    """
    own = np.searchsorted(ends_m, block_m[run] + np.where(np.isfinite(position_m), position_m, -APART_M / 4), side="right")
    known = np.flatnonzero(np.isfinite(position_m))
    first = np.searchsorted(ends_m, block_m - APART_M / 4)  # the first of the block
    first[run[known][::-1]] = own[known[::-1]]  # of several the last one written stays: the first position
    reached_m = _reached_before(position_m, run)
    passed = np.maximum(np.searchsorted(ends_m, (block_m + arrival_m)[run] + reached_m, side="right"), first[run])
    # Where the vehicle left a trip out, nothing was the last of it.
    trips: Ints = np.where(own > passed + 1, own, passed)
    return trips


def _reached_before(position_m: Floats, run: Ints) -> Floats:
    """The furthest place of the same run before each position; minus infinity, as a large number, for the first."""
    behind = np.where(np.isfinite(position_m), position_m, -APART_M / 4)
    one_scale = np.maximum.accumulate(behind + run * APART_M)
    before = np.append(-APART_M, one_scale[:-1]) - run * APART_M
    reached_m: Floats = np.maximum(before, -APART_M / 4)
    return reached_m
