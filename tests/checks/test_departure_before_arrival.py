from __future__ import annotations

from small_feed import feed, found, stop_time, trip

from interurban.checks import departure_before_arrival


def test_found_and_silent() -> None:
    fine = [stop_time(1, 1, 0), stop_time(1, 2, 60, departure_time=90), stop_time(1, 3, None)]
    # Arrives at 0:01:30, departs at 0:01:00.
    wrong = stop_time(1, 4, 90, departure_time=60)
    given = feed(trips=[trip(1)], stop_times=[*fine, wrong])
    assert found(departure_before_arrival, given) == [("T1", "00:01:00 < 00:01:30", 1)]
    assert found(departure_before_arrival, feed(trips=[trip(1)], stop_times=fine)) == []
