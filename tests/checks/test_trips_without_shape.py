from __future__ import annotations

from small_feed import feed, found, trip

from interurban.checks import trips_without_shape


def test_share_is_of_all_trips() -> None:
    # One of three: 33.3 %.
    given = feed(trips=[trip(1, shape_key=1), trip(2, shape_key=1), trip(3)])
    assert found(trips_without_shape, given) == [(None, "33.3 %", 1)]


def test_silent_when_all_have_one_or_none_is_there() -> None:
    assert found(trips_without_shape, feed(trips=[trip(1, shape_key=1)])) == []
    assert found(trips_without_shape, feed()) == []
