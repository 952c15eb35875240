from __future__ import annotations

from small_feed import feed, found, service

from interurban.checks import calendar_ends_before_start


def test_found_and_silent() -> None:
    wrong, right = service(1, start="2024-02-01", end="2024-01-31"), service(2, start="2024-02-01", end="2024-02-01")
    assert found(calendar_ends_before_start, feed(calendar=[wrong, right])) == [("W1", "2024-02-01 … 2024-01-31", 1)]
    assert found(calendar_ends_before_start, feed(calendar=[right])) == []
