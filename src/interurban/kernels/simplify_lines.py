"""Lines with fewer points, on which every distance along the line keeps its place."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from interurban.kernels.compiled import compiled
from interurban.kernels.projection import Floats, Ints


def simplified(
    x: npt.ArrayLike, y: npt.ArrayLike, at_m: npt.ArrayLike, offsets: npt.ArrayLike, tolerance_m: float = 5.0, most_segments: int = 200
) -> tuple[Ints, Ints]:
    """Which points of many lines to keep, so that no place along a line moves by more than the tolerance.

    A point is compared with the place that the simpler line has at the same distance from the start, not with the nearest
    place: so a line that comes back on the same street keeps its far end, and stops keep their distances. A line that still has
    more than `most_segments` is simplified to twice and then four times the tolerance.

    Shape: indices of the points kept, ascending, and the offsets of the lines among them.
    Args:
        x: metres east of the points of all lines, line after line.
        y: metres north.
        at_m: distance from the start of the line, never decreasing.
        offsets: start of each line in those points, and the end of the last.
        tolerance_m: how far a place may move.
        most_segments: above which the tolerance grows.
    Source: D. H. Douglas, T. K. Peucker (1973), Cartographica 10(2), doi 10.3138/FM57-6770-U75U-7727; with the distance of
        N. Meratnia, R. A. de By (2004), EDBT, doi 10.1007/978-3-540-24741-8_44, along the line in place of time.
    """
    bounds = np.asarray(offsets, dtype=np.int64)
    keep = np.zeros(int(bounds[-1]), dtype=np.bool_)
    places = (np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64), np.asarray(at_m, dtype=np.float64))
    _mark_kept(places[0], places[1], places[2], bounds, tolerance_m, most_segments, keep)
    return np.flatnonzero(keep), np.append(0, np.cumsum(keep))[bounds]


@compiled
def _mark_kept(
    x: Floats, y: Floats, at_m: Floats, offsets: Ints, tolerance_m: float, most_segments: int, keep: npt.NDArray[np.bool_]
) -> None:
    stack = np.empty((x.size + 1, 2), np.int64)
    for line in range(offsets.size - 1):
        first, end = offsets[line], offsets[line + 1]
        if end == first:
            continue
        for allowed_m in (tolerance_m, 2 * tolerance_m, 4 * tolerance_m):
            keep[first:end] = False
            keep[first] = keep[end - 1] = True
            stack[0, 0], stack[0, 1] = first, end - 1
            held = 1
            while held:
                held -= 1
                a, b = stack[held]
                farthest, most = a, allowed_m
                length_m = at_m[b] - at_m[a]
                for i in range(a + 1, b):
                    share = (at_m[i] - at_m[a]) / length_m if length_m > 0 else 0.0
                    away = np.hypot(x[i] - x[a] - share * (x[b] - x[a]), y[i] - y[a] - share * (y[b] - y[a]))
                    if away > most:
                        farthest, most = i, away
                if farthest > a:
                    keep[farthest] = True
                    stack[held, 0], stack[held, 1] = a, farthest
                    stack[held + 1, 0], stack[held + 1, 1] = farthest, b
                    held += 2
            if keep[first:end].sum() <= most_segments + 1:
                break
