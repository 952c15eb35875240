from __future__ import annotations

from small_feed import HOUR, feed, found, trip

from interurban.checks import block_trips_overlap


def test_a_departure_before_the_vehicle_is_back() -> None:
    first, second = trip(1, 8 * HOUR, 9 * HOUR, block_id="B"), trip(2, 9 * HOUR - 60, 10 * HOUR, block_id="B")
    assert found(block_trips_overlap, feed(trips=[first, second])) == [("T2", "B: 08:59:00 < 09:00:00", 1)]


def test_a_long_trip_hides_no_later_one() -> None:
    # 8-12 covers 9-10 and 11-13, though 11-13 begins after 9-10 has ended.
    spans = ((8, 12), (9, 10), (11, 13))
    trips = [trip(i, a * HOUR, b * HOUR, block_id="B") for i, (a, b) in enumerate(spans, start=1)]
    assert [ident for ident, _, _ in found(block_trips_overlap, feed(trips=trips))] == ["T2", "T3"]


def test_silent() -> None:
    a = trip(1, 8 * HOUR, 9 * HOUR, block_id="B")
    touching = trip(2, 9 * HOUR, 10 * HOUR, block_id="B")
    other_service = trip(3, 8 * HOUR, 9 * HOUR, block_id="B", service_key=2)
    no_block = trip(4, 8 * HOUR, 9 * HOUR)
    by_frequency = trip(5, 8 * HOUR, 9 * HOUR, block_id="B")
    trips = [a, touching, other_service, no_block, by_frequency]
    assert found(block_trips_overlap, feed(trips=trips, frequencies=[{"trip_key": 5}])) == []
