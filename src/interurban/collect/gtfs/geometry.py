"""The geometry of a feed: lengths along shapes, and where along its shape each stop of a pattern lies.

Tables come and go as NumPy columns by name: making Arrow arrays of them would import pandas, a quarter of a second, for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interurban.kernels.projection import GridLines, distances_m, grid_distances_m, grid_lines
from interurban.kernels.self_crossing import self_crossing
from interurban.kernels.shape_positions import shape_positions

Columns = dict[str, np.ndarray]
NO_KEY = -1
FITTING_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Shapes:
    """All shapes, measured.

    `points` have `distance_m`, the length from the start of their shape; `lengths` have shape_key, length_m and crosses_itself of each
    shape; `grid` has the points on the plane.
    """

    points: Columns
    lengths: Columns
    grid: GridLines


def measured_shapes(points: Columns) -> Shapes:
    """Measure the shapes of points sorted by (shape_key, shape_pt_sequence)."""
    starts, lat, lon = _starts(points["shape_key"]), points["shape_pt_lat"], points["shape_pt_lon"]
    grid = grid_lines(lat, lon, starts)
    distance_m = distances_m(grid.length_m, starts)
    lengths = {
        "shape_key": points["shape_key"][starts[:-1]],
        "length_m": distance_m[starts[1:] - 1],
        "crosses_itself": self_crossing(lat, lon, starts, grid),
    }
    return Shapes({**points, "distance_m": distance_m}, lengths, grid)


def stop_positions(shapes: Shapes, stops: Columns) -> Columns:
    """Place the stops of patterns, sorted by (pattern_key, stop_sequence), along their shapes.

    `shape_key` and `stop_key` of `stops` are NO_KEY where there is none. Adds `position_m` (NaN without a shape that fits), `offset_m`
    (from the stop to the shape) and `straight_m`, the straight lines between the pattern's stops summed up to this one (NaN when a stop
    has no coordinates). A shape does not fit where the way along it is less than `FITTING_SHARE` of the straight lines: it has one point
    only, runs the other way, or is another trip's.
    """
    points = shapes.points
    shape_starts, pattern_starts = _starts(points["shape_key"]), _starts(stops["pattern_key"])
    place = {key: i for i, key in enumerate(points["shape_key"][shape_starts[:-1]].tolist())}
    pattern_shape = np.array([place.get(key, -1) for key in stops["shape_key"][pattern_starts[:-1]].tolist()], dtype=np.int64)
    lat, lon = stops["stop_lat"], stops["stop_lon"]
    position, offset = shape_positions(
        points["shape_pt_lat"], points["shape_pt_lon"], shape_starts, lat, lon, pattern_starts, pattern_shape, shapes.grid
    )
    kept = {name: stops[name] for name in ("pattern_key", "shape_key", "stop_sequence", "stop_key")}
    straight = grid_distances_m(lat, lon, pattern_starts)
    first, last = pattern_starts[:-1], pattern_starts[1:] - 1
    misfits = position[last] - position[first] < FITTING_SHARE * (straight[last] - straight[first])
    position[np.repeat(misfits, np.diff(pattern_starts))] = np.nan
    return {**kept, "position_m": position, "offset_m": offset, "straight_m": straight}


def _starts(key: np.ndarray) -> np.ndarray:
    """Offsets at which each run of equal keys begins, and the end."""
    if not len(key):
        return np.zeros(1, dtype=np.int64)
    return np.concatenate([[0], np.flatnonzero(key[1:] != key[:-1]) + 1, [len(key)]]).astype(np.int64)
