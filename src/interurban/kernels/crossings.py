"""When a run was at each stop: between which two positions it came within the stop's reach, and left it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from interurban.kernels.compiled import compiled
from interurban.kernels.match_positions import Lines, Matched, Runs
from interurban.kernels.projection import Floats, Ints

UNKNOWN_S = np.iinfo(np.int64).min
_LONG_S, _MOST_STOPS = 180, 12  # a bracket longer than this over several stops, or over more stops: a guess, and marked as one
_DETOUR = 3  # positions off the route one after another
_NOISE_M = 100.0


class Crossings(NamedTuple):
    """Times at the stops of all runs, run after run; `UNKNOWN_S` where a time is not known."""

    offsets: Ints  # start of each run in the rows, and the end of the last
    times_s: Ints  # rows: arrival, its bracket low and high, departure, its bracket low and high; columns: stops of runs
    is_interpolated: npt.NDArray[np.bool_]  # a bracket too wide to tell one stop from the next


def crossings(lines: Lines, runs: Runs, matched: Matched, arrival_radius_m: npt.ArrayLike, departure_radius_m: npt.ArrayLike) -> Crossings:
    """Arrival and departure of each run at each stop of its line, with the two moments that bracket each.

    s(t) is the furthest place reached by then. Arrival is the first moment at which s >= d - r, departure the last at which
    s <= d + r, linear between two positions; r is the radius, but not more than half the way to the neighbouring stop, so that no
    vehicle is at two stops at once. The first stop has a departure only, the last an arrival only. Nothing is said of stops
    before the first position and beyond the last, nor where three positions or more in a row were off the route between, nor
    where the two positions are further apart than the run's `fastest_m_s` allows (100 m forgiven).

    Shape: per run as many columns as its line has stops.
    Args:
        lines: with stops.
        runs: as they were matched.
        matched: places along the lines.
        arrival_radius_m: how near before the stop counts as being there, one per run or one for all.
        departure_radius_m: how near behind it.
    Missing: `UNKNOWN_S`.
    Source: ours; TIDES names arrival and departure as events of a stop visit.
    """
    counts = np.where(runs.line >= 0, np.append(np.diff(lines.stop_offsets), 0)[runs.line], 0)
    offsets = np.append(0, np.cumsum(counts)).astype(np.int64)
    times_s = np.full((6, int(offsets[-1])), UNKNOWN_S, dtype=np.int64)
    crossed = Crossings(offsets, times_s, np.zeros(int(offsets[-1]), dtype=np.bool_))
    before_m, behind_m = (np.full(runs.line.size, radius_m, dtype=np.float64) for radius_m in (arrival_radius_m, departure_radius_m))
    _cross_runs(lines, runs, matched, before_m, behind_m, crossed)
    return crossed


class _Progress(NamedTuple):
    """The positions of a run that were used."""

    reached_m: Floats  # furthest place by then
    when_s: Ints
    stops: Ints  # stops passed by then
    strayed: npt.NDArray[np.bool_]  # off the route just before


@compiled
def _cross_runs(lines: Lines, runs: Runs, matched: Matched, before_m: Floats, behind_m: Floats, crossed: Crossings) -> None:
    longest = 1
    for run in range(runs.line.size):
        longest = max(longest, runs.offsets[run + 1] - runs.offsets[run])
    progress = _Progress(np.zeros(longest), np.zeros(longest, np.int64), np.zeros(longest, np.int64), np.zeros(longest, np.bool_))
    for run in range(runs.line.size):
        row, line = crossed.offsets[run], runs.line[run]
        if crossed.offsets[run + 1] == row:
            continue
        stop_m = lines.stop_m[lines.stop_offsets[line] : lines.stop_offsets[line + 1]]
        known = np.flatnonzero(np.isfinite(stop_m))
        places = stop_m[known]
        held = _fill_progress(runs, run, matched, places, progress)
        came = left = 0
        for n in range(known.size):
            column = row + known[n]
            if n > 0:
                target_m = places[n] - min(before_m[run], (places[n] - places[n - 1]) / 2)
                while came < held and progress.reached_m[came] < target_m:
                    came += 1
                if came < held:
                    wide = _bracket(progress, came, target_m, runs.fastest_m_s[run], crossed.times_s[:3, column])
                    crossed.is_interpolated[column] |= wide
            if n < known.size - 1:
                target_m = places[n] + min(behind_m[run], (places[n + 1] - places[n]) / 2)
                while left < held and progress.reached_m[left] <= target_m:
                    left += 1
                if left < held:
                    wide = _bracket(progress, left, target_m, runs.fastest_m_s[run], crossed.times_s[3:, column])
                    crossed.is_interpolated[column] |= wide


@compiled
def _fill_progress(runs: Runs, run: int, matched: Matched, places: Floats, progress: _Progress) -> int:
    """The furthest place at each position used, the stops behind it, and whether the run was off its route before; how many."""
    held = away = stops = 0
    reached_m = -np.inf
    for i in range(runs.offsets[run], runs.offsets[run + 1]):
        if np.isnan(matched.position_m[i]):
            away += np.isfinite(matched.offset_m[i])
            continue
        reached_m = max(reached_m, matched.position_m[i])
        while stops < places.size and places[stops] <= reached_m:
            stops += 1
        progress.reached_m[held], progress.when_s[held], progress.stops[held] = reached_m, runs.time_s[i], stops
        progress.strayed[held] = away >= _DETOUR
        away = 0
        held += 1
    return held


@compiled
def _bracket(progress: _Progress, after: int, target_m: float, fastest_m_s: float, times_s: Ints) -> bool:
    """Set the moment at which a place was passed, and its bracket, if there is one; whether the bracket is too wide."""
    if after == 0 or progress.strayed[after]:
        return False
    low_s, high_s = progress.when_s[after - 1], progress.when_s[after]
    step_m = progress.reached_m[after] - progress.reached_m[after - 1]
    if step_m > fastest_m_s * (high_s - low_s) + _NOISE_M:
        return False
    share = (target_m - progress.reached_m[after - 1]) / step_m
    times_s[0] = low_s + np.int64(np.rint(share * (high_s - low_s)))
    times_s[1], times_s[2] = low_s, high_s
    stops = progress.stops[after] - progress.stops[after - 1]
    return bool(stops > _MOST_STOPS or (stops > 1 and high_s - low_s > _LONG_S))
