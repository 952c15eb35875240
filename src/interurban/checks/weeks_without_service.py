"""Weeks inside the validity on which nothing runs."""

from __future__ import annotations

import ibis
from ibis.expr.types import DateValue, Table

from interurban.checks.check import Check, Given, day, findings
from interurban.checks.used_dates import used_dates
from interurban.metrics.service_dates import horizon
from interurban.model import Severity

CHECK = Check("weeks_without_service", Severity.WARNING, "calendar.txt")


def find(given: Given) -> Table | None:
    """Each unbroken gap of whole weeks (Monday to Sunday) without service, counted in weeks.

    The validity reaches from the first to the last service date, and to the ends that feed_info.txt promises. Only
    services that a trip with stop times uses count. Nothing is said about an end beyond the horizon of service dates:
    "until 2099" is not a promise of service.
    """
    weeks = _marked_weeks(given)
    before = weeks.week.lag().over(ibis.window(order_by=weeks.week))
    gaps = weeks.mutate(before=before, empty=weeks.week.delta(before, unit="day") // 7 - 1)
    gaps = gaps.filter(gaps.before.notnull(), gaps.empty > 0)
    first = day(gaps.before + ibis.interval(days=7))
    last = day(gaps.week - ibis.interval(days=1))
    return findings(CHECK, gaps, value=first + " … " + last, count=gaps.empty)


def _marked_weeks(given: Given) -> Table:
    """Mondays of weeks with service, and of the weeks just outside what feed_info.txt promises beyond them."""
    served = used_dates(given.tables)
    weeks = served.select(week=served.date.truncate("W").cast("date")).distinct()
    first, last = weeks.week.min().as_scalar(), weeks.week.max().as_scalar()
    info, calendar = given.tables["feed_info"], given.tables["calendar"]
    promised = info.filter(info.feed_end_date <= horizon(calendar))
    starts = info.select(week=_week_away(info.feed_start_date, -7)).filter(lambda t: t.week < first)
    ends = promised.select(week=_week_away(promised.feed_end_date, 7)).filter(lambda t: t.week > last)
    return weeks.union(starts).union(ends).distinct()


def _week_away(date: DateValue, days: int) -> DateValue:
    return (date.truncate("W").cast("date") + ibis.interval(days=days)).cast("date")
