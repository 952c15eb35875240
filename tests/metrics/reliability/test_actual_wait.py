from __future__ import annotations

import random

import pytest
from day import EIGHT_TO_NINE, PROMISED, SEEN
from performed import boardings_at, calls, one_row, rows_of, stop_visits

from interurban.metrics.reliability.actual_wait import actual_wait
from interurban.metrics.reliability.headway_cv import headway_cv


def test_needs_no_timetable():
    visits = stop_visits(calls([None] * 7, SEEN, trip_key=None, run=None))
    found = one_row(actual_wait(visits, ()))
    assert found["actual_wait_min"] == pytest.approx(866 / 120) and found["even_wait_min"] == 5
    assert found["n"] == 6 and found["coverage"] is None


def test_window_closes_with_the_spanning_headway():
    # 8:05 to 8:20: come until 8:12, wait for it; until 8:14; until 8:20, wait for 8:30.
    found = one_row(actual_wait(stop_visits(calls(PROMISED, SEEN)), (), window_s=(8 * 3600 + 300, 8 * 3600 + 1200)))
    assert found["actual_wait_min"] == pytest.approx((7**2 + 2**2 + 16**2 - 10**2) / (2 * 15))
    assert found["n"] == 3
    whole = one_row(actual_wait(stop_visits(calls(PROMISED, SEEN)), (), window_s=EIGHT_TO_NINE))
    assert whole["actual_wait_min"] == pytest.approx(866 / 120)


@pytest.mark.parametrize("seed", range(8))
def test_identity_with_mean_and_variation(seed):
    # AWT = mean(h) / 2 (1 + CV^2), exactly
    times = sorted(random.Random(seed).sample(range(20_000, 90_000), 40))
    visits = stop_visits(calls([None] * 40, times, trip_key=None))
    wait, cv = one_row(actual_wait(visits, ())), one_row(headway_cv(visits, ()))
    assert wait["actual_wait_min"] == pytest.approx(cv["headway_mean_min"] / 2 * (1 + cv["headway_cv"] ** 2))
    assert wait["even_wait_min"] == pytest.approx(cv["headway_mean_min"] / 2)


def test_order_of_rows_does_not_matter():
    rows = calls(PROMISED, SEEN)
    shuffled = random.Random(3).sample(rows, len(rows))
    assert rows_of(actual_wait(stop_visits(rows))) == rows_of(actual_wait(stop_visits(shuffled)))


def test_boardings_weigh_stops():
    at_one = calls([None] * 3, ["8:00", "8:10", "8:20"])
    at_two = calls([None] * 2, ["8:00", "8:40"], stop_id="s2")
    boardings = boardings_at(s1=1.0, s2=3.0)
    found = one_row(actual_wait(stop_visits(at_one, at_two), (), boardings=boardings))
    assert found["actual_wait_weighted_min"] == pytest.approx((1 * 5 + 3 * 20) / 4)
    assert found["actual_wait_min"] == pytest.approx((2 * 100 + 1600) / (2 * 60))


def test_one_departure_or_none():
    alone = one_row(actual_wait(stop_visits(calls(["8:00"], ["8:00"])), ()))
    assert alone["n"] == 0 and alone["actual_wait_min"] is None
    assert rows_of(actual_wait(stop_visits())) == []
