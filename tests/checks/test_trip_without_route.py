from __future__ import annotations

from small_feed import feed, found, trip

from interurban.checks import trip_without_route


def test_found_and_silent() -> None:
    lost = {"route_key": None, "route_id": "X"}
    assert found(trip_without_route, feed(trips=[trip(1), trip(2, **lost), trip(3, **lost)])) == [("X", None, 2)]
    assert found(trip_without_route, feed(trips=[trip(1)])) == []
