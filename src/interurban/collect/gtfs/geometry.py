"""The geometry of a feed: lengths along shapes, and where along its shape each stop of a pattern lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa


def shape_points(points: pa.Table) -> pa.Table:
    """Add `distance_m`, the length from the start of the shape, to points sorted by (shape_key, shape_pt_sequence)."""
    from interurban.kernels.projection import grid_distances_m

    lat, lon, key = (points[c].to_numpy() for c in ("shape_pt_lat", "shape_pt_lon", "shape_key"))
    return points.append_column("distance_m", [grid_distances_m(lat, lon, _starts(key))])


def shape_lengths(points: pa.Table) -> pa.Table:
    """(shape_key, length_m, crosses_itself) of each shape in `points`, as `shape_points` gives them."""
    import pyarrow as pa

    from interurban.kernels.self_crossing import self_crossing

    starts = _starts(points["shape_key"].to_numpy())
    crosses = self_crossing(points["shape_pt_lat"].to_numpy(), points["shape_pt_lon"].to_numpy(), starts)
    return pa.table({
        "shape_key": points["shape_key"].take(starts[:-1]),
        "length_m": points["distance_m"].take(starts[1:] - 1),
        "crosses_itself": pa.array(crosses, pa.bool_()),
    })


def stop_positions(points: pa.Table, stops: pa.Table) -> pa.Table:
    """Place the stops of patterns, sorted by (pattern_key, stop_sequence), along their shapes.

    Adds `position_m` (NULL without a shape), `offset_m` (from the stop to the shape) and `straight_m`, the straight lines between
    the pattern's stops summed up to this one (NULL when a stop has no coordinates).
    """
    import pyarrow as pa

    from interurban.kernels.projection import grid_distances_m
    from interurban.kernels.shape_positions import shape_positions

    shape_keys = points["shape_key"].to_numpy()
    shape_starts = _starts(shape_keys)
    lat, lon = (stops[c].to_numpy(zero_copy_only=False).astype(float) for c in ("stop_lat", "stop_lon"))
    pattern_starts = _starts(stops["pattern_key"].to_numpy())
    own_shape = stops["shape_key"].to_numpy(zero_copy_only=False)[pattern_starts[:-1]].astype(float)
    place = {key: i for i, key in enumerate(shape_keys[shape_starts[:-1]].tolist())}
    pattern_shape = np.array([place.get(key, -1) for key in own_shape.tolist()], dtype=np.int64)
    position, offset = shape_positions(
        points["shape_pt_lat"].to_numpy(), points["shape_pt_lon"].to_numpy(), shape_starts, lat, lon, pattern_starts, pattern_shape
    )
    columns = {"position_m": position, "offset_m": offset, "straight_m": grid_distances_m(lat, lon, pattern_starts)}
    kept = stops.select(["pattern_key", "shape_key", "stop_sequence", "stop_key"])
    for name, values in columns.items():
        kept = kept.append_column(name, pa.array(values, from_pandas=True))
    return kept


def _starts(key: np.ndarray) -> np.ndarray:
    """Offsets at which each run of equal keys begins, and the end."""
    if not len(key):
        return np.zeros(1, dtype=np.int64)
    return np.concatenate([[0], np.flatnonzero(key[1:] != key[:-1]) + 1, [len(key)]]).astype(np.int64)
