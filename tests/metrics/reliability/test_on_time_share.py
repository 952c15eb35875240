from __future__ import annotations

import pytest
from performed import calls, one_row, rows_of, stop_visits, trip

from interurban.metrics.reliability.on_time_share import on_time_share

# Worked example C: nine deviations and one scheduled visit nobody observed.
DEVIATIONS = (-90, -45, 0, 30, 200, 250, 310, 359, 420, None)


def example_c(**columns):
    promised = [8 * 3600 + 600 * number for number in range(10)]
    return calls(promised, [None if d is None else t + d for t, d in zip(promised, DEVIATIONS, strict=True)], **columns)


@pytest.mark.parametrize(
    ("band", "kept"), [((-60, 240), 4), ((-60, 300), 5), ((-60, 359), 7), ((-120, 420), 9), ((0, 300), 4)]
)
def test_example_c(band, kept):
    found = one_row(on_time_share(stop_visits(example_c()), (), band))
    assert found["on_time_share"] == pytest.approx(kept / 9)
    assert found["on_time_of_scheduled"] == pytest.approx(kept / 10)
    assert (found["n"], found["n_scheduled"], found["coverage"]) == (9, 10, 0.9)
    assert (found["early_s"], found["late_s"]) == band


def test_the_common_band_is_that_of_every_comparison():
    found = one_row(on_time_share(stop_visits(example_c()), ()))
    assert (found["early_s"], found["late_s"]) == (-60, 300)
    assert found["early_share"] == pytest.approx(1 / 9) and found["late_share"] == pytest.approx(3 / 9)


def test_dropped_trips_count_as_scheduled():
    # Nothing of the second trip was seen; a publisher who cancels it changes nothing for those who waited.
    visits = stop_visits(calls(["8:00", "8:10"], ["8:00", None]))
    found = one_row(on_time_share(visits, ()))
    assert (found["on_time_share"], found["on_time_of_scheduled"]) == (1.0, 0.5)


def test_departure_but_arrival_at_the_last_stop():
    visits = trip(1, [
        {"sched": "8:00", "dep": "8:01"},
        {"sched": "8:10", "arr": "8:10", "dep": "8:20"},  # stood there until it was late
        {"sched": "8:30", "arr": "8:31", "dep": "8:50"},  # its departure is the next trip's business
    ])  # fmt: skip
    found = one_row(on_time_share(stop_visits(visits), ()))
    assert (found["n"], found["on_time_share"]) == (3, pytest.approx(2 / 3))


def test_timepoints_only_and_says_how_many():
    stops = [{"sched": "8:00", "dep": "8:00"}, {"sched": "8:10", "arr": "8:20", "dep": "8:20", "is_timepoint": False}]
    visits = stop_visits(trip(1, [*stops, {"sched": "8:20", "arr": "8:20"}]))
    marked = one_row(on_time_share(visits, ()))
    assert (marked["n"], marked["on_time_share"], marked["timepoints_share"]) == (2, 1.0, pytest.approx(2 / 3))
    every = one_row(on_time_share(visits, (), timepoints_only=False))
    assert (every["n"], every["on_time_share"]) == (3, pytest.approx(2 / 3))


def test_a_promise_of_headways_has_no_delay():
    # Pitfall 8: exact_times = 0 is no timetable; with exact_times = 1 it is one.
    loose = calls(["8:00", "8:10"], ["8:05", "8:20"], is_frequency_based=True, exact_times=0)
    assert rows_of(on_time_share(stop_visits(loose))) == []
    exact = calls(["8:00", "8:10"], ["8:05", "8:20"], is_frequency_based=True, exact_times=1)
    assert one_row(on_time_share(stop_visits(exact), ()))["n"] == 2


def test_added_trips_have_nothing_to_keep_to():
    added = calls([None], ["8:00"], trip_key=None, run=None, schedule_relationship="Added")
    found = one_row(on_time_share(stop_visits(added), ()))
    assert (found["n"], found["n_scheduled"], found["on_time_share"]) == (0, 0, None)


def test_two_vehicles_on_one_trip_are_one_promise():
    twice = [*calls(["8:00"], ["8:10"], trip_key=7), *calls(["8:00"], ["8:01"], trip_key=7)]
    found = one_row(on_time_share(stop_visits(twice), ()))
    assert (found["n"], found["n_scheduled"], found["on_time_share"]) == (1, 1, 1.0)  # the first to come counts


def test_hours_run_past_midnight():
    found = rows_of(on_time_share(stop_visits(calls(["23:59", "25:10"], ["24:01", "25:10"])), ("hour",)), "hour")
    assert [row["hour"] for row in found] == [23, 25]


def test_window_is_of_the_promise():
    visits = stop_visits(calls(["8:59", "9:00"], ["9:01", "9:00"]))
    assert one_row(on_time_share(visits, (), window_s=(8 * 3600, 9 * 3600)))["n"] == 1
