from __future__ import annotations

import datetime as dt

from small_lake import WEEKDAYS, make_lake, rows_of, service

from interurban.metrics.service_dates import service_dates


def dates_of(tables, **options):
    return [
        (row["service_key"], row["date"]) for row in rows_of(service_dates(tables, **options), "service_key", "date")
    ]


def january(*days: int) -> list[tuple[int, dt.date]]:
    return [(1, dt.date(2024, 1, day)) for day in days]


def exception(day: dt.date, kind: int, key: int = 1) -> dict:
    return {"service_key": key, "date": day, "exception_type": kind}


def test_flags_inside_the_range_plus_added_minus_removed():
    # Mondays of January 2024: 1, 8, 15, 22, 29; the 8th is removed, Saturday 13th added.
    tables = make_lake(
        calendar=[service(days=["monday"])],
        calendar_dates=[exception(dt.date(2024, 1, 8), 2), exception(dt.date(2024, 1, 13), 1)],
    )
    assert dates_of(tables) == january(1, 13, 15, 22, 29)


def test_each_weekday_flag_is_read():
    # 2024-01-01 is a Monday, so the flag number n alone gives the day 1 + n of the first week.
    for number, day in enumerate(WEEKDAYS):
        tables = make_lake(calendar=[service(days=[day], end=dt.date(2024, 1, 7))])
        assert dates_of(tables) == january(1 + number)


def test_feed_of_exceptions_only():
    tables = make_lake(
        calendar=[], calendar_dates=[exception(dt.date(2024, 1, 5), 1), exception(dt.date(2024, 1, 6), 2)]
    )
    assert dates_of(tables) == january(5)


def test_exceptions_outside_the_range_count():
    tables = make_lake(
        calendar=[service(days=["monday"], end=dt.date(2024, 1, 1))],
        calendar_dates=[exception(dt.date(2025, 3, 3), 1), exception(dt.date(2025, 3, 4), 2)],
    )
    assert dates_of(tables) == [(1, dt.date(2024, 1, 1)), (1, dt.date(2025, 3, 3))]


def test_blank_dates_and_end_before_start_give_no_regular_dates():
    blank = {**service(1), "start_date": None}
    backwards = service(2, start=dt.date(2024, 1, 31), end=dt.date(2024, 1, 1))
    tables = make_lake(
        calendar=[blank, {**service(3), "end_date": None}, backwards],
        calendar_dates=[exception(dt.date(2024, 1, 9), 1)],
    )
    assert dates_of(tables) == january(9)
    assert dates_of(tables, dates=[dt.date(2024, 1, 9), dt.date(2024, 1, 10)]) == january(9)


def test_added_and_removed_on_one_day_is_removed():
    tables = make_lake(
        calendar=[], calendar_dates=[exception(dt.date(2024, 1, 5), 1), exception(dt.date(2024, 1, 5), 2)]
    )
    assert dates_of(tables) == []


def test_only_the_dates_asked_for():
    tables = make_lake(
        calendar=[service()], calendar_dates=[exception(dt.date(2024, 2, 3), 1), exception(dt.date(2024, 1, 4), 2)]
    )
    unbroken = [dt.date(2024, 1, 3), dt.date(2024, 1, 4), dt.date(2024, 1, 5)]
    assert dates_of(tables, dates=unbroken) == january(3, 5)
    scattered = [dt.date(2024, 1, 31), dt.date(2024, 1, 2), dt.date(2024, 2, 3), dt.date(2024, 2, 4)]
    assert dates_of(tables, dates=scattered) == [*january(2, 31), (1, dt.date(2024, 2, 3))]
    assert dates_of(tables, dates=[]) == []


def test_calendar_until_2099_is_cut_at_the_horizon_but_readable_beyond():
    # The last service begins on 2028-01-01; two years on is 2030-01-01 (2028 is a leap year).
    tables = make_lake(calendar=[service(start=dt.date(2028, 1, 1), end=dt.date(2099, 12, 31))])
    found = dates_of(tables, horizon_years=2)
    assert len(found) == 366 + 365 + 1
    assert found[-1] == (1, dt.date(2030, 1, 1))
    assert dates_of(tables, dates=[dt.date(2050, 6, 1)]) == [(1, dt.date(2050, 6, 1))]


def test_a_calendar_that_began_long_ago_is_not_cut_in_the_past():
    tables = make_lake(calendar=[service(start=dt.date(1999, 1, 1), end=dt.date(2099, 12, 31))])
    assert dates_of(tables)[-1] == (1, dt.date(2051, 1, 1))


def test_no_rows():
    assert dates_of(make_lake(calendar=[])) == []


def test_exception_of_an_unknown_service_is_left_out():
    assert (
        dates_of(make_lake(calendar=[], calendar_dates=[{**exception(dt.date(2024, 1, 5), 1), "service_key": None}]))
        == []
    )
