"""The dates on which each service runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import ibis
from ibis.expr.types import BooleanValue, DateScalar, IntegerValue, Table

from interurban.metrics.repeat_rows import repeat_rows

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HORIZON_YEARS = 25
# Nobody has read a feed before: calendars that began long ago are not cut in the past.
FIRST_READ = dt.date(2026, 1, 1)


def service_dates(
    tables: Mapping[str, Table], dates: Sequence[dt.date] | None = None, horizon_years: int = HORIZON_YEARS
) -> Table:
    """Active services: every date on which a service runs.

    Weekday flag of `calendar` inside [start_date, end_date], plus exceptions of type 1, minus exceptions of type 2.

    Grain: one row per (service_key, date).
    Args:
        tables: `calendar` and `calendar_dates` of one or more feed versions (docs/lake.md); either may be empty.
        dates: only these dates; None for all of them.
        horizon_years: with `dates` None, calendar rows count until the `horizon` of so many years; publishers write 2099
            for "until further notice". Exceptions are not cut.
    Missing: a calendar row with a blank date, or whose end is before its start, gives no dates (but its exceptions
        do). An exception may add a date outside the calendar's range. A date both added and removed is removed.
    Source: GTFS schedule reference, calendar.txt and calendar_dates.txt.
    Example: Mondays from 2024-01-01 to 2024-01-31 with 2024-01-08 removed and Saturday 2024-02-10 added give 1, 15,
        22 and 29 January and 10 February.
    """
    exceptions = tables["calendar_dates"].filter(lambda t: t.service_key.notnull() & t.date.notnull())
    if dates is None:
        regular = _every_date(tables["calendar"], horizon_years)
    else:
        regular = _these_dates(tables["calendar"], dates)
        exceptions = exceptions.filter(exceptions.date.isin([ibis.date(date) for date in dates]))
    added = exceptions.filter(exceptions.exception_type == 1).select("service_key", "date")
    removed = exceptions.filter(exceptions.exception_type == 2).select("service_key", "date")
    return regular.union(added, distinct=True).anti_join(removed, ["service_key", "date"])


def horizon(calendar: Table, horizon_years: int = HORIZON_YEARS) -> DateScalar:
    """The last date on which calendar rows count: so many years past the day on which the last service begins, or past `FIRST_READ` where
    that is later or there is no calendar row."""
    return ibis.greatest(calendar.start_date.max().as_scalar(), ibis.date(FIRST_READ)) + ibis.interval(years=horizon_years)


def _these_dates(calendar: Table, dates: Sequence[dt.date]) -> Table:
    """Those of `dates` on which calendar rows alone let a service run: (service_key, date)."""
    # An empty list has no type in SQL: the year 1, in which nothing ran, stands for no date.
    asked = ibis.literal(sorted(set(dates)) or [dt.date.min], "array<date>").unnest().name("date").as_table()
    asked = asked.mutate(weekday=asked.date.day_of_week.index())
    sound = calendar.filter(calendar.service_key.notnull())
    in_range = [sound.start_date <= asked.date, sound.end_date >= asked.date]
    return sound.inner_join(asked, [*in_range, _runs_on(sound, asked.weekday)]).select("service_key", "date")


def _every_date(calendar: Table, horizon_years: int) -> Table:
    """Every date on which calendar rows alone let a service run, up to the horizon: (service_key, date)."""
    sound = calendar.filter(
        calendar.service_key.notnull(), calendar.start_date.notnull(), calendar.end_date >= calendar.start_date
    )
    ranges = sound.mutate(_last=ibis.least(sound.end_date, horizon(sound, horizon_years)).cast("date"))
    daily = repeat_rows(ranges, ranges._last.delta(ranges.start_date, unit="day") + 1, "_day")
    daily = daily.mutate(date=(daily.start_date + daily._day.as_interval("D")).cast("date"))
    return daily.filter(_runs_on(daily, daily.date.day_of_week.index())).select("service_key", "date")


def _runs_on(calendar: Table, weekday: IntegerValue) -> BooleanValue:
    """Whether the flag of this weekday is set; Monday is 0."""
    return ibis.or_(*((weekday == number) & (calendar[name] == 1) for number, name in enumerate(_WEEKDAYS)))
