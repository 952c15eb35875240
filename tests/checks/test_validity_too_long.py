from __future__ import annotations

from small_feed import feed, found, service, trip

from interurban.checks import validity_too_long


def test_found_and_silent() -> None:
    # 1098 days are three years with a leap day each: 2020-01-01 + 1098 days = 2023-01-03 is still let pass.
    long, short = service(1, start="2015-12-10", end="2025-01-30"), service(2, start="2020-01-01", end="2023-01-03")
    given = feed(trips=[trip(1), trip(2, service_key=2)], calendar=[long, short])
    assert found(validity_too_long, given) == [("W1", "2015-12-10 … 2025-01-30", 1)]
    assert found(validity_too_long, feed(trips=[trip(2, service_key=2)], calendar=[short])) == []


def test_silent_on_a_service_without_trips() -> None:
    assert found(validity_too_long, feed(calendar=[service(1, start="2015-12-10", end="2025-01-30")])) == []
