"""Where along its line each position of a vehicle lies, found for a whole run at once and never going backwards."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from interurban.kernels.compiled import compiled
from interurban.kernels.projection import Floats, Ints

_FARTHEST = 36.0  # cost of a position six sigmas away, and of any beyond: one wild position must not bend the rest
_BACK_M, _BACK_COST = 50.0, 4.0  # noise seldom goes further back on the same segment
_PRIOR_SCALE_S, _PRIOR_MOST = 1200.0, 16.0  # a late vehicle is likelier than one six sigmas from its line
_NOISE_M = 100.0  # between two positions: what the speed gate forgives, or standing vehicles would seem to jump


class Lines(NamedTuple):
    """Lines in the plane with the stops along them."""

    offsets: Ints  # start of each line in its points, and the end of the last
    x: Floats  # metres
    y: Floats
    at_m: Floats  # distance from the start, never decreasing
    stop_offsets: Ints
    stop_m: Floats  # distance of the stops from the start, never decreasing; NaN unknown
    stop_s: Floats  # scheduled time at the stop since the start of the run; NaN unknown


class Runs(NamedTuple):
    """Runs of vehicles and their positions, run after run in order of time."""

    offsets: Ints  # start of each run in its positions, and the end of the last
    line: Ints  # number of the line of each run; negative: none
    sigma_m: Floats  # noise of positions across the line
    fastest_m_s: Floats  # no vehicle of the mode is faster
    off_route_m: Floats  # a position further from its line has an offset but no place
    start_s: Floats  # scheduled start, on the clock of time_s; NaN unknown
    x: Floats
    y: Floats
    time_s: Ints


class Matched(NamedTuple):
    """Place of each position: distance along the line and from it (NaN where the position was not used), and cost of each run."""

    position_m: Floats
    offset_m: Floats
    cost: Floats  # mean over the positions of a run, 0 to 36 and a little; NaN without any


def match_positions(lines: Lines, runs: Runs) -> Matched:
    """The likeliest way of each run along its line, by dynamic programming over the segments of the line.

    A position costs min(d / sigma, 6)^2 on a segment d metres away; a run may stay on a segment or go on to any later one, never
    back, and a step of b metres backwards within a segment costs 4 min(b / 50, 1)^2. Where the line passes a place twice, the positions
    before and after decide; for the first and the last position the schedule has a say, ((t - t_scheduled) / 20 min)^2, at most 16.
    Repeated moments, and positions that cannot be reached at `fastest_m_s` from both neighbours (100 m forgiven), are not used.

    Shape: `position_m` and `offset_m` one float64 per position, `cost` one per run.
    Args:
        lines: with few segments each (`simplified`): the work is positions times segments.
        runs: positions of each in order of time.
    Missing: positions with NaN coordinates or not used have NaN in both, those off the route have an offset only; a run without a
        line has NaN throughout.
    Source: ours. The minimum over all earlier segments is carried along, so a position costs one pass over the segments
        (a Viterbi decoding: A. J. Viterbi 1967, doi 10.1109/TIT.1967.1054010).
    """
    matched = Matched(np.full(runs.x.size, np.nan), np.full(runs.x.size, np.nan), np.full(runs.line.size, np.nan))
    _match_runs(lines, runs, matched)
    return matched


@compiled
def _match_runs(lines: Lines, runs: Runs, matched: Matched) -> None:
    longest_line, longest_run = 1, 1
    for line in range(lines.offsets.size - 1):
        longest_line = max(longest_line, lines.offsets[line + 1] - lines.offsets[line])
    for run in range(runs.line.size):
        longest_run = max(longest_run, runs.offsets[run + 1] - runs.offsets[run])
    segments = np.zeros((5, longest_line))
    came_from = np.zeros((longest_run, longest_line), np.int32)
    used = np.zeros(longest_run, np.int64)
    for run in range(runs.line.size):
        line = runs.line[run]
        if line < 0 or lines.offsets[line + 1] == lines.offsets[line]:
            continue
        a, b = lines.offsets[line], lines.offsets[line + 1]
        count = _fill_segments(lines.x[a:b], lines.y[a:b], segments)
        held = _usable(runs, run, used)
        if not held:
            continue
        prior = _prior(lines, line, count, runs.start_s[run], runs.time_s[used[0]], runs.time_s[used[held - 1]])
        last, cost = _decode(runs.x, runs.y, used[:held], segments, count, runs.sigma_m[run], prior, came_from)
        matched.cost[run] = cost / held
        _trace(runs, used[:held], segments, lines.at_m[a:b], came_from, last, runs.off_route_m[run], matched)


@compiled
def _fill_segments(x: Floats, y: Floats, segments: Floats) -> int:
    """Rows: start x, start y, unit vector x and y, length. A line of one point is a segment without length."""
    segments[0, 0], segments[1, 0], segments[2:, 0] = x[0], y[0], 0.0
    for j in range(x.size - 1):
        dx, dy = x[j + 1] - x[j], y[j + 1] - y[j]
        length = np.hypot(dx, dy)
        segments[0, j], segments[1, j], segments[4, j] = x[j], y[j], length
        segments[2, j] = dx / length if length > 0 else 0.0
        segments[3, j] = dy / length if length > 0 else 0.0
    return max(x.size - 1, 1)


@compiled
def _usable(runs: Runs, run: int, used: Ints) -> int:
    """Positions of a run with coordinates, one per moment, that can be reached from a neighbour; how many."""
    x, y, time_s = runs.x, runs.y, runs.time_s
    known = 0
    for i in range(runs.offsets[run], runs.offsets[run + 1]):
        if np.isfinite(x[i]) and np.isfinite(y[i]) and (known == 0 or time_s[i] > time_s[used[known - 1]]):
            used[known] = i
            known += 1
    held = 0
    before_is_near = True
    for n in range(known):
        i = used[n]
        after_is_near = True
        if n + 1 < known:
            k = used[n + 1]
            reach_m = runs.fastest_m_s[run] * (time_s[k] - time_s[i]) + _NOISE_M
            after_is_near = (x[k] - x[i]) ** 2 + (y[k] - y[i]) ** 2 <= reach_m**2
        # The first and the last have one neighbour only, which may be the wild one: the match decides.
        if before_is_near or after_is_near or n + 1 == known:
            used[held] = i
            held += 1
        before_is_near = after_is_near
    return held


@compiled
def _prior(lines: Lines, line: int, count: int, start_s: float, first_s: int, last_s: int) -> Floats:
    """Scheduled time at the ends of each segment, and below it the two positions' time since the start; empty if unknown."""
    stops = slice(lines.stop_offsets[line], lines.stop_offsets[line + 1])
    stop_m, stop_s = lines.stop_m[stops], lines.stop_s[stops]
    at_m = lines.at_m[lines.offsets[line] : lines.offsets[line + 1]]
    known = np.flatnonzero(np.isfinite(stop_m) & np.isfinite(stop_s))
    if known.size < 2 or np.isnan(start_s):
        return np.empty((0, 0))
    scheduled_s = np.interp(at_m, stop_m[known], stop_s[known])
    prior = np.empty((3, count + 1))
    prior[0, : at_m.size] = scheduled_s
    prior[0, count] = scheduled_s[-1]
    prior[1, 0], prior[2, 0] = first_s - start_s, last_s - start_s
    return prior


@compiled
def _decode(
    x: Floats, y: Floats, used: Ints, segments: Floats, count: int, sigma_m: float, prior: Floats, came_from: npt.NDArray[np.int32]
) -> tuple[int, float]:
    """Fill in the best predecessor of every position and segment; give the best last segment and its cost."""
    start_x, start_y, unit_x, unit_y, length = segments[0], segments[1], segments[2], segments[3], segments[4]
    per_m2 = 1.0 / (sigma_m * sigma_m)
    total, here, there, away = np.zeros(count), np.zeros(count), np.zeros(count), np.empty(count)
    stay, least = np.empty(count), np.empty(count)
    for n in range(used.size):
        px, py = x[used[n]], y[used[n]]
        for j in range(count):  # without branches: the compiler does several at a time
            dx, dy = px - start_x[j], py - start_y[j]
            along = min(max(dx * unit_x[j] + dy * unit_y[j], 0.0), length[j])
            dx -= along * unit_x[j]
            dy -= along * unit_y[j]
            here[j] = along
            away[j] = min((dx * dx + dy * dy) * per_m2, _FARTHEST)
        if prior.size and (n == 0 or n == used.size - 1):
            late_s = prior[1 if n == 0 else 2, 0]
            for j in range(count):
                share = here[j] / length[j] if length[j] > 0 else 0.0
                gap_s = late_s - (prior[0, j] + share * (prior[0, j + 1] - prior[0, j]))
                away[j] += min((gap_s / _PRIOR_SCALE_S) ** 2, _PRIOR_MOST)
        best, best_from = np.inf, 0
        for j in range(count):  # three loops, as only the middle one must go step by step
            back = min(max((there[j] - here[j]) / _BACK_M, 0.0), 1.0)
            stay[j] = total[j] + _BACK_COST * back * back
        for j in range(count):
            least[j] = best
            came_from[n, j] = best_from
            better = total[j] < best
            best_from = j if better else best_from
            best = min(total[j], best)
        for j in range(count):
            moves = least[j] < stay[j]
            total[j] = (least[j] if moves else stay[j]) + away[j]
            came_from[n, j] = came_from[n, j] if moves else j
        here, there = there, here
    last = int(np.argmin(total))
    return last, total[last]


@compiled
def _trace(
    runs: Runs,
    used: Ints,
    segments: Floats,
    at_m: Floats,
    came_from: npt.NDArray[np.int32],
    last: int,
    off_route_m: float,
    matched: Matched,
) -> None:
    """Follow the predecessors back from the last position and write down where each position lies."""
    j = last
    for n in range(used.size - 1, -1, -1):
        i = used[n]
        dx, dy = runs.x[i] - segments[0, j], runs.y[i] - segments[1, j]
        along = min(max(dx * segments[2, j] + dy * segments[3, j], 0.0), segments[4, j])
        matched.offset_m[i] = np.hypot(dx - along * segments[2, j], dy - along * segments[3, j])
        if matched.offset_m[i] <= off_route_m:
            share = along / segments[4, j] if segments[4, j] > 0 else 0.0
            matched.position_m[i] = at_m[j] + (share * (at_m[j + 1] - at_m[j]) if share > 0 else 0.0)
        j = came_from[n, j]
