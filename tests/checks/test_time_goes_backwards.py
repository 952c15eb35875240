from __future__ import annotations

from small_feed import HOUR, feed, found, stop_time, trip

from interurban.checks import time_goes_backwards


def test_after_midnight_without_counting_on() -> None:
    # 23:50, then 0:10 where 24:10 was meant.
    times = [stop_time(1, 1, 24 * HOUR - 600), stop_time(1, 2, 600)]
    given = feed(trips=[trip(1)], stop_times=times)
    assert found(time_goes_backwards, given) == [("T1", "00:10:00 < 23:50:00", 1)]


def test_blank_times_are_passed_over() -> None:
    times = [stop_time(1, 1, 600), stop_time(1, 2, None), stop_time(1, 3, 540)]
    given = feed(trips=[trip(1)], stop_times=times)
    assert found(time_goes_backwards, given) == [("T1", "00:09:00 < 00:10:00", 1)]


def test_silent_whatever_the_order_of_rows_and_on_other_trips() -> None:
    times = [stop_time(1, 10, 120), stop_time(1, 9, 60), stop_time(2, 11, 0), stop_time(1, 11, 120)]
    assert found(time_goes_backwards, feed(trips=[trip(1), trip(2)], stop_times=times)) == []
