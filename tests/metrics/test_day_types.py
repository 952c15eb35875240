from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interurban.metrics.day_types import Rule, day_types, percentile


def january(number: int) -> dt.date:
    return dt.date(2024, 1, number)  # the 1st is a Monday


def month(weekday: int = 100, saturday: int = 60, sunday: int = 30) -> dict[dt.date, int]:
    levels = [weekday] * 5 + [saturday, sunday]
    return {january(n): levels[january(n).weekday()] for n in range(1, 32)}


def test_nearest_ordinary_week_and_its_middle_day():
    found = day_types(month(), reference=january(10))
    assert (found.weekday, found.saturday, found.sunday) == (january(9), january(13), january(14))
    assert (found.rule, found.week_start) == (Rule.WEEK, january(8))


def test_the_median_of_tuesday_to_thursday():
    # Tuesday 100, Wednesday 96, Thursday 98: the median is Thursday's.
    found = day_types(month() | {january(10): 96, january(11): 98}, reference=january(10))
    assert found.weekday == january(11)


def test_a_week_with_a_holiday_is_passed_over():
    # Wednesday 10 runs a Sunday timetable: the week of the 8th has a day below 0.9 x 100; 1-7 and 15-21 are 3 and 5
    # days from the reference.
    found = day_types(month() | {january(10): 30}, reference=january(10))
    assert found.week_start == january(1)
    named = day_types(month(), reference=january(10), holidays={january(10)})
    assert named.week_start == january(1)


def test_without_reference_the_middle_of_the_service_counts_and_old_dates_do_not_mislead():
    # A stray week of December 2015 with few trips, then January 2024: half of all trips are over in mid January.
    stray = {dt.date(2015, 12, 7) + dt.timedelta(days=n): 5 for n in range(7)}
    assert day_types(stray | month()).week_start == january(15)
    # All days alike from 2008 to 2009: neither the first day nor the last.
    even = {dt.date(2008, 1, 1) + dt.timedelta(days=n): 36 for n in range(731)}
    assert day_types(even).reference == dt.date(2008, 12, 31)


def test_calendar_of_three_days():
    # Thursday to Saturday: no full week. Thursday comes before Friday though both are ordinary; there is no Sunday.
    found = day_types({january(4): 50, january(5): 52, january(6): 20}, reference=january(5))
    assert (found.weekday, found.saturday, found.sunday) == (january(4), january(6), None)
    assert (found.rule, found.week_start) == (Rule.WEEKDAY, None)


def test_only_a_friday_or_only_a_weekend():
    assert day_types({january(5): 7}).weekday == january(5)
    found = day_types({january(6): 7, january(7): 9})
    assert (found.weekday, found.saturday, found.sunday, found.rule) == (
        january(7),
        january(6),
        january(7),
        Rule.BUSIEST,
    )


def test_no_service_on_sundays_is_an_answer_and_no_sunday_is_none():
    found = day_types(month(sunday=0), reference=january(10))
    assert found.sunday == january(14)
    assert (
        day_types({date: trips for date, trips in month().items() if date.weekday() < 5 and date.day < 6}).sunday
        is None
    )


def test_a_sunday_without_its_usual_service_is_passed_over():
    # 14 January has none; 7 and 21 are 1 and 7 days from the week of the 8th.
    assert day_types(month() | {january(14): 0}, reference=january(10)).sunday == january(7)


def test_no_service():
    assert day_types({}) is None
    assert day_types({january(1): 0}) is None
    assert day_types({january(1): 9}, holidays=[january(1)]) is None


def test_percentile_of_type_7():
    # Position 0.95 x 3 = 2.85: 30 + 0.85 x 10.
    assert percentile([40, 10, 30, 20], 0.95) == pytest.approx(38.5)
    assert percentile([5], 0.95) == 5


@given(
    st.dictionaries(st.dates(dt.date(2020, 1, 1), dt.date(2020, 6, 30)), st.integers(0, 50), max_size=60),
    st.none() | st.dates(dt.date(2019, 1, 1), dt.date(2021, 12, 31)),
    st.integers(2, 9),
)
def test_order_and_scale_of_trips_do_not_matter(trips, reference, factor):
    found = day_types(trips, reference)
    assert day_types(dict(reversed(trips.items())), reference) == found
    assert day_types({date: count * factor for date, count in trips.items()}, reference) == found
    if found is None:
        assert not any(trips.values())
    else:
        assert trips[found.weekday] > 0
        assert found.saturday is None or found.saturday.weekday() == 5
        assert found.sunday is None or found.sunday.weekday() == 6
