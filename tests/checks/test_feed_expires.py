"""Three checks share one rule: days left on the reference date, 0 on the last day."""

from __future__ import annotations

import datetime as dt

import pytest
from small_feed import Row, exception, feed, found, service, trip

from interurban.checks import feed_expired, feed_expires_in_7_days, feed_expires_in_30_days

LAST = dt.date(2024, 1, 31)
JANUARY = {"trips": [trip(1)], "calendar": [service()]}


@pytest.mark.parametrize(
    ("days_left", "speaking"),
    [
        (-1, feed_expired),
        (0, feed_expires_in_7_days),
        (7, feed_expires_in_7_days),
        (8, feed_expires_in_30_days),
        (30, feed_expires_in_30_days),
        (31, None),
    ],
)
def test_exactly_one_speaks(days_left: int, speaking: object) -> None:
    given = feed(on=LAST - dt.timedelta(days=days_left), **JANUARY)
    for check in (feed_expired, feed_expires_in_7_days, feed_expires_in_30_days):
        assert found(check, given) == ([(None, "2024-01-31", 1)] if check is speaking else [])


def test_the_earlier_of_promise_and_service_counts() -> None:
    # feed_info ends on the 20th, service on the 31st: on the 22nd the feed has expired.
    sooner = feed(on=dt.date(2024, 1, 22), feed_info=[{"feed_end_date": dt.date(2024, 1, 20)}], **JANUARY)
    assert found(feed_expired, sooner) == [(None, "2024-01-20", 1)]
    later = feed(on=dt.date(2024, 1, 22), feed_info=[{"feed_end_date": dt.date(2024, 12, 31)}], **JANUARY)
    assert found(feed_expired, later) == []
    # 9 days to the 31st, whatever is promised.
    assert found(feed_expires_in_30_days, later) == [(None, "2024-01-31", 1)]


@pytest.mark.parametrize(
    ("promised", "dates", "file", "field", "last"),
    [
        (None, [], "calendar.txt", "end_date", "2024-01-31"),
        (None, [exception("2024-01-05")], "calendar.txt", "end_date", "2024-01-31"),
        (None, [exception("2024-01-31", 2)], "calendar.txt", "end_date", "2024-01-30"),
        (None, [exception("2024-02-03")], "calendar_dates.txt", "date", "2024-02-03"),
        (None, [exception("2024-02-03", key=2)], "calendar.txt", "end_date", "2024-01-31"),  # of a service that no trip uses
        ("2024-01-20", [], "feed_info.txt", "feed_end_date", "2024-01-20"),
        ("2024-01-31", [], "feed_info.txt", "feed_end_date", "2024-01-31"),
        ("2024-12-31", [], "calendar.txt", "end_date", "2024-01-31"),
    ],
)
def test_names_the_file_that_says_the_last_day(promised: str | None, dates: list[Row], file: str, field: str, last: str) -> None:
    info = [] if promised is None else [{"feed_end_date": dt.date.fromisoformat(promised)}]
    given = feed(on=dt.date(2024, 3, 1), feed_info=info, calendar_dates=dates, **JANUARY)
    table = feed_expired.find(given)
    assert table is not None
    assert [(row["file"], row["field"], row["value"]) for row in table.to_pyarrow().to_pylist()] == [(file, field, last)]


def test_silent_without_a_reference_date_or_service() -> None:
    assert found(feed_expired, feed(**JANUARY)) == []
    assert found(feed_expired, feed(on=LAST)) == []
