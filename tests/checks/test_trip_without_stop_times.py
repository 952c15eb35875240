from __future__ import annotations

from small_feed import feed, found, trip

from interurban.checks import trip_without_stop_times


def test_found_and_silent() -> None:
    assert found(trip_without_stop_times, feed(trips=[trip(1), trip(2, stop_times_count=0)])) == [("T2", None, 1)]
    assert found(trip_without_stop_times, feed(trips=[trip(1)])) == []
