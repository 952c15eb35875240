"""The dates on which each service runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import ibis
from ibis.expr.types import DateColumn, DateValue, Table

from interurban.metrics.repeat_rows import repeat_rows

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HORIZON_YEARS = 5


def service_dates(
    tables: Mapping[str, Table], dates: Sequence[dt.date] | None = None, horizon_years: int = HORIZON_YEARS
) -> Table:
    """Active services: every date on which a service runs.

    Weekday flag of `calendar` inside [start_date, end_date], plus exceptions of type 1, minus exceptions of type 2.

    Grain: one row per (service_key, date).
    Args:
        tables: `calendar` and `calendar_dates` of one or more feed versions (docs/lake.md); either may be empty.
        dates: only these dates; None for all of them.
        horizon_years: with `dates` None, calendar rows count at most this many years past the day on which the last
            of the calendar's services begins; publishers write 2099 for "until further notice". Exceptions are not
            cut.
    Missing: a calendar row with a blank date, or whose end is before its start, gives no dates (but its exceptions
        do). An exception may add a date outside the calendar's range. A date both added and removed is removed.
    Source: GTFS schedule reference, calendar.txt and calendar_dates.txt.
    Example: Mondays from 2024-01-01 to 2024-01-31 with 2024-01-08 removed and Saturday 2024-02-10 added give 1, 15,
        22 and 29 January and 10 February.
    """
    exceptions = tables["calendar_dates"].filter(lambda t: t.service_key.notnull() & t.date.notnull())
    if dates is not None:
        exceptions = exceptions.filter(_among(exceptions.date, dates))
    added = exceptions.filter(exceptions.exception_type == 1).select("service_key", "date")
    removed = exceptions.filter(exceptions.exception_type == 2).select("service_key", "date")
    regular = _regular_dates(tables["calendar"], dates, horizon_years)
    return regular.union(added, distinct=True).anti_join(removed, ["service_key", "date"])


def _regular_dates(calendar: Table, dates: Sequence[dt.date] | None, horizon_years: int) -> Table:
    """Dates by weekday flags alone: (service_key, date)."""
    ranges = _date_ranges(calendar, dates, horizon_years)
    daily = repeat_rows(ranges, ranges.last_date.delta(ranges.first_date, unit="day") + 1, "day_number")
    daily = daily.mutate(date=daily.first_date + daily.day_number.as_interval("D"))
    weekday = daily.date.day_of_week.index()  # Monday is 0
    runs_that_day = ibis.or_(*((weekday == number) & (daily[name] == 1) for number, name in enumerate(_WEEKDAYS)))
    daily = daily.filter(runs_that_day).select("service_key", "date")
    return daily if dates is None else daily.filter(_among(daily.date, dates))


def _date_ranges(calendar: Table, dates: Sequence[dt.date] | None, horizon_years: int) -> Table:
    """Sound calendar rows with first_date and last_date, cut to what is asked; cutting first keeps 2000-2099 cheap."""
    sound = calendar.filter(
        calendar.service_key.notnull(),
        calendar.start_date.notnull(),
        calendar.end_date.notnull(),
        calendar.end_date >= calendar.start_date,
    )
    first: DateValue = sound.start_date
    if dates is None:
        last = ibis.least(sound.end_date, sound.start_date.max().as_scalar() + ibis.interval(years=horizon_years))
    else:
        first = ibis.greatest(first, ibis.date(min(dates, default=dt.date.max)))
        last = ibis.least(sound.end_date, ibis.date(max(dates, default=dt.date.min)))
    return sound.mutate(first_date=first.cast("date"), last_date=last.cast("date")).filter(
        lambda t: t.last_date >= t.first_date
    )


def _among(column: DateColumn, dates: Sequence[dt.date]) -> ibis.expr.types.BooleanValue:
    """Whether a date is one of `dates`; an unbroken range by its ends, so a year does not become 365 literals."""
    wanted = sorted(set(dates))
    if wanted and (wanted[-1] - wanted[0]).days + 1 == len(wanted):
        return column.between(ibis.date(wanted[0]), ibis.date(wanted[-1]))
    return column.isin([ibis.date(date) for date in wanted])
