"""Where along its shape a trip serves each stop, found in sequence order rather than by the nearest point."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from interurban.kernels.projection import Floats, GridLines, Ints, distances_m, grid_lines, utm_xy, utm_zone

# Passes of the line are told apart by offset; where squared offsets differ by less than this, even progress may decide.
_EVENNESS_M2 = 400.0
# Per stop, the nearest: a line of a city passes a stop a few times, only broken shapes come near this.
_MOST_CANDIDATES = 64
_BLOCK_CELLS = 2_000_000  # of a stops x segments table: bounds memory to some tens of MB
_ONLY, _NOTHING = np.zeros(1, dtype=np.int64), np.zeros(1)


class _Line(NamedTuple):
    """One shape without repeated points: per segment its start, direction, length on the plane, and its distances."""

    x: Floats
    y: Floats
    east: Floats  # of the unit vector
    north: Floats
    plane_m: Floats
    start_m: Floats
    length_m: Floats


class _Candidates(NamedTuple):
    """Local minima of the distance from stops to the line, ordered by stop, then along the line."""

    stop: Ints
    position_m: Floats
    offset_m2: Floats


def shape_positions(
    shape_lat: npt.ArrayLike,
    shape_lon: npt.ArrayLike,
    shape_offsets: npt.ArrayLike,
    stop_lat: npt.ArrayLike,
    stop_lon: npt.ArrayLike,
    pattern_offsets: npt.ArrayLike,
    pattern_shape: npt.ArrayLike,
    shape_grid: GridLines | None = None,
) -> tuple[Floats, Floats]:
    """Position along the shape, and distance from it, of each stop of each stop pattern, in metres.

    Each stop has a few candidates: the points where the line comes nearest to it on each pass. Of all ways to take one
    for each stop, the one with the least sum of squared offsets is chosen. A step backwards of d metres costs d^2 / 2,
    which is what it costs two stops to meet half-way; the positions are then made non-decreasing by such meetings
    (isotonic regression). Passes whose squared offsets differ by less than (20 m)^2 are decided by even progress along
    the line, the first stop drawn to its beginning and the last to its end. So loops, lassos, lines that come back on
    the same street and stops served twice come out in order.

    Shape: two float64 arrays, one value per stop of each pattern, in the order given.
    Args:
        shape_lat: degrees north of the points of all shapes, shape after shape in sequence order.
        shape_lon: degrees east.
        shape_offsets: start of each shape in those points, and the end of the last.
        stop_lat: degrees north of the stops of all patterns, pattern after pattern in sequence order.
        stop_lon: degrees east.
        pattern_offsets: start of each pattern in those stops, and the end of the last.
        pattern_shape: for each pattern the number of its shape; negative or NaN without one.
        shape_grid: what `grid_lines` makes of the shapes, if it is at hand.
    Missing: NaN for patterns without a shape and stops without coordinates; shape points without coordinates are passed
        over. On a shape of one point every position is 0. A stop far from its shape gets the best position in order:
        judge it by its offset.
    Source: ours; positions are on the scale of `grid_distances_m` of the shape.
    """
    shape_lines, shape_zone = _shape_lines(shape_lat, shape_lon, shape_offsets, shape_grid)
    ends = np.asarray(pattern_offsets, dtype=np.int64)
    shape = np.nan_to_num(np.asarray(pattern_shape, dtype=np.float64), nan=-1.0).astype(np.int64)
    shape[shape < 0] = len(shape_lines)  # the place of "no shape"
    zone = np.append(shape_zone, 0)[shape]
    x, y = utm_xy(stop_lat, stop_lon, np.repeat(zone, np.diff(ends)))
    positions, gaps = np.full(x.size, np.nan), np.full(x.size, np.nan)
    for pattern in np.flatnonzero(zone > 0):
        own = slice(ends[pattern], ends[pattern + 1])
        positions[own], gaps[own] = _pattern_positions(shape_lines[shape[pattern]], x[own], y[own])
    return positions, gaps


def _shape_lines(
    shape_lat: npt.ArrayLike, shape_lon: npt.ArrayLike, shape_offsets: npt.ArrayLike, grid: GridLines | None
) -> tuple[list[tuple[Floats, Floats, Floats]], Ints]:
    """Easting, northing and distance of the points of each shape, and its zone (0: not one point is known)."""
    lat, lon = np.asarray(shape_lat, dtype=np.float64), np.asarray(shape_lon, dtype=np.float64)
    offsets = np.asarray(shape_offsets, dtype=np.int64)
    known = np.isfinite(lat) & np.isfinite(lon)
    x, y, length_m = (values[known] for values in grid or grid_lines(lat, lon, offsets[:-1]))
    offsets = np.append(0, np.cumsum(known))[offsets]
    lat, lon = lat[known], lon[known]
    distance_m = distances_m(length_m, offsets[:-1])
    has_points = np.diff(offsets) > 0
    zone = np.zeros(has_points.size, dtype=np.int64)
    first = offsets[:-1][has_points]
    zone[has_points] = utm_zone(lat[first], lon[first])
    bounds = offsets.tolist()
    return [(x[a:b], y[a:b], distance_m[a:b]) for a, b in pairwise(bounds)], zone


def _pattern_positions(shape: tuple[Floats, Floats, Floats], stop_x: Floats, stop_y: Floats) -> tuple[Floats, Floats]:
    """Positions and offsets of the stops of one pattern; NaN for stops without coordinates."""
    positions, gaps = np.full(stop_x.size, np.nan), np.full(stop_x.size, np.nan)
    known = np.isfinite(stop_x)
    if not known.any():
        return positions, gaps
    x, y, distance_m = shape
    # Around the first point, so that products of coordinates keep their digits.
    stop_x, stop_y = stop_x[known] - x[0], stop_y[known] - y[0]
    line = _line(x - x[0], y - y[0], distance_m)
    if not line.x.size:
        positions[known], gaps[known] = 0.0, np.hypot(stop_x, stop_y)
        return positions, gaps
    found = _in_sequence(_candidates(line, stop_x, stop_y), stop_x.size, distance_m[-1])
    positions[known] = _non_decreasing(found)
    gaps[known] = _offsets_m(line, stop_x, stop_y, positions[known])
    return positions, gaps


def _line(x: Floats, y: Floats, distance_m: Floats) -> _Line:
    dx, dy = np.diff(x), np.diff(y)
    plane_m = np.hypot(dx, dy)
    real = plane_m > 0
    plane_m = plane_m[real]
    return _Line(
        x[:-1][real],
        y[:-1][real],
        dx[real] / plane_m,
        dy[real] / plane_m,
        plane_m,
        distance_m[:-1][real],
        np.diff(distance_m)[real],
    )


def _candidates(line: _Line, stop_x: Floats, stop_y: Floats) -> _Candidates:
    rows = max(1, _BLOCK_CELLS // line.x.size)
    blocks = [
        _block_candidates(line, stop_x[first : first + rows], stop_y[first : first + rows], first)
        for first in range(0, stop_x.size, rows)
    ]
    return _Candidates(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))


def _block_candidates(line: _Line, stop_x: Floats, stop_y: Floats, first: int) -> _Candidates:
    along = np.multiply.outer(stop_x, line.east) + np.multiply.outer(stop_y, line.north)
    along -= line.x * line.east + line.y * line.north
    before, beyond = along <= 0, along >= line.plane_m
    # A local minimum: inside a segment, on a corner beyond one segment and before the next, or at an end of the line.
    nearest = ~(before | beyond)
    nearest[:, :-1] |= beyond[:, :-1] & before[:, 1:]
    nearest[:, 0] |= before[:, 0]
    nearest[:, -1] |= beyond[:, -1]
    stop, segment = np.nonzero(nearest)
    plane_m = line.plane_m[segment]
    on_segment = np.clip(along[stop, segment], 0.0, plane_m)
    dx = line.x[segment] + on_segment * line.east[segment] - stop_x[stop]
    dy = line.y[segment] + on_segment * line.north[segment] - stop_y[stop]
    position_m = line.start_m[segment] + on_segment / plane_m * line.length_m[segment]
    offset_m2 = dx * dx + dy * dy
    kept = _nearest_few(stop, offset_m2)
    return _Candidates(stop[kept] + first, position_m[kept], offset_m2[kept])


def _nearest_few(stop: Ints, offset_m2: Floats) -> npt.NDArray[np.bool_]:
    kept = np.ones(stop.size, dtype=np.bool_)
    counts = np.bincount(stop)
    ends = np.cumsum(counts)
    for row in np.flatnonzero(counts > _MOST_CANDIDATES):
        own = slice(ends[row] - counts[row], ends[row])
        kept[own] = False
        kept[own.start + np.argpartition(offset_m2[own], _MOST_CANDIDATES)[:_MOST_CANDIDATES]] = True
    return kept


def _in_sequence(candidates: _Candidates, stops: int, length_m: float) -> Floats:
    """The cheapest choice of one candidate per stop."""
    first = np.searchsorted(candidates.stop, np.arange(stops))
    least = np.minimum.reduceat(candidates.offset_m2, first)
    is_least = candidates.offset_m2 == least[candidates.stop]
    nearest: Floats = candidates.position_m[is_least][np.searchsorted(candidates.stop[is_least], np.arange(stops))]
    # No choice costs less than `least`, so nothing that exceeds it by more than the nearest points cost can be chosen.
    bound = _end_cost(nearest[0], length_m) + _end_cost(length_m - nearest[-1], length_m)
    bound += _step_cost(np.diff(nearest), length_m).sum()
    kept = candidates.offset_m2 <= least[candidates.stop] + bound
    if np.count_nonzero(kept) == stops:
        return nearest
    bounds = np.searchsorted(candidates.stop[kept], np.arange(stops + 1)).tolist()
    parts = [slice(*ends) for ends in pairwise(bounds)]
    position_m, offset_m2 = candidates.position_m[kept], candidates.offset_m2[kept]
    return _cheapest_path([position_m[part] for part in parts], [offset_m2[part] for part in parts], length_m)


def _cheapest_path(positions: list[Floats], offsets_m2: list[Floats], length_m: float) -> Floats:
    cost = offsets_m2[0] + _end_cost(positions[0], length_m)
    came_from = []
    for before, here, offset_m2 in zip(positions, positions[1:], offsets_m2[1:], strict=False):
        if before.size == here.size == 1:  # most steps: what all ways have in common decides nothing
            came_from.append(_ONLY)
            cost = _NOTHING
            continue
        through = cost[:, None] + _step_cost(here - before[:, None], length_m)
        best = through.argmin(axis=0)
        came_from.append(best)
        cost = through[best, np.arange(here.size)] + offset_m2
    chosen = int((cost + _end_cost(length_m - positions[-1], length_m)).argmin())
    path = [positions[-1][chosen]]
    for before, best in zip(reversed(positions[:-1]), reversed(came_from), strict=True):
        chosen = int(best[chosen])
        path.append(before[chosen])
    return np.array(path[::-1])


def _step_cost(step_m: Floats, length_m: float) -> Floats:
    """Cost of the way between two stops in m^2: forwards only what prefers even progress, backwards d^2 / 2."""
    return np.where(step_m < 0, step_m * step_m / 2, _EVENNESS_M2 * (step_m / length_m) ** 2)


def _end_cost(left_m: Floats, length_m: float) -> Floats:
    """Cost in m^2 of the part of the line before the first or after the last stop: dearer than a way between stops."""
    return 2 * _EVENNESS_M2 * (left_m / length_m) ** 2


def _non_decreasing(positions_m: Floats) -> Floats:
    """Isotonic regression: runs of stops found in the wrong order meet at their mean (pool adjacent violators)."""
    if (np.diff(positions_m) >= 0).all():
        return positions_m
    means: list[float] = []
    sizes: list[int] = []
    for position in positions_m.tolist():
        mean, size = position, 1
        while means and means[-1] > mean:
            mean = (means[-1] * sizes[-1] + mean * size) / (sizes[-1] + size)
            size += sizes[-1]
            means.pop()
            sizes.pop()
        means.append(mean)
        sizes.append(size)
    return np.repeat(np.array(means), sizes)


def _offsets_m(line: _Line, stop_x: Floats, stop_y: Floats, positions_m: Floats) -> Floats:
    segment = np.searchsorted(line.start_m, positions_m, side="right") - 1
    on_segment = (positions_m - line.start_m[segment]) / line.length_m[segment] * line.plane_m[segment]
    dx = line.x[segment] + on_segment * line.east[segment] - stop_x
    dy = line.y[segment] + on_segment * line.north[segment] - stop_y
    return np.hypot(dx, dy)
