"""Places along a line: hand-made cases, each for one rule."""

from __future__ import annotations

import numpy as np
import pytest

from interurban.kernels.match_positions import match_positions
from interurban.kernels.simplify_lines import simplified
from kernels.drives import line_of, runs_of

STRAIGHT = [(0.0, 0.0), (1000.0, 0.0)]
OUT_AND_BACK = [(0.0, 0.0), (1000.0, 0.0), (0.0, 0.0)]
HALF_HOUR = line_of(OUT_AND_BACK, [0, 1000, 2000], [0, 900, 1800])  # 15 minutes out, 15 back


def test_places_and_distances_from_the_line():
    matched = match_positions(line_of(STRAIGHT, [0]), runs_of([-50, 100, 400, 1030], [0, 30, -40, 40], [0, 30, 60, 120]))
    assert matched.position_m.tolist() == [0, 100, 400, 1000]
    assert matched.offset_m.tolist() == [50, 30, 40, 50]
    # (50/30)^2 + (30/30)^2 + (40/30)^2 + (50/30)^2, over four
    assert matched.cost[0] == pytest.approx((2500 + 900 + 1600 + 2500) / 900 / 4)


def test_the_way_back_is_told_from_the_way_out_by_what_came_before():
    matched = match_positions(line_of(OUT_AND_BACK, [0]), runs_of([200, 600, 1000, 700, 300], [0] * 5, np.arange(5) * 60))
    assert matched.position_m.tolist() == [200, 600, 1000, 1300, 1700]


@pytest.mark.parametrize(("minute", "position_m"), [(3, 200), (27, 1800)])
def test_the_schedule_decides_where_the_line_alone_cannot(minute, position_m):
    standing = runs_of([200, 200], [0, 0], [60 * minute, 60 * minute + 20], start_s=0.0)
    assert match_positions(HALF_HOUR, standing).position_m.tolist() == [position_m, position_m]


def test_a_late_vehicle_is_not_moved_along_its_line_by_the_schedule():
    late = runs_of([100, 300, 500], [0] * 3, np.array([0, 40, 80]) + 4 * 3600, start_s=0.0)
    assert match_positions(HALF_HOUR, late).position_m.tolist() == [100, 300, 500]


def test_positions_off_the_route_have_a_distance_and_no_place():
    matched = match_positions(line_of(STRAIGHT, [0]), runs_of([0, 300, 600], [0, 250, 0], [0, 60, 120]))
    assert np.isnan(matched.position_m).tolist() == [False, True, False]
    assert matched.offset_m[1] == 250


def test_a_position_that_cannot_be_reached_from_either_side_is_not_used():
    x = [0, 200, 900, 250, 400]  # 25 m/s for 20 s and 100 m more are 600 m
    fast = match_positions(line_of(STRAIGHT, [0]), runs_of(x, [0] * 5, np.arange(5) * 20))
    assert np.isnan(fast.offset_m).tolist() == [False, False, True, False, False]
    slow = match_positions(line_of(STRAIGHT, [0]), runs_of(x, [0] * 5, np.arange(5) * 60))
    assert not np.isnan(slow.offset_m).any()


def test_missing_coordinates_lines_and_moments_told_twice():
    matched = match_positions(line_of(STRAIGHT, [0]), runs_of([0, np.nan, 100, 900, 200], [0] * 5, [0, 10, 20, 20, 40]))
    assert np.isnan(matched.position_m).tolist() == [False, True, False, True, False]
    unknown = match_positions(line_of(STRAIGHT, [0]), runs_of([0], [0], [0])._replace(line=np.array([-1])))
    assert np.isnan([*unknown.position_m, *unknown.offset_m, *unknown.cost]).all()


def test_a_line_of_one_point_is_a_place():
    matched = match_positions(line_of([(10.0, 0.0)], [0]), runs_of([40], [40], [0]))
    assert (matched.position_m[0], matched.offset_m[0]) == (0, 50)


def test_a_simplified_line_keeps_its_turns_and_the_distances_along_it():
    x = np.concatenate([np.linspace(0, 1000, 101), np.linspace(990, 0, 100)])
    y = 2 * np.sin(x)
    at_m = np.append(0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
    kept, offsets = simplified(x, y, at_m, [0, x.size])
    assert 100 in kept  # the far end, though the line ends where it began
    assert offsets.tolist() == [0, kept.size]
    assert kept.size < 12
    there = np.column_stack([np.interp(at_m, at_m[kept], x[kept]), np.interp(at_m, at_m[kept], y[kept])])
    assert np.hypot(*(there - np.column_stack([x, y])).T).max() <= 5


def test_lines_are_simplified_apart_and_long_ones_more():
    angle = np.linspace(0, 2 * np.pi, 5000)
    x, y = 100_000 * np.cos(angle), 100_000 * np.sin(angle)
    at_m = np.append(0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
    fine, _ = simplified(x, y, at_m, [0, x.size], most_segments=1000)
    coarse, _ = simplified(x, y, at_m, [0, x.size])
    assert fine.size > coarse.size > 150  # chords of a circle of 100 km that are at most 5 m, and at most 20 m, inside it
    for kept, most_m in ((fine, 5), (coarse, 20)):
        assert np.hypot(np.interp(at_m, at_m[kept], x[kept]) - x, np.interp(at_m, at_m[kept], y[kept]) - y).max() <= most_m
    both, offsets = simplified(np.tile(x, 2), np.tile(y, 2), np.tile(at_m, 2), [0, x.size, x.size, 2 * x.size], most_segments=1000)
    assert both.tolist() == [*fine, *(fine + x.size)]
    assert offsets.tolist() == [0, fine.size, fine.size, 2 * fine.size]
