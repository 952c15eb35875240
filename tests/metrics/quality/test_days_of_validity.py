from __future__ import annotations

import datetime as dt

import ibis
import pytest
from small_lake import make_lake, rows_of, service

from interurban.metrics.quality.days_of_validity import days_of_validity
from interurban.metrics.service_dates import service_dates

TYPES = {"feed_start_date": "date", "feed_end_date": "date"}


def validity(reference, start=None, end=None, calendar=None, feed_info=True):
    """Of a daily service from 1 to 30 June 2024."""
    days = [service(start=dt.date(2024, 6, 1), end=dt.date(2024, 6, 30))] if calendar is None else calendar
    info = ibis.memtable([{"feed_start_date": start, "feed_end_date": end}], schema=TYPES)
    dates = service_dates(make_lake(calendar=days))
    return rows_of(days_of_validity(dates, info if feed_info else info.limit(0), reference))[0]


@pytest.mark.parametrize(("reference", "days"), [((6, 24), 6), ((6, 23), 7), ((5, 31), 30), ((6, 30), 0), ((7, 1), -1)])
def test_days_to_the_last_service(reference, days):
    assert validity(dt.date(2024, *reference))["days_left"] == days


def test_the_feeds_own_end_may_come_earlier_but_not_later():
    assert validity(dt.date(2024, 6, 13), end=dt.date(2024, 6, 20)) == {
        "valid_from": dt.date(2024, 6, 1), "valid_to": dt.date(2024, 6, 20), "n": 30, "days_left": 7,
    }  # fmt: skip
    later = validity(dt.date(2024, 6, 13), start=dt.date(2024, 5, 1), end=dt.date(2024, 12, 31))
    assert (later["valid_from"], later["valid_to"], later["days_left"]) == (
        dt.date(2024, 6, 1),
        dt.date(2024, 6, 30),
        17,
    )
    assert validity(dt.date(2024, 6, 13), start=dt.date(2024, 6, 5))["valid_from"] == dt.date(2024, 6, 5)


def test_without_feed_info_and_without_service():
    assert validity(dt.date(2024, 6, 30), feed_info=False)["days_left"] == 0
    nothing = validity(dt.date(2024, 6, 30), end=dt.date(2024, 7, 1), calendar=[])
    assert nothing == {"valid_from": None, "valid_to": None, "n": 0, "days_left": None}
