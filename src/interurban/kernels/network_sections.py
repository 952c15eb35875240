"""Length of a network in which each section of street or track counts once, however many lines use it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from interurban.kernels.polygon import points_in_polygon
from interurban.kernels.projection import Floats, Ints, grid_lengths_m, utm_xy, utm_zone

__all__ = ["network_length_m", "points_in_polygon"]

_PIECE_M = 10.0
_AHEAD_M = 7.5  # half a piece finds the piece beside; the rest is for bends, and too little to reach the next in line
_SAME_HEADING = 0.5**0.5  # cosine of 45 degrees: two copies of a street stay together round a right-angled corner
_OWN_GAP = 2.0  # times the tolerance: along its own way a line covers itself only beyond this distance


class _Pieces(NamedTuple):
    """Lines cut into equal pieces of about 10 m."""

    line: Ints
    length_m: Floats
    at_m: Floats  # of the middle, from the start of the line
    middle: Floats  # rows: latitude, longitude, x, y
    heading: Floats  # rows: x, y of the unit vector from end to end

    def taken(self, which: Ints) -> _Pieces:
        return _Pieces(
            self.line[which], self.length_m[which], self.at_m[which], self.middle[:, which], self.heading[:, which]
        )


def network_length_m(
    lat: npt.ArrayLike,
    lon: npt.ArrayLike,
    offsets: npt.ArrayLike,
    mode_index: npt.ArrayLike,
    tolerance_m: float = 20.0,
    boundary: Mapping[str, Any] | None = None,
) -> tuple[Floats, Floats]:
    """Length of the streets or tracks that lines of each mode use, each section once per mode, in metres.

    Lines are cut into pieces of about 10 m and taken from the longest to the shortest. A piece adds its length unless a
    counted piece of the same mode lies within `tolerance_m` beside it and heads the same or the opposite way (within 45
    degrees): both directions of a street count once, a crossing street is not lost. A line that comes back on its own
    street counts it once.

    Shape: two float64 arrays, one value per mode from 0 to the largest `mode_index`: all, and inside the boundary.
    Args:
        lat: degrees north of the points of all lines, line after line.
        lon: degrees east.
        offsets: start of each line in those points, and the end of the last.
        mode_index: mode of each line, from 0.
        tolerance_m: how far apart two drawings of one street may lie.
        boundary: a GeoJSON Polygon or MultiPolygon; a piece is inside when its middle is.
    Missing: points without coordinates are passed over. The second array is NaN without a boundary.
    Raises:
        UsageError: the boundary is another kind of GeoJSON object.
    Source: ours. Lengths are those of `grid_lengths_m`. The order makes it repeatable; where two lines part at a small
        angle, the second begins to count when it is `tolerance_m` away.
    """
    modes = np.asarray(mode_index, dtype=np.int64)
    pieces = _pieces(lat, lon, offsets, modes)
    mode_of_piece = modes[pieces.line]
    is_counted = np.zeros(pieces.line.size, dtype=np.bool_)
    for mode in np.unique(mode_of_piece):
        own = np.flatnonzero(mode_of_piece == mode)
        is_counted[own] = _counted(pieces.taken(own), tolerance_m)
    counted = pieces.taken(np.flatnonzero(is_counted))
    size = int(modes.max(initial=-1)) + 1
    whole_m = _sum_by_mode(modes[counted.line], counted.length_m, size)
    if boundary is None:
        return whole_m, np.full(size, np.nan)
    is_inside = points_in_polygon(counted.middle[0], counted.middle[1], boundary)
    return whole_m, _sum_by_mode(modes[counted.line], counted.length_m * is_inside, size)


def _sum_by_mode(mode: Ints, length_m: Floats, size: int) -> Floats:
    return np.bincount(mode, weights=length_m, minlength=size).astype(np.float64)  # of no pieces it counts integers


def _pieces(lat: npt.ArrayLike, lon: npt.ArrayLike, offsets: npt.ArrayLike, modes: Ints) -> _Pieces:
    """Cut all lines, the longest first, leaving out what an earlier line of the mode has drawn with the same points."""
    degrees = np.array([np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)])
    known = np.isfinite(degrees).all(axis=0)
    bounds = np.append(0, np.cumsum(known))[np.asarray(offsets, dtype=np.int64)]
    degrees = degrees[:, known]
    running_m = np.cumsum(grid_lengths_m(degrees[0], degrees[1], bounds[:-1]))  # from line to line it does not grow
    ends_m = np.append(0.0, running_m)
    total_m = ends_m[bounds[1:]] - ends_m[bounds[:-1]]
    # To the millimetre: a line and its way back are equally long, and the last digit of a sum must not choose between them.
    order = np.argsort(-np.round(total_m, 3), kind="stable")
    order = order[total_m[order] > 0]
    count = np.ceil(total_m[order] / _PIECE_M).astype(np.int64)
    line = np.repeat(order, count)
    length_m = np.repeat(total_m[order] / count, count)
    at_m = (np.arange(line.size) - np.repeat(np.cumsum(count) - count, count) + 0.5) * length_m
    segment, _ = _place(running_m, bounds, line, at_m)
    own = np.flatnonzero(_is_first_drawn(degrees, bounds, modes, order)[segment])
    line, length_m, at_m = line[own], length_m[own], at_m[own]

    zone = (
        int(np.median(utm_zone(degrees[0], degrees[1]))) if known.any() else 1
    )  # one plane for all, or lines could not be compared
    plane = np.array(utm_xy(degrees[0], degrees[1], zone))
    start, end = (_place(running_m, bounds, line, at_m + half * length_m) for half in (-0.5, 0.5))
    middle = _between(np.vstack([degrees, plane]), *_place(running_m, bounds, line, at_m))
    chord = _between(plane, *end) - _between(plane, *start)
    heading = chord / np.maximum(np.hypot(chord[0], chord[1]), 1e-9)  # no heading where a line turns on the spot
    return _Pieces(line, length_m, at_m, middle, heading)


def _is_first_drawn(degrees: Floats, bounds: Ints, modes: Ints, order: Ints) -> npt.NDArray[np.bool_]:
    """Whether the segment that begins at each point is the first of its mode between its two points, either way round.

    Variants of a line mostly repeat each other's points; to find that here is many times faster than piece by piece.
    """
    _, point = np.unique(degrees[0] + 1j * degrees[1], return_inverse=True)
    count = np.diff(bounds)[order]
    start = np.repeat(bounds[order] - (np.cumsum(count) - count), count) + np.arange(count.sum())
    start = np.delete(start, np.cumsum(count) - 1)  # no segment begins at the last point of a line
    mode = np.repeat(modes[order], count - 1)
    low, high = np.minimum(point[start], point[start + 1]), np.maximum(point[start], point[start + 1])
    _, first = np.unique((mode * point.size + low) * point.size + high, return_index=True)
    is_first = np.zeros(point.size, dtype=np.bool_)
    is_first[start[first]] = True
    return is_first


def _place(running_m: Floats, bounds: Ints, line: Ints, at_m: Floats) -> tuple[Ints, Floats]:
    """The segment, and the share of it, at distances from the start of lines."""
    target = running_m[bounds[line]] + at_m
    found = np.searchsorted(running_m, target, side="right") - 1
    # Where one line ends the next begins on the same running sum: stay on one's own.
    segment = np.clip(found, bounds[line], bounds[line + 1] - 2)
    step_m = running_m[segment + 1] - running_m[segment]
    return segment, np.clip((target - running_m[segment]) / np.where(step_m > 0, step_m, 1.0), 0.0, 1.0)


def _between(values: Floats, segment: Ints, share: Floats) -> Floats:
    """Rows of values known at points, at shares of segments."""
    before = values[:, segment]
    return before + share * (values[:, segment + 1] - before)


def _counted(pieces: _Pieces, tolerance_m: float) -> npt.NDArray[np.bool_]:
    """Which pieces of one mode add their length; pieces come line by line in the order in which lines are taken."""
    grid = _Grid(pieces, tolerance_m)
    bounds = np.flatnonzero(np.diff(pieces.line, prepend=-1, append=-1))
    for first, end in pairwise(bounds.tolist()):
        is_new = np.ones(end - first, dtype=np.bool_)
        is_new[grid.covering(np.arange(first, end))[0] - first] = False
        new = first + np.flatnonzero(is_new)
        grid.count(new)
        here, there = grid.covering(new)
        came_back = pieces.at_m[here] - pieces.at_m[there] > _OWN_GAP * tolerance_m
        grid.is_counted[here[(there >= first) & came_back]] = False
    return grid.is_counted


class _Grid:
    """Counted pieces by square of the plane, for finding those beside a piece."""

    def __init__(self, pieces: _Pieces, tolerance_m: float) -> None:
        _, _, self._x, self._y = pieces.middle
        self._east, self._north = pieces.heading
        self._tolerance_m = tolerance_m
        self._reach_m = float(np.hypot(tolerance_m, _AHEAD_M))
        self.is_counted = np.zeros(pieces.line.size, dtype=np.bool_)
        column, row = (np.floor(v / self._reach_m).astype(np.int64) for v in pieces.middle[2:])
        width = int(column.max() - column.min()) + 3
        squares, self._square = np.unique(row * width + column, return_inverse=True)
        around = squares[:, None] + (np.array([-1, 0, 1])[:, None] * width + [-1, 0, 1]).ravel()
        place = np.minimum(np.searchsorted(squares, around), squares.size - 1)
        self._around = np.where(squares[place] == around, place, squares.size)  # the last square stays empty
        self._held = np.zeros(squares.size + 1, dtype=np.int64)
        self._slots = np.zeros((squares.size + 1, 4), dtype=np.int64)

    def count(self, pieces: Ints) -> None:
        """Take pieces in as counted."""
        self.is_counted[pieces] = True
        order = pieces[np.argsort(self._square[pieces], kind="stable")]
        square = self._square[order]
        slot = self._held[square] + np.arange(square.size) - np.searchsorted(square, square)
        while slot.max(initial=0) >= self._slots.shape[1]:
            self._slots = np.hstack([self._slots, np.zeros_like(self._slots)])
        self._slots[square, slot] = order
        self._held += np.bincount(square, minlength=self._held.size)

    def covering(self, pieces: Ints) -> tuple[Ints, Ints]:
        """Pairs of a given piece and a counted piece, another one, that covers it."""
        around = self._around[self._square[pieces]]
        held = self._held[around]
        count = held.sum(axis=1)
        here = np.repeat(pieces, count)
        square = np.repeat(around.ravel(), held.ravel())
        slot = np.arange(square.size) - np.repeat(np.cumsum(held.ravel()) - held.ravel(), held.ravel())
        there = self._slots[square, slot]
        dx, dy = self._x[here] - self._x[there], self._y[here] - self._y[there]
        near = np.flatnonzero(dx * dx + dy * dy <= self._reach_m**2)
        here, there = here[near], there[near]
        covers = self._covers(here, there, dx[near], dy[near])
        return here[covers], there[covers]

    def _covers(self, here: Ints, there: Ints, dx: Floats, dy: Floats) -> npt.NDArray[np.bool_]:
        east, north = self._east[there], self._north[there]
        covers: npt.NDArray[np.bool_] = (
            self.is_counted[there]
            & (here != there)
            & (np.abs(dx * north - dy * east) <= self._tolerance_m)  # beside
            & (np.abs(dx * east + dy * north) <= _AHEAD_M)  # ahead or behind
            & (np.abs(east * self._east[here] + north * self._north[here]) >= _SAME_HEADING)
        )
        return covers
