from __future__ import annotations

from small_feed import exception, feed, found, service, trip

from interurban.checks import stray_service_dates


def test_a_lone_date_years_away() -> None:
    # 31 dates of January 2024 and one of 2015: 1 of 32 is 3 %, at most 5 %, and 8 years away.
    given = feed(trips=[trip(1)], calendar=[service()], calendar_dates=[exception("2015-12-10")])
    assert found(stray_service_dates, given) == [(None, "2015-12-10 … 2015-12-10", 1)]


def test_silent_when_near_or_many() -> None:
    near = exception("2024-05-01")  # 91 days after the last
    assert found(stray_service_dates, feed(trips=[trip(1)], calendar=[service()], calendar_dates=[near])) == []
    # Two seasons of a month each, a year apart: neither is stray.
    seasons = [service(), service(2, start="2025-01-01", end="2025-01-31")]
    assert found(stray_service_dates, feed(trips=[trip(1), trip(2, service_key=2)], calendar=seasons)) == []
