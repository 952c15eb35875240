"""Three checks share one rule: days left on the reference date, 0 on the last day."""

from __future__ import annotations

import datetime as dt

import pytest
from small_feed import feed, found, service, trip

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


def test_silent_without_a_reference_date_or_service() -> None:
    assert found(feed_expired, feed(**JANUARY)) == []
    assert found(feed_expired, feed(on=LAST)) == []
