from __future__ import annotations

from small_feed import feed, found, trip

from interurban.checks import direction_id_missing


def test_zero_is_a_direction_and_blank_is_not() -> None:
    given = feed(trips=[trip(1, direction_id=0), trip(2)])
    assert found(direction_id_missing, given) == [(None, "50.0 %", 1)]
    assert found(direction_id_missing, feed(trips=[trip(1, direction_id=0), trip(2, direction_id=1)])) == []
