from __future__ import annotations

from small_feed import exception, feed, found, service, trip

from interurban.checks import service_without_dates


def test_no_weekday_and_no_added_date() -> None:
    # W1 never runs, W2 has no weekday but one added date.
    given = feed(
        trips=[trip(1), trip(2), trip(3, service_key=2, service_id="W2")],
        calendar=[service(1, days=()), service(2, days=())],
        calendar_dates=[exception("2024-01-01", key=2)],
    )
    assert found(service_without_dates, given) == [("W1", None, 2)]


def test_all_dates_removed() -> None:
    one_day = service(1, start="2024-01-01", end="2024-01-01")
    given = feed(trips=[trip(1)], calendar=[one_day], calendar_dates=[exception("2024-01-01", kind=2)])
    assert found(service_without_dates, given) == [("W1", None, 1)]


def test_silent() -> None:
    assert found(service_without_dates, feed(trips=[trip(1)], calendar=[service()])) == []
