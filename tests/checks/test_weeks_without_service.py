from __future__ import annotations

import datetime as dt

from small_feed import exception, feed, found, service, trip

from interurban.checks import weeks_without_service


def test_an_empty_week_between_two_served_ones() -> None:
    # Monday 1 January and Monday 22 January run: the weeks from the 8th to the 21st, two of them, do not.
    given = feed(trips=[trip(1)], calendar_dates=[exception("2024-01-01"), exception("2024-01-22")])
    assert found(weeks_without_service, given) == [(None, "2024-01-08 … 2024-01-21", 2)]


def test_silent_when_every_week_has_a_day() -> None:
    # Sunday the 7th and Monday the 15th: eight days apart, but the week of the 8th is empty; with the 14th it is not.
    dates = [exception("2024-01-07"), exception("2024-01-14"), exception("2024-01-15")]
    assert found(weeks_without_service, feed(trips=[trip(1)], calendar_dates=dates)) == []
    assert found(weeks_without_service, feed(trips=[trip(1)], calendar=[service()])) == []


def test_weeks_promised_by_feed_info_count() -> None:
    # Service of January 2024 ends on Wednesday the 31st; the promise to Sunday 18 February adds two empty weeks.
    info = {"feed_start_date": dt.date(2024, 1, 1), "feed_end_date": dt.date(2024, 2, 18)}
    given = feed(trips=[trip(1)], calendar=[service()], feed_info=[info])
    assert found(weeks_without_service, given) == [(None, "2024-02-05 … 2024-02-18", 2)]


def test_a_promise_inside_or_apart_from_the_service_hides_no_week() -> None:
    # Monday 1 January and Monday 5 February run: the four weeks between are one gap, though the promise ends on the 10th of January.
    dates = [exception("2024-01-01"), exception("2024-02-05")]
    info = {"feed_start_date": dt.date(2024, 1, 8), "feed_end_date": dt.date(2024, 1, 10)}
    given = feed(trips=[trip(1)], calendar_dates=dates, feed_info=[info])
    assert found(weeks_without_service, given) == [(None, "2024-01-08 … 2024-02-04", 4)]
    # A promise that begins after the last service: up to Sunday 3 March three weeks, not two and a hole.
    later = info | {"feed_start_date": dt.date(2024, 2, 26), "feed_end_date": dt.date(2024, 3, 3)}
    given = feed(trips=[trip(1)], calendar_dates=dates[1:], feed_info=[later])
    assert found(weeks_without_service, given) == [(None, "2024-02-12 … 2024-03-03", 3)]


def test_an_end_in_2099_is_not_a_promise() -> None:
    info = {"feed_start_date": dt.date(2024, 1, 1), "feed_end_date": dt.date(2099, 12, 31)}
    assert found(weeks_without_service, feed(trips=[trip(1)], calendar=[service()], feed_info=[info])) == []
    assert found(weeks_without_service, feed(trips=[trip(1)], calendar_dates=[exception("2024-01-01")], feed_info=[info])) == []


def test_a_service_no_trip_uses_does_not_fill_a_week() -> None:
    dates = [exception("2024-01-01"), exception("2024-01-10", key=2), exception("2024-01-15")]
    given = feed(trips=[trip(1)], calendar_dates=dates)
    assert found(weeks_without_service, given) == [(None, "2024-01-08 … 2024-01-14", 1)]


def test_silent_without_any_service() -> None:
    assert found(weeks_without_service, feed()) == []
