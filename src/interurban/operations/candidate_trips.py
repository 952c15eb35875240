"""Scheduled trips that a run of positions may have been, each with how well it fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from interurban.kernels.projection import Floats, Ints
from interurban.operations.arrays import APART_M, ranges
from interurban.operations.geometry import ModeLimits, limits_of, lines_of
from interurban.operations.pattern_geometry import PatternGeometry

if TYPE_CHECKING:
    import pyarrow as pa

    from interurban.kernels.match_positions import Runs

LONGEST_S = 10_800  # a trip that began earlier than this before the first position is not looked at
EARLY_S = 1800
MOST_DEVIATION_S = 3600
MOST_COST = 3.0  # of a position on average; the same street the other way costs more
NEAREST_START_S = 1800
LATE_END_S = 1800  # who is on the way for longer after the trip should have ended went on more trips than that one
NEAR_LINE_M, NEAR_LINE_SHARE = 100.0, 0.8  # for runs that do not name their route
_CELL_M = 200.0
_SCORE_S = 600.0


TRIP_COLUMNS = ("trip_key", "run", "route_id", "direction_id", "pattern_key", "mode", "start_s", "end_s")


@dataclass(frozen=True)
class ScheduledTrips:
    """Scheduled runs in order of route and start, small enough to be sent to every machine."""

    table: pa.Table
    route_id: npt.NDArray[np.object_]  # distinct, sorted
    offsets: Ints  # start of each route in the rows, and the end of the last
    direction_id: Ints  # -1: not said
    pattern_key: Ints
    start: Ints  # moment
    end: Ints  # moment

    @classmethod
    def of(cls, table: pa.Table, origin_s: int) -> ScheduledTrips:
        """From `TRIP_COLUMNS` of the fact `runs`, sorted by route_id and start_s."""
        routes, first = np.unique(table["route_id"].fill_null("").to_numpy(zero_copy_only=False).astype(object), return_index=True)
        start, end = (table[name].to_numpy().astype(np.int64) + origin_s for name in ("start_s", "end_s"))
        direction = table["direction_id"].fill_null(-1).to_numpy().astype(np.int64)
        return cls(table, routes, np.append(first, table.num_rows), direction, table["pattern_key"].to_numpy(), start, end)


class _Places(NamedTuple):
    """Positions in degrees, run after run."""

    lat: Floats
    lon: Floats
    time_s: Ints
    offsets: Ints


class _Pairs(NamedTuple):
    """Runs beside rows of the schedule."""

    run: Ints
    trip: Ints


def candidates_schema() -> pa.Schema:
    """Columns of `candidates_of_positions`."""
    import pyarrow as pa

    keys = [(name, pa.int64()) for name in ("run_key", "trip_key", "run")]
    return pa.schema([*keys, ("route_id", pa.string()), ("match_score", pa.float64()), ("is_by_line", pa.bool_())])


def candidates_of_positions(
    positions: pa.Table, geometry: PatternGeometry, trips: ScheduledTrips, limits: Mapping[str, ModeLimits]
) -> pa.Table:
    """Trips that whole runs may have been: by their line and time (`is_by_line`), and of their route by the nearest start.

    Args:
        positions: columns as in `match_runs`, sorted by run_key, event_timestamp, latitude, longitude.
        geometry: of all patterns of `trips`.
        trips: of the service date.
        limits: by mode.
    """
    import pyarrow as pa

    if not positions.num_rows or not trips.start.size:
        return candidates_schema().empty_table()
    key, moment = positions["run_key"].to_numpy(), positions["event_timestamp"].to_numpy().astype(np.int64)
    offsets = np.append(np.flatnonzero(np.append(True, key[1:] != key[:-1])), key.size).astype(np.int64)
    of_runs = positions.select(["route_id", "direction_id"]).take(offsets[:-1])
    names_route = ~of_runs["route_id"].is_null().to_numpy(zero_copy_only=False)
    begin, end = moment[offsets[:-1]], moment[offsets[1:] - 1]
    near = _of_route(of_runs, names_route, begin, end, trips)
    lat, lon = (positions[name].to_numpy().astype(np.float64) for name in ("latitude", "longitude"))
    places = _Places(lat, lon, moment, offsets)
    if not names_route.all():
        anywhere = _beside_lines(places, ~names_route, begin, end, geometry, trips)
        near = _Pairs(np.append(near.run, anywhere.run), np.append(near.trip, anywhere.trip))
    cost, started = _fit(near, places, geometry, trips, limits, ~names_route)
    deviation_s = started - trips.start[near.trip]
    score = cost + (deviation_s / _SCORE_S) ** 2
    fits = (cost <= MOST_COST) & (np.abs(deviation_s) <= MOST_DEVIATION_S)
    fits[fits] = _on_one_route(near.run[fits], trips.table["route_id"].take(near.trip[fits]), score[fits])
    away_s = (begin[near.run] - trips.start[near.trip]).astype(np.float64)
    starts = names_route[near.run] & (np.abs(away_s) <= NEAREST_START_S) & (end[near.run] <= trips.end[near.trip] + LATE_END_S)
    run, trip = np.append(near.run[fits], near.run[starts]), np.append(near.trip[fits], near.trip[starts])
    scores = np.append(score[fits], (away_s[starts] / _SCORE_S) ** 2)
    made = trips.table.select(["trip_key", "run", "route_id"]).take(trip)
    made = made.append_column("run_key", pa.array(key[offsets[:-1]][run])).append_column("match_score", pa.array(scores))
    made = made.append_column("is_by_line", pa.array(np.arange(run.size) < fits.sum()))
    return made.select(candidates_schema().names).cast(candidates_schema())


def _of_route(of_runs: pa.Table, names_route: npt.NDArray[np.bool_], begin: Ints, end: Ints, trips: ScheduledTrips) -> _Pairs:
    """Trips of the route and direction of each run, that start between three hours before its first position and its last."""
    named = of_runs["route_id"].fill_null("").to_numpy(zero_copy_only=False).astype(object)
    place = np.minimum(np.searchsorted(trips.route_id, named), trips.route_id.size - 1)
    route = np.where(names_route & (trips.route_id[place] == named), place, -1)
    run = np.flatnonzero(route >= 0)
    counts = np.diff(trips.offsets)[route[run]]
    pairs = _Pairs(np.repeat(run, counts), ranges(trips.offsets[route[run]], counts))
    direction = of_runs["direction_id"].fill_null(-1).to_numpy()[pairs.run]
    told = trips.direction_id[pairs.trip]
    return _in_time(pairs, (direction < 0) | (told < 0) | (direction == told), begin, end, trips)


def _in_time(pairs: _Pairs, also: npt.NDArray[np.bool_], begin: Ints, end: Ints, trips: ScheduledTrips) -> _Pairs:
    start = trips.start[pairs.trip]
    kept = also & (start >= begin[pairs.run] - LONGEST_S) & (start <= end[pairs.run] + EARLY_S)
    return _Pairs(pairs.run[kept], pairs.trip[kept])


def _beside_lines(
    places: _Places,
    wanted: npt.NDArray[np.bool_],
    begin: Ints,
    end: Ints,
    geometry: PatternGeometry,
    trips: ScheduledTrips,
) -> _Pairs:
    """Trips in time whose line passes the squares of most positions of a run: a few too many, which the match sorts out."""
    from interurban.kernels.positions_xy import positions_xy

    run = np.repeat(np.arange(wanted.size), np.diff(places.offsets))
    own = np.flatnonzero(wanted[run] & np.isfinite(places.lat) & np.isfinite(places.lon))
    patterns = geometry.pattern_key.size
    hits = np.zeros(0, dtype=np.int64)
    for zone in np.unique(geometry.zone[geometry.zone > 0]).tolist():
        cell, pattern = _cells(geometry, zone)
        x, y = positions_xy(places.lat[own], places.lon[own], zone)
        here = _cell(np.floor(x / _CELL_M).astype(np.int64), np.floor(y / _CELL_M).astype(np.int64))
        first, last = np.searchsorted(cell, here), np.searchsorted(cell, here, side="right")
        found = np.repeat(run[own], last - first) * patterns + pattern[ranges(first, last - first)]
        hits = np.append(hits, found)
    pair, positions = np.unique(hits, return_counts=True)
    near = pair[positions >= NEAR_LINE_SHARE * np.bincount(run[own], minlength=wanted.size)[pair // patterns]]
    order = np.argsort(trips.pattern_key, kind="stable")
    sought = geometry.pattern_key[near % patterns]
    first, last = (np.searchsorted(trips.pattern_key, sought, side=side, sorter=order) for side in ("left", "right"))
    pairs = _Pairs(np.repeat(near // patterns, last - first), order[ranges(first, last - first)])
    return _in_time(pairs, np.ones(pairs.run.size, dtype=np.bool_), begin, end, trips)


def _cells(geometry: PatternGeometry, zone: int) -> tuple[Ints, Ints]:
    """Squares of 200 m on and next to the lines of a zone, sorted, and the pattern of each."""
    pattern = np.repeat(np.arange(geometry.zone.size), np.diff(geometry.line_offsets))
    start = np.flatnonzero((geometry.zone[pattern] == zone)[:-1] & (pattern[1:] == pattern[:-1]))
    steps = np.ceil(np.hypot(np.diff(geometry.x)[start], np.diff(geometry.y)[start]) / (_CELL_M / 2)).astype(np.int64) + 1
    segment = np.repeat(start, steps)
    share = ranges(np.zeros(start.size, dtype=np.int64), steps) / np.repeat(np.maximum(steps - 1, 1), steps)
    column, row = (
        np.floor((values[segment] + share * (values[segment + 1] - values[segment])) / _CELL_M).astype(np.int64)
        for values in (geometry.x, geometry.y)
    )
    around = [_cell(column + east, row + north) for east in (-1, 0, 1) for north in (-1, 0, 1)]
    both = np.unique(np.column_stack([np.concatenate(around), np.tile(pattern[segment], 9)]), axis=0)
    return both[:, 0], both[:, 1]


def _cell(column: Ints, row: Ints) -> Ints:
    return column * 1_000_000 + row


def _fit(
    pairs: _Pairs,
    places: _Places,
    geometry: PatternGeometry,
    trips: ScheduledTrips,
    limits: Mapping[str, ModeLimits],
    must_be_near: npt.NDArray[np.bool_],
) -> tuple[Floats, Floats]:
    """For each pair the match cost of its run on its pattern (NaN: none), and the moment at which the run started, or would have."""
    from interurban.kernels.match_positions import Runs, match_positions
    from interurban.kernels.positions_xy import positions_xy

    line = np.searchsorted(geometry.pattern_key, trips.pattern_key[pairs.trip])
    _, one, back = np.unique(pairs.run * geometry.pattern_key.size + line, return_index=True, return_inverse=True)
    run, line = pairs.run[one], line[one]
    counts = np.diff(places.offsets)[run]
    position = ranges(places.offsets[run], counts)
    x, y = positions_xy(places.lat[position], places.lon[position], np.repeat(np.maximum(geometry.zone[line], 1), counts))
    mode = trips.table["mode"].take(pairs.trip[one])
    _, departure_m, sigma_m, fastest_m_s = limits_of(mode, limits)
    unlimited, unknown = np.full(run.size, np.inf), np.full(run.size, np.nan)
    tried = Runs(np.append(0, np.cumsum(counts)), line, sigma_m, fastest_m_s, unlimited, unknown, x, y, places.time_s[position])
    matched = match_positions(lines_of(geometry), tried)
    of_pair = np.repeat(np.arange(run.size), counts)
    looked_at = np.bincount(of_pair, np.isfinite(matched.offset_m), run.size)
    near = np.bincount(of_pair, matched.offset_m <= NEAR_LINE_M, run.size) >= NEAR_LINE_SHARE * looked_at
    cost = np.where(near | ~must_be_near[run], matched.cost, np.nan)
    return cost[back.reshape(-1)], _started(tried, matched.position_m, of_pair, geometry, departure_m)[back.reshape(-1)]


def _started(runs: Runs, position_m: Floats, of_pair: Ints, geometry: PatternGeometry, departure_m: Floats) -> Floats:
    """When each run left its first stop: the last position there, or counted back from the first one beyond by the scheduled run time."""
    first_stop_m = np.append(geometry.stop_m, np.nan)[geometry.stop_offsets[:-1]][runs.line]
    there = np.flatnonzero(position_m <= (first_stop_m + departure_m)[of_pair])
    used = np.flatnonzero(np.isfinite(position_m))
    at = np.full(runs.line.size, -1, dtype=np.int64)
    at[of_pair[used][::-1]] = used[::-1]  # of several the last one written stays: the first position
    at[of_pair[there]] = there
    started = np.full(runs.line.size, np.nan)
    known = np.flatnonzero(at >= 0)
    started[known] = runs.time_s[at[known]] - _scheduled_s(geometry, runs.line[known], position_m[at[known]])
    return started


def _scheduled_s(geometry: PatternGeometry, line: Ints, position_m: Floats) -> Floats:
    """Scheduled seconds since the start of the run at places along lines; NaN where a line has no times."""
    pattern = np.repeat(np.arange(geometry.zone.size), np.diff(geometry.stop_offsets))
    known = np.isfinite(geometry.stop_m) & np.isfinite(geometry.stop_s)
    pattern, stop_m, stop_s = pattern[known], geometry.stop_m[known], geometry.stop_s[known]
    first, last = np.searchsorted(pattern, line), np.searchsorted(pattern, line, side="right") - 1
    scheduled_s = np.full(line.size, np.nan)
    there = np.flatnonzero(last >= first)
    if there.size:  # all lines behind each other on one scale, far apart
        within_m = np.clip(position_m[there], stop_m[first[there]], stop_m[last[there]])
        scheduled_s[there] = np.interp(line[there] * APART_M + within_m, pattern * APART_M + stop_m, stop_s)
    return scheduled_s


def _on_one_route(run: Ints, route_id: pa.ChunkedArray, score: Floats) -> npt.NDArray[np.bool_]:
    """Which candidates are of the route that fits their run best: routes are settled apart from each other."""
    route = np.unique(route_id.fill_null("").to_numpy(zero_copy_only=False).astype(object), return_inverse=True)[1]
    order = np.lexsort((route, score, run))
    first = order[np.append(True, run[order][1:] != run[order][:-1])] if order.size else order
    best = np.zeros(int(run.max(initial=-1)) + 1, dtype=np.int64)
    best[run[first]] = route[first]
    chosen: npt.NDArray[np.bool_] = route == best[run]
    return chosen

