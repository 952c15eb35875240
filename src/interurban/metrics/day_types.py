"""Which dates stand for a weekday, a Saturday and a Sunday or holiday."""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

THRESHOLD = 0.9
_DAY = dt.timedelta(days=1)
_TUESDAY_TO_THURSDAY = (1, 2, 3)
_WORKING_DAYS = range(5)
_SATURDAY, _SUNDAY = 5, 6


class Rule(StrEnum):
    """How the weekday was found: in a full ordinary week, as a single ordinary weekday, or as the busiest date."""

    WEEK = "week"
    WEEKDAY = "weekday"
    BUSIEST = "busiest"


@dataclass(frozen=True, slots=True)
class DayTypes:
    """Representative dates of a feed version.

    `saturday` and `sunday` are None when no such date lies inside the feed's dates; a date without trips says that
    there is no service on such days. `rule` says how `weekday` was found, `week_start` is its Monday under Rule.WEEK.
    """

    weekday: dt.date
    saturday: dt.date | None
    sunday: dt.date | None
    rule: Rule
    reference: dt.date
    week_start: dt.date | None = None


def day_types(
    trips_by_date: Mapping[dt.date, int], reference: dt.date | None = None, holidays: Collection[dt.date] = ()
) -> DayTypes | None:
    """Representative weekday, Saturday and Sunday by the daily number of trips.

    1. Rule.WEEK: among Mondays whose five weekdays each have at least 0.9 x p95 of daily trips, the week nearest to
    the
       reference date (the earlier of equals). The weekday is the one of Tuesday, Wednesday and Thursday with the
       median number of trips (the earliest of equals): Monday and Friday differ most from the rest in the world's
       timetables.
    2. Rule.WEEKDAY, without such a week: among weekdays with at least 0.9 x p95 of the trips of weekdays, the nearest
       Tuesday, Wednesday or Thursday, else the nearest Monday or Friday.
    3. Rule.BUSIEST, without a served weekday: the date with the most trips, nearest to the reference.

    Saturday and Sunday: those nearest to the weekday (its own week first) with at least 0.9 x p95 of the trips of
    that day of the week. If no Saturday has trips, the Saturday nearest to it, with its 0 trips.

    p95 is by linear interpolation (type 7) over dates with trips.

    Args:
        trips_by_date: trips of each date (`service_calendar`); dates left out inside the range have none.
        reference: the date of interest, such as when the feed was fetched. None: the date on which half of all trips
            of the feed are over, which stray dates years away and a first week in the past hardly move; never the
            clock's today.
        holidays: dates that stand for no day type.
    Missing: no date with trips outside holidays gives None.
    Source: representative week of gtfspy (Kujala et al. 2018, doi 10.1038/sdata.2018.89), which knows rule 1 only.
    Example: 100 trips on weekdays, 60 on Saturdays, 0 on Sundays of January 2024 and reference 2024-01-10: weekday
        Tuesday 9, Saturday 13, Sunday 14.
    """
    served = {date: trips for date, trips in trips_by_date.items() if trips > 0 and date not in holidays}
    if not served:
        return None
    reference = reference or _middle(served)
    monday = _representative_week(served, reference)
    if monday is not None:
        weekday, rule = _median_day(served, monday), Rule.WEEK
    else:
        weekday, rule = _single_day(served, reference)
    every_date = [date for date in _span_of(trips_by_date) if date not in holidays]
    saturday, sunday = (
        _nearest_ordinary([date for date in every_date if date.weekday() == number], served, weekday)
        for number in (_SATURDAY, _SUNDAY)
    )
    return DayTypes(weekday, saturday, sunday, rule, reference, monday)


def turn_of_the_year(trips_by_date: Mapping[dt.date, int]) -> frozenset[dt.date]:
    """24-26 and 31 December and 1 January of the years in sight: in most of the world no ordinary days, and seldom marked as such."""
    years = {date.year for date in trips_by_date}
    days = ((12, 24), (12, 25), (12, 26), (12, 31), (1, 1))
    return frozenset(dt.date(year, month, day) for year in years for month, day in days)


def percentile(values: Iterable[float], share: float) -> float:
    """Percentile by linear interpolation between order statistics (type 7); at least one value."""
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def _middle(served: Mapping[dt.date, int]) -> dt.date:
    """The date on which half of all trips are over."""
    dates = sorted(served)
    done = accumulate(served[date] for date in dates)
    half = sum(served.values()) / 2
    return next(date for date, trips in zip(dates, done, strict=True) if trips >= half)


def _representative_week(served: Mapping[dt.date, int], reference: dt.date) -> dt.date | None:
    """Monday of the nearest week whose five weekdays are all ordinary."""
    enough = THRESHOLD * percentile(served.values(), 0.95)
    mondays = [
        date for date in served
        if date.weekday() == 0 and all(served.get(date + n * _DAY, 0) >= enough for n in _WORKING_DAYS)
    ]  # fmt: skip
    return min(mondays, key=lambda monday: (_days_to_week(monday, reference), monday), default=None)


def _days_to_week(monday: dt.date, reference: dt.date) -> int:
    """Days from the reference to the week of this Monday; 0 inside it."""
    return max((monday - reference).days, (reference - monday).days - 6, 0)


def _median_day(served: Mapping[dt.date, int], monday: dt.date) -> dt.date:
    """Of Tuesday, Wednesday and Thursday, the one with the median number of trips."""
    days = [monday + n * _DAY for n in _TUESDAY_TO_THURSDAY]
    middle = statistics.median(served[day] for day in days)
    return next(day for day in days if served[day] == middle)


def _single_day(served: Mapping[dt.date, int], reference: dt.date) -> tuple[dt.date, Rule]:
    """The nearest ordinary weekday; without any weekday the busiest date."""
    weekdays = {date: trips for date, trips in served.items() if date.weekday() in _WORKING_DAYS}
    if not weekdays:
        return min(served, key=lambda date: (-served[date], abs(date - reference), date)), Rule.BUSIEST
    enough = THRESHOLD * percentile(weekdays.values(), 0.95)
    ordinary = [date for date, trips in weekdays.items() if trips >= enough]
    return min(
        ordinary, key=lambda date: (date.weekday() not in _TUESDAY_TO_THURSDAY, abs(date - reference), date)
    ), Rule.WEEKDAY


def _nearest_ordinary(dates: Collection[dt.date], served: Mapping[dt.date, int], weekday: dt.date) -> dt.date | None:
    """Of dates of one day of the week, the nearest with ordinary service; its own week's comes first."""
    trips = [served[date] for date in dates if date in served]
    enough = THRESHOLD * percentile(trips, 0.95) if trips else 0
    ordinary = [date for date in dates if served.get(date, 0) >= enough]
    monday = weekday - weekday.weekday() * _DAY
    return min(ordinary, key=lambda date: (_days_to_week(monday, date), abs(date - weekday), date), default=None)


def _span_of(trips_by_date: Mapping[dt.date, int]) -> Iterable[dt.date]:
    """Every date from the first to the last."""
    first, last = min(trips_by_date), max(trips_by_date)
    return (first + n * _DAY for n in range((last - first).days + 1))
