from __future__ import annotations

from small_feed import HOUR, feed, found, stop_time, trip

from interurban.checks import frequency_trip_with_blank_times


def test_estimated_and_still_blank_rows_count() -> None:
    times = [stop_time(1, 1, 0), stop_time(1, 2, 60, is_estimated=True), stop_time(1, 3, None), stop_time(1, 4, 180)]
    frequency = {"trip_key": 1, "start_time": 6 * HOUR, "end_time": 9 * HOUR, "headway_secs": 600}
    given = feed(trips=[trip(1)], stop_times=times, frequencies=[frequency])
    assert found(frequency_trip_with_blank_times, given) == [("T1", None, 2)]
    assert found(frequency_trip_with_blank_times, feed(trips=[trip(1)], stop_times=times)) == []
