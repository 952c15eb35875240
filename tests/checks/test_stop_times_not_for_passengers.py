from __future__ import annotations

from small_feed import feed, found, stop_time

from interurban.checks import stop_times_not_for_passengers


def test_both_must_be_forbidden() -> None:
    depot = stop_time(1, 1, 0, pickup_type=1, drop_off_type=1)
    boarding_only = stop_time(1, 2, 60, pickup_type=0, drop_off_type=1)
    unsaid = stop_time(1, 3, 120)
    last = stop_time(1, 4, 180, pickup_type=1)
    given = feed(stop_times=[depot, boarding_only, unsaid, last])
    assert found(stop_times_not_for_passengers, given) == [(None, "25.0 %", 1)]
    assert found(stop_times_not_for_passengers, feed(stop_times=[boarding_only, unsaid, last])) == []
