"""Periods as statistics write them: SDMX frequencies (CL_FREQ) and TIME_PERIOD texts."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from functools import lru_cache

DAY = dt.timedelta(days=1)
FREQUENCIES = ("A", "S", "Q", "M", "W", "D", "_O")
"""Yearly, half-yearly, quarterly, monthly, weekly, daily, and any other span of days."""

_MONTHS = {"A": 12, "S": 6, "Q": 3, "M": 1}
_FORM = re.compile(r"(\d{4})(?:-(?:([SQMW])(\d{1,2})|(\d{2})(?:-(\d{2}))?))?", re.ASCII)
_RANGE = re.compile(r"(\d{4}-\d{2}-\d{2})/P(\d{1,4})([DWMY])", re.ASCII)


@lru_cache(4096)  # a table of a thousand cities has few periods
def frequency_of(start: dt.date, end: dt.date) -> str:
    """The frequency of which this span of days is one period; "_O" when it is none's."""
    if start == end:
        return "D"
    found = (frequency for frequency in ("M", "Q", "S", "A", "W") if period_of(frequency, start) == (start, end))
    return next(found, "_O")


def period_of(frequency: str, day: dt.date) -> tuple[dt.date, dt.date]:
    """First and last day of the period that holds `day`; the day itself where the frequency has no calendar of its own."""
    if frequency in _MONTHS:
        length = _MONTHS[frequency]
        first = (day.month - 1) // length * length + 1
        last = first + length - 1
        return dt.date(day.year, first, 1), dt.date(day.year, last, calendar.monthrange(day.year, last)[1])
    if frequency == "W":
        monday = day - DAY * day.weekday()
        return monday, monday + 6 * DAY
    return day, day


@lru_cache(4096)
def time_period(frequency: str, start: dt.date, end: dt.date) -> str:
    """TIME_PERIOD of a span of days: "2023", "2023-S1", "2023-Q1", "2023-05", "2023-W05", "2023-05-06".

    A single day of a longer frequency is the period that holds it (the population of 1 January 2021, yearly, is of "2021"). A span
    that is no period of its frequency is written as its first day and length: "2023-04-01/P1Y", "2023-05-01/P10D".
    """
    if start == end or (start, end) == period_of(frequency, start):
        return _calendar_text(frequency, start)
    after = end + DAY
    months = (after.year - start.year) * 12 + after.month - start.month
    in_months = f"{months // 12}Y" if months % 12 == 0 else f"{months}M"
    length = in_months if after.day == start.day and months else f"{(after - start).days}D"
    return f"{start.isoformat()}/P{length}"


def _calendar_text(frequency: str, day: dt.date) -> str:
    year = f"{day.year:04}"
    match frequency:
        case "A":
            return year
        case "S" | "Q":
            return f"{year}-{frequency}{(day.month - 1) // _MONTHS[frequency] + 1}"
        case "M":
            return f"{year}-{day.month:02}"
        case "W":
            week = day.isocalendar()
            return f"{week.year:04}-W{week.week:02}"
    return day.isoformat()


def read_time_period(text: str) -> tuple[str, dt.date, dt.date]:
    """Frequency, first and last day of a TIME_PERIOD text.

    Raises:
        ValueError: it is none of the forms of `time_period`.
    """
    if span := _RANGE.fullmatch(text):
        try:
            return _read_range(dt.date.fromisoformat(span[1]), int(span[2]), span[3])
        except OverflowError as beyond:  # after the year 9999
            raise ValueError(text) from beyond
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, letter, number, month, day = found.groups()
    if day:
        frequency, inside = "D", dt.date(int(year), int(month), int(day))
    elif month:
        frequency, inside = "M", dt.date(int(year), int(month), 1)
    elif letter == "W":
        frequency, inside = "W", dt.date.fromisocalendar(int(year), int(number), 1)
    elif letter:
        frequency, inside = letter, dt.date(int(year), (int(number) - 1) * _MONTHS[letter] + 1, 1)
    else:
        frequency, inside = "A", dt.date(int(year), 1, 1)
    return frequency, *period_of(frequency, inside)


def _read_range(start: dt.date, number: int, unit: str) -> tuple[str, dt.date, dt.date]:
    if unit in "DW":
        end = start + DAY * (number * (7 if unit == "W" else 1) - 1)
    else:
        months = start.year * 12 + start.month - 1 + number * (12 if unit == "Y" else 1)
        end = dt.date(months // 12, months % 12 + 1, start.day) - DAY
    if end < start:
        raise ValueError(f"{start}/P{number}{unit}")
    known = {("Y", 1): "A", ("M", 1): "M", ("M", 3): "Q", ("M", 6): "S", ("W", 1): "W"}
    return known.get((unit, number)) or frequency_of(start, end), start, end
