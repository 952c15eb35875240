"""Which shapes cross or touch themselves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from interurban.kernels.projection import Floats, GridLines, Ints, grid_lines

_BLOCK_PAIRS = 500_000


def self_crossing(
    lat: npt.ArrayLike, lon: npt.ArrayLike, offsets: npt.ArrayLike, grid: GridLines | None = None
) -> npt.NDArray[np.bool_]:
    """Whether each line crosses, touches or repeats itself on the UTM grid; a ring that only closes does not.

    The rule of OGC simple features (`isSimple` of a line). Trip distances of other libraries depend on it: gtfs_kit 13
    measures from the first to the last stop on simple shapes and the whole shape on others.

    Shape: one bool per line.
    Args:
        lat: degrees north of the points of all lines, line after line.
        lon: degrees east.
        offsets: start of each line in those points, and the end of the last.
        grid: what `grid_lines` makes of these lines, if it is at hand.
    Missing: points without coordinates are passed over; a line of less than two different points does not cross itself.
    Source: OGC 06-103r4, Simple feature access, part 1, section 6.1.6.1.
    """
    bounds = np.asarray(offsets, dtype=np.int64)
    lines = grid or grid_lines(lat, lon, bounds[:-1])
    return np.array([_crosses(lines.x[a:b], lines.y[a:b]) for a, b in pairwise(bounds.tolist())], dtype=np.bool_)


def _crosses(x: Floats, y: Floats) -> bool:
    known = np.isfinite(x)
    x, y = x[known], y[known]
    moved = np.append(True, (np.diff(x) != 0) | (np.diff(y) != 0))[: x.size]
    x, y = x[moved], y[moved]
    if x.size < 3:
        return False
    is_ring = x[0] == x[-1] and y[0] == y[-1]
    if _folds_back(x, y, is_ring):
        return True
    # Neighbours share a point: they have nothing else in common once they do not fold back.
    last = x.size - 2
    for a, b in _close_pairs(x, y):
        apart = np.abs(a - b)
        strangers = (apart > 1) & ~(is_ring & (apart == last))
        if _meet(x, y, a[strangers], b[strangers]):
            return True
    return False


def _folds_back(x: Floats, y: Floats, is_ring: bool) -> bool:
    dx, dy = np.diff(x), np.diff(y)
    if is_ring:
        dx, dy = np.append(dx, dx[0]), np.append(dy, dy[0])
    straight = dx[:-1] * dy[1:] == dy[:-1] * dx[1:]
    return bool((straight & (dx[:-1] * dx[1:] + dy[:-1] * dy[1:] < 0)).any())


def _close_pairs(x: Floats, y: Floats) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of segments whose boxes overlap, in blocks: in order along the longer side, few are close."""
    if np.ptp(y) > np.ptp(x):
        x, y = y, x
    low, high = np.minimum(x[:-1], x[1:]), np.maximum(x[:-1], x[1:])
    bottom, top = np.minimum(y[:-1], y[1:]), np.maximum(y[:-1], y[1:])
    order = np.argsort(low, kind="stable")
    count = np.searchsorted(low[order], high[order], side="right") - np.arange(order.size) - 1
    block = np.cumsum(count) // _BLOCK_PAIRS
    for own in np.split(np.arange(order.size), np.flatnonzero(np.diff(block)) + 1):
        here = np.repeat(own, count[own])
        there = here + 1 + np.arange(here.size) - np.repeat(np.cumsum(count[own]) - count[own], count[own])
        a, b = order[here], order[there]
        overlap = (bottom[a] <= top[b]) & (bottom[b] <= top[a])
        yield a[overlap], b[overlap]


def _meet(x: Floats, y: Floats, a: Ints, b: Ints) -> bool:
    """Whether any of the pairs of segments with overlapping boxes have a point in common."""

    def side(segment: Ints, point: Ints) -> Floats:
        dx, dy = x[segment + 1] - x[segment], y[segment + 1] - y[segment]
        return dx * (y[point] - y[segment]) - dy * (x[point] - x[segment])

    parted = side(a, b) * side(a, b + 1) > 0
    parted |= side(b, a) * side(b, a + 1) > 0
    return not bool(parted.all())
