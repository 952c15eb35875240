"""Drives along hand-made lines: stops, dwells, noise and the positions a vehicle would have sent."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from interurban.kernels.match_positions import Lines, Runs


class Drive(NamedTuple):
    lines: Lines
    runs: Runs
    arrival_s: np.ndarray  # at the point of each stop
    departure_s: np.ndarray


def line_of(points: list[tuple[float, float]], stop_m: np.ndarray, stop_s: np.ndarray | None = None) -> Lines:
    x, y = np.array(points, dtype=float).T
    at_m = np.append(0.0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
    stop_s = np.full(len(stop_m), np.nan) if stop_s is None else stop_s
    stop_m, stop_s = np.asarray(stop_m, dtype=float), np.asarray(stop_s, dtype=float)
    return Lines(np.array([0, x.size]), x, y, at_m, np.array([0, len(stop_m)]), stop_m, stop_s)


def runs_of(x, y, time_s, start_s: float = np.nan, fastest_m_s: float = 25.0, sigma_m: float = 30.0, off_route_m: float = 200.0) -> Runs:
    """One run on line 0."""
    one = [np.full(1, value, dtype=float) for value in (sigma_m, fastest_m_s, off_route_m, start_s)]
    x, y, time_s = np.array(x, dtype=float), np.array(y, dtype=float), np.array(time_s, np.int64)
    return Runs(np.array([0, x.size]), np.zeros(1, np.int64), *one, x, y, time_s)


def drive(
    points: list[tuple[float, float]],
    stops: int,
    every_s: float,
    noise_m: float,
    seed: int = 0,
    speed_m_s: float = 8.0,
    dwell_s: float = 20.0,
) -> Drive:
    """A vehicle that stops for `dwell_s` at `stops` evenly spaced stops, and sends a position every `every_s`."""
    bare = line_of(points, np.zeros(1))
    stop_m = np.linspace(0, bare.at_m[-1], stops)
    arrival_s = stop_m / speed_m_s + dwell_s * np.arange(stops)
    departure_s = arrival_s + dwell_s
    clock = np.arange(0, departure_s[-1] + every_s, every_s)
    knots_s, knots_m = np.column_stack([arrival_s, departure_s]).ravel(), np.repeat(stop_m, 2)
    at = np.interp(clock, knots_s, knots_m)
    random = np.random.default_rng(seed)
    x = np.interp(at, bare.at_m, bare.x) + random.normal(0, noise_m / 2**0.5, at.size)
    y = np.interp(at, bare.at_m, bare.y) + random.normal(0, noise_m / 2**0.5, at.size)
    return Drive(line_of(points, stop_m, arrival_s), runs_of(x, y, clock), arrival_s, departure_s)
