from __future__ import annotations

from small_feed import exception, feed, found, service, trip

from interurban.checks import service_never_used


def test_in_either_file() -> None:
    dates = [exception("2024-01-01", key=3), exception("2024-01-02", key=3)]
    given = feed(trips=[trip(1)], calendar=[service(1), service(2)], calendar_dates=dates)
    assert found(service_never_used, given) == [("W2", None, 1), ("W3", None, 1)]


def test_silent() -> None:
    assert found(service_never_used, feed(trips=[trip(1)], calendar=[service()])) == []
