from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interurban.model.time_period import frequency_of, period_of, read_time_period, time_period

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1))


@pytest.mark.parametrize(
    ("start", "end", "frequency", "text"),
    [
        ("2023-01-01", "2023-12-31", "A", "2023"), ("2023-07-01", "2023-12-31", "S", "2023-S2"),
        ("2023-01-01", "2023-03-31", "Q", "2023-Q1"),
        ("2024-02-01", "2024-02-29", "M", "2024-02"), ("2024-12-30", "2025-01-05", "W", "2025-W01"),
        ("2023-05-06", "2023-05-06", "D", "2023-05-06"),
        ("2023-04-01", "2024-03-31", "_O", "2023-04-01/P1Y"), ("2023-04-01", "2023-05-31", "_O", "2023-04-01/P2M"),
        ("2023-05-01", "2023-05-10", "_O", "2023-05-01/P10D"),
    ],
)
def test_periods_as_sdmx_writes_them(start: str, end: str, frequency: str, text: str):
    days = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
    assert frequency_of(*days) == frequency
    assert time_period(frequency, *days) == text
    assert read_time_period(text)[1:] == days


def test_a_day_of_a_longer_frequency_stands_for_its_period():
    census = dt.date(2021, 3, 21)
    assert [time_period(f, census, census) for f in ("A", "Q", "M", "D")] == ["2021", "2021-Q1", "2021-03", "2021-03-21"]


def test_a_year_that_begins_in_april_is_yearly_when_it_says_so():
    days = dt.date(2023, 4, 1), dt.date(2024, 3, 31)
    assert time_period("A", *days) == "2023-04-01/P1Y"
    assert read_time_period("2023-04-01/P1Y") == ("A", *days)


@given(DAYS, st.integers(0, 800))
def test_what_is_written_is_read_back(start: dt.date, length: int):
    end = start + dt.timedelta(days=length)
    assert read_time_period(time_period(frequency_of(start, end), start, end))[1:] == (start, end)


@given(DAYS, st.sampled_from("ASQMWD"))
def test_every_period_of_a_calendar_is_read_back_with_its_frequency(day: dt.date, frequency: str):
    period = period_of(frequency, day)
    assert period[0] <= day <= period[1]
    assert read_time_period(time_period(frequency, *period)) == (frequency, *period)


@pytest.mark.parametrize("text", [
    "", "23", "0000", "2023-13", "2023-Q5", "2023-S3", "2023-W54", "2023-02-30", "2023-05-01/P0D", "2023-05-01/", "9999-05-01/P9999D",
    "２０２３",
])
def test_what_is_no_period(text: str):
    with pytest.raises(ValueError):
        read_time_period(text)
