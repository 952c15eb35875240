"""From positions to stop visits along lines: throughput of the kernels, and of the whole step that an engine calls.

    python bench/geometry.py

Made-up lines and vehicles: 180 positions and 40 stops a run, 28 m of noise. The time to compile is reported apart; every figure is CPU
time of one thread, the best of three. A run counts only if nine of ten stops are timed, and within 15 s of the truth on average.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from interurban.kernels.crossings import UNKNOWN_S, crossings
from interurban.kernels.match_positions import match_positions
from interurban.operations.geometry import MODE_LIMITS, lines_of, runs_of_positions, visits_of_positions
from interurban.operations.pattern_geometry import PatternGeometry

POSITIONS, STOPS, EVERY_S, SPEED_M_S = 180, 40, 20, 8.0
RUNS = 5000
DEGREE_M = 110_574.0


def line(segments: int, random: np.random.Generator) -> PatternGeometry:
    """A winding line as long as a run's way, near the equator at 3 degrees east."""
    length_m = POSITIONS * EVERY_S * SPEED_M_S
    heading = np.cumsum(random.normal(0, 0.3, segments))
    x = 500_000 + np.append(0, np.cumsum(np.cos(heading))) * length_m / segments
    y = np.append(0, np.cumsum(np.sin(heading))) * length_m / segments
    at_m = np.linspace(0, length_m, segments + 1)
    stop_m = np.linspace(0, length_m, STOPS)
    one, two = np.ones(1, np.int64), np.array([0, segments + 1])
    return PatternGeometry(
        one, 31 * one, two, x, y, at_m, one, np.array([0, STOPS]), np.arange(1, STOPS + 1), stop_m, stop_m / SPEED_M_S
    )


def drives(geometry: PatternGeometry, random: np.random.Generator) -> pa.Table:
    """Positions of vehicles at constant speed with noise."""
    clock = np.arange(POSITIONS) * EVERY_S
    at_m = np.tile(clock * SPEED_M_S, RUNS)
    x, y = (np.interp(at_m, geometry.at_m, values) + random.normal(0, 20, at_m.size) for values in (geometry.x, geometry.y))
    return pa.table(
        {
            "run_key": np.repeat(np.arange(RUNS), POSITIONS),
            "pattern_key": np.ones(at_m.size, np.int64),
            "mode": pa.repeat("bus", at_m.size),
            "schedule_trip_start": pa.nulls(at_m.size, pa.int64()),
            "event_timestamp": np.tile(clock, RUNS),
            "latitude": y / 0.9996 / DEGREE_M,
            "longitude": 3 + (x - 500_000) / 0.9996 / 111_319.5,
        }
    )


def best_of_three(work: Callable[[], object]) -> float:
    """CPU seconds of this thread."""
    times = []
    for _ in range(3):
        began = time.thread_time()
        work()
        times.append(time.thread_time() - began)
    return min(times)


def main() -> None:
    random = np.random.default_rng(1)
    geometry = line(25, random)
    began = time.perf_counter()
    visits_of_positions(drives(geometry, random).slice(0, POSITIONS), geometry)
    print(f"{platform.processor() or platform.machine()}, NumPy {np.__version__}; first call (compiled or read from the cache): ", end="")
    print(f"{time.perf_counter() - began:.1f} s")
    print("segments  match M/s  match and cross M/s  Arrow to Arrow M/s  timed  mean error s")
    for segments in (25, 60, 200, 500):
        geometry = line(segments, random)
        table = drives(geometry, random)
        lines, (_, runs, radii_m) = lines_of(geometry), runs_of_positions(table, geometry, MODE_LIMITS)
        matched = match_positions(lines, runs)
        crossed = crossings(lines, runs, matched, *radii_m)
        arrival_s = crossed.times_s[0].reshape(RUNS, STOPS)[:, 1:]
        truth_s = (geometry.stop_m[1:] - radii_m[0, 0]) / SPEED_M_S
        known = arrival_s != UNKNOWN_S
        error_s = np.abs(arrival_s - truth_s)[known].mean()
        if known.mean() < 0.9 or error_s > 15:
            raise SystemExit(f"{segments} segments: {known.mean():.1%} timed, {error_s:.1f} s: not a right answer")
        million = table.num_rows / 1e6
        matching_s = best_of_three(lambda lines=lines, runs=runs: match_positions(lines, runs))
        crossing_s = best_of_three(lambda lines=lines, runs=runs, matched=matched, r=radii_m: crossings(lines, runs, matched, *r))
        all_s = best_of_three(lambda table=table, geometry=geometry: visits_of_positions(table, geometry))
        print(f"{segments:8} {million / matching_s:10.2f} {million / (matching_s + crossing_s):20.2f} {million / all_s:19.2f}", end="")
        print(f" {known.mean():6.1%} {error_s:13.1f}")


if __name__ == "__main__":
    main()
