from __future__ import annotations

from small_feed import feed, found, stop_time

from interurban.checks import many_estimated_times


def test_from_a_fifth_on() -> None:
    # One of five is 20 %; one of six is 16.7 %.
    exact = [stop_time(1, sequence, sequence * 60) for sequence in range(1, 6)]
    blank = stop_time(1, 9, 540, is_estimated=True)
    assert found(many_estimated_times, feed(stop_times=[*exact[:4], blank])) == [(None, "20.0 %", 1)]
    assert found(many_estimated_times, feed(stop_times=[*exact, blank])) == []


def test_not_of_stops_served_on_demand() -> None:
    window = {"start_pickup_drop_off_window": 28800, "end_pickup_drop_off_window": 36000}
    on_demand = [stop_time(1, sequence, None, **window) for sequence in (1, 2)]
    assert found(many_estimated_times, feed(stop_times=on_demand)) == []
