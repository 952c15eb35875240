"""Times at stops: hand-made drives with known answers, and what must hold of every drive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interurban.kernels.crossings import UNKNOWN_S, crossings
from interurban.kernels.match_positions import match_positions
from kernels.drives import Drive, drive, line_of, runs_of

STRAIGHT = [(0.0, 0.0), (1000.0, 0.0)]
ROUTES = {
    # 4 km out, around a square, 4 km back on the same street
    "lollipop": [(0, 0), (4000, 0), (4000, 1000), (5000, 1000), (5000, 0), (4000, 0), (0, 0)],
    "figure of eight": [(0, 0), (3000, 3000), (3000, 0), (0, 3000)],
    "out and back": [(0, 0), (2500, 0), (5000, 1500), (2500, 0), (0, 0)],
    "loop": [(0, 0), (2000, 0), (2000, 2000), (0, 2000), (0, 0)],
}


def times(lines, runs, radius_m=30.0):
    crossed = crossings(lines, runs, match_positions(lines, runs), radius_m, radius_m)
    return np.where(crossed.times_s == UNKNOWN_S, np.nan, crossed.times_s.astype(float)), crossed.is_interpolated


def errors(made: Drive, x=None, y=None) -> tuple[np.ndarray, np.ndarray]:
    """Arrival and departure minus the moments at the edge of the radius, where they are known."""
    runs = made.runs if x is None else made.runs._replace(x=x, y=y)
    found, _ = times(made.lines, runs)
    reach_s = 30 / 8
    return (found[0] - (made.arrival_s - reach_s))[1:], (found[3] - (made.departure_s + reach_s))[:-1]


@pytest.mark.parametrize("noise_m", [5.0, 15.0, 30.0])
@pytest.mark.parametrize("every_s", [5, 20, 30, 60])
@pytest.mark.parametrize("route", ROUTES)
def test_all_stops_of_routes_that_meet_themselves_are_timed(route, every_s, noise_m):
    arrival, departure = errors(drive(ROUTES[route], 33, every_s, noise_m))
    assert not np.isnan(arrival).any()
    assert not np.isnan(departure[1:]).any()  # a slow cadence may have no position at the first stop
    # Bounds of methods/operations.md, 1.4: mean 3.2-8.8 s, largest 37 s for the lollipop; some routes turn on the spot.
    assert np.abs(arrival).mean() < 12
    assert np.abs(arrival).max() < 60
    assert np.abs(departure[1:]).mean() < 15


@pytest.mark.parametrize("route", ROUTES)
def test_one_position_three_kilometres_away_changes_nothing_much(route):
    made = drive(ROUTES[route], 33, 20, 15.0)
    before, _ = errors(made)
    x = made.runs.x.copy()
    x[x.size // 2] += 3000
    after, _ = errors(made, x, made.runs.y)
    assert not np.isnan(after).any()
    assert np.abs(after - before).max() <= 20


def test_a_straight_drive_by_hand():
    lines = line_of(STRAIGHT, np.array([0, 500, 1000]))
    found, interpolated = times(lines, runs_of([0, 200, 400, 600, 800, 1000], [0] * 6, [0, 20, 40, 60, 80, 100]))
    # 10 m/s: arrivals 30 m before, departures 30 m behind; no arrival at the first stop, no departure from the last
    assert found[0].tolist()[1:] == [47, 97]
    assert found[3].tolist()[:2] == [3, 53]
    assert np.isnan(found[0][0])
    assert np.isnan(found[3][2])
    assert (found[1][1], found[2][1], found[4][0], found[5][0]) == (40, 60, 0, 20)
    assert not interpolated.any()


def test_a_dwell_lasts_from_the_first_to_the_last_moment_near_the_stop():
    lines = line_of(STRAIGHT, np.array([0, 500, 1000]))
    found, _ = times(lines, runs_of([0, 495, 500, 505, 1000], [0] * 5, [0, 50, 80, 110, 160]))
    # arrival at 470 m: 47.5 s -> 47; departure at 530 m: 110 + 25/495 * 50 = 112.5
    assert found[0][1] == pytest.approx(47, abs=1)
    assert found[3][1] == pytest.approx(112, abs=1)


def test_stops_closer_than_two_radii_do_not_overlap():
    lines = line_of(STRAIGHT, np.array([0, 500, 520, 1000]))
    found, _ = times(lines, runs_of([0, 400, 600, 1000], [0] * 4, [0, 40, 60, 100]))
    assert found[3][1] == 51  # left at 510 m, half-way
    assert found[0][2] == 51
    assert found[3][2] == 55


def test_nothing_is_said_beyond_the_positions():
    lines = line_of(STRAIGHT, np.arange(0, 1001, 100))
    found, _ = times(lines, runs_of([300, 400, 500, 600], [0] * 4, [0, 10, 20, 30]))
    assert np.flatnonzero(~np.isnan(found[0])).tolist() == [4, 5, 6]
    assert np.flatnonzero(~np.isnan(found[3])).tolist() == [3, 4, 5]


def test_long_brackets_over_several_stops_are_marked():
    lines = line_of(STRAIGHT, np.array([0, 300, 500, 1000]))
    found, interpolated = times(lines, runs_of([0, 250, 700, 1000], [0] * 4, [0, 20, 240, 260]))
    assert interpolated.tolist() == [False, True, True, False]
    _, short = times(lines, runs_of([0, 250, 700, 1000], [0] * 4, [0, 20, 200, 220]))
    assert not short.any()  # 180 s are not more than 180 s
    assert not np.isnan(found[0][1:]).any()


def test_more_than_twelve_stops_between_two_positions_are_marked_whatever_the_time():
    lines = line_of(STRAIGHT, np.arange(0, 1001, 50))
    _, interpolated = times(lines, runs_of([0, 640, 1000], [0] * 3, [0, 30, 60]))
    assert not interpolated.any()
    _, interpolated = times(lines, runs_of([0, 660, 1000], [0] * 3, [0, 30, 60]))
    assert interpolated.sum() == 14  # the departure from the first stop, too


def test_stops_on_a_detour_are_not_timed_but_those_beside_it_are():
    lines = line_of(STRAIGHT, np.array([0, 200, 500, 800, 1000]))
    x = [0, 100, 250, 400, 500, 600, 760, 900, 1000]
    y = [0, 0, 0, 400, 400, 400, 0, 0, 0]
    found, _ = times(lines, runs_of(x, y, np.arange(9) * 30))
    assert np.isnan(found[0]).tolist() == [True, False, True, False, False]
    two = [0, 0, 0, 0, 400, 400, 0, 0, 0]
    found, _ = times(lines, runs_of(x, two, np.arange(9) * 30))
    assert not np.isnan(found[0][1:]).any()  # two are noise


def test_a_leap_faster_than_the_vehicle_can_go_times_nothing():
    lines = line_of([(0, 0), (5000, 0)], np.arange(0, 5001, 1000))
    found, _ = times(lines, runs_of([0, 100, 4200, 4300], [0] * 4, [0, 10, 20, 30]))
    assert np.isnan(found[0][1:5]).all()


def test_stops_without_coordinates_and_runs_without_a_line_have_no_times():
    lines = line_of(STRAIGHT, np.array([0, np.nan, 1000]))
    found, _ = times(lines, runs_of([0, 500, 1000], [0] * 3, [0, 50, 100]))
    assert np.isnan(found[:, 1]).all()
    assert found[0][2] == 97
    unknown = runs_of([0, 500], [0, 0], [0, 50])._replace(line=np.array([-1]))
    assert times(lines, unknown)[0].shape == (6, 0)


DRIVES = st.builds(
    drive,
    st.sampled_from(sorted(ROUTES)).map(ROUTES.__getitem__),
    st.integers(2, 40),
    st.integers(5, 200),
    st.floats(0, 60),
    st.integers(0, 10_000),
    st.floats(2, 20),
    st.floats(0, 100),
)


@settings(max_examples=60, deadline=None)
@given(DRIVES)
def test_times_keep_their_order_and_their_brackets(made: Drive):
    found, _ = times(made.lines, made.runs)
    arrival, arrival_lo, arrival_hi, departure, departure_lo, departure_hi = found
    events = np.column_stack([arrival, departure]).ravel()
    events = events[~np.isnan(events)]
    assert (np.diff(events) >= 0).all()  # arrival, departure, next arrival
    for moment, low, high in ((arrival, arrival_lo, arrival_hi), (departure, departure_lo, departure_hi)):
        known = ~np.isnan(moment)
        assert (low[known] <= moment[known]).all()
        assert (moment[known] <= high[known]).all()
        assert (made.runs.time_s[0] <= low[known]).all()
        assert (high[known] <= made.runs.time_s[-1]).all()
    assert np.isnan(arrival[0])
    assert np.isnan(departure[-1])


@settings(max_examples=30, deadline=None)
@given(DRIVES, st.integers(1, 3))
def test_repeated_positions_change_nothing(made: Drive, times_over: int):
    runs = made.runs
    repeated = runs._replace(
        offsets=runs.offsets * (times_over + 1), **{name: np.repeat(getattr(runs, name), times_over + 1) for name in ("x", "y", "time_s")}
    )
    np.testing.assert_array_equal(times(made.lines, runs)[0], times(made.lines, repeated)[0])


@settings(max_examples=20, deadline=None)
@given(DRIVES, DRIVES)
def test_runs_do_not_touch_each_other(one: Drive, other: Drive):
    alone = times(one.lines, one.runs)[0]
    joined = one.runs._replace(
        offsets=np.array([0, one.runs.x.size, one.runs.x.size + other.runs.x.size]), line=np.zeros(2, np.int64),
        **{name: np.repeat(getattr(one.runs, name), 2) for name in ("sigma_m", "fastest_m_s", "off_route_m", "start_s")},
        **{name: np.concatenate([getattr(one.runs, name), getattr(other.runs, name)]) for name in ("x", "y", "time_s")},
    )  # fmt: skip
    np.testing.assert_array_equal(alone, times(one.lines, joined)[0][:, : alone.shape[1]])
