from __future__ import annotations

import pytest
from departures import visits_at, visits_table
from hypothesis import given, settings
from hypothesis import strategies as st
from small_lake import rows_of

from interurban.metrics.headways import headway_summary, headways, mean_wait, passenger_departures
from interurban.metrics.supply.headway import AT_STOP


def waits(*minutes):
    """Departures with these headways in minutes."""
    times = [sum(minutes[:count]) * 60 for count in range(len(minutes) + 1)]
    return rows_of(mean_wait(headways(visits_table(visits_at(*times)), AT_STOP), ()))[0]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ((10, 15, 5, 10, 10, 10), 650 / 120),  # 100 + 225 + 25 + 3 x 100 = 650; 2 x 60: AWT 5.417
        ((10,) * 6, 5.0),  # SWT of the timetable, so EWT = 0.417
        ((10, 10, 10, 28, 1, 1), 5.0 + 4.05),  # 300 + 784 + 2 = 1086; / 120 = 9.05, so EWT = 4.05
    ],
)
def test_wait_of_the_published_excess_wait_examples(minutes, expected):
    assert waits(*minutes) == {"n": 6, "wait_min": pytest.approx(expected, abs=1e-12)}


def test_wait_is_unknown_without_time_between_departures():
    assert waits(0, 0) == {"n": 2, "wait_min": None}
    empty = mean_wait(headways(visits_table(), AT_STOP), ())
    assert rows_of(empty) == [{"n": 0, "wait_min": None}]


def test_departures_leave_out_what_is_no_passenger_service():
    kept = [
        *visits_at("7:00", pickup_type=None, drop_off_type=None),
        *visits_at("7:01", pickup_type=1, drop_off_type=0),  # sets down only, still passenger service
        *visits_at("7:02", pickup_type=0, drop_off_type=1),
        *visits_at("7:03", pickup_type=3, drop_off_type=1),
        *visits_at("7:04", pickup_type=1, drop_off_type=None),
    ]
    left_out = [
        *visits_at("7:05", pickup_type=1, drop_off_type=1),
        *visits_at("7:06", is_last=True),
        *visits_at(None),
        *visits_at("7:07", stop_key=None, stop_id=None),
    ]
    found = rows_of(passenger_departures(visits_table(kept, left_out)), "departure_s")
    assert [row["departure_s"] for row in found] == [row["departure_s"] for row in kept]


def test_window_takes_its_start_and_leaves_its_end():
    visits = visits_table(visits_at("6:59", "7:00", "8:59", "9:00"))
    found = rows_of(passenger_departures(visits, (7 * 3600, 9 * 3600)), "departure_s")
    assert [row["departure_s"] for row in found] == [7 * 3600, 9 * 3600 - 60]


times = st.lists(st.integers(0, 30 * 3600), min_size=2, max_size=12)


def summary(seconds):
    return rows_of(headway_summary(headways(visits_table(visits_at(*seconds)), AT_STOP), ()))


@settings(max_examples=25, deadline=None)
@given(times, st.integers(0, 86_400), st.randoms(use_true_random=False))
def test_neither_row_order_nor_a_shift_of_all_times_changes_headways(seconds, shift, random):
    shuffled = random.sample(seconds, len(seconds))
    assert summary(shuffled) == summary(seconds) == summary([second + shift for second in seconds])


@settings(max_examples=25, deadline=None)
@given(times)
def test_headways_fill_the_time_from_first_to_last_departure(seconds):
    found = summary(seconds)[0]
    assert found["n"] == len(seconds) - 1
    assert found["headway_mean_min"] == pytest.approx((max(seconds) - min(seconds)) / (len(seconds) - 1) / 60)
