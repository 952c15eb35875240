"""Service dates years or months away from all the others: usually a mistyped year."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, Given, day, findings
from interurban.checks.used_dates import used_dates
from interurban.model import Severity

CHECK = Check("stray_service_dates", Severity.WARNING, "calendar_dates.txt", "date")
GAP_DAYS = 180
SHARE = 0.05


def find(given: Given) -> Table | None:
    """Each group of dates more than `GAP_DAYS` from its neighbours and holding at most `SHARE` of all dates.

    The count is of dates. A stray date stretches the validity, so that a first or last week, or a mean over the
    validity, describes nothing.
    """
    dates = used_dates(given.tables)
    in_order = ibis.window(order_by=dates.date)
    gap_days = dates.date.delta(dates.date.lag().over(in_order), unit="day")
    marked = dates.mutate(begins=(gap_days.fill_null(0) > GAP_DAYS).cast("int64"))
    marked = marked.mutate(number=marked.begins.sum().over(ibis.cumulative_window(order_by=marked.date)))
    groups = marked.group_by("number").agg(days=marked.count(), first=marked.date.min(), last=marked.date.max())
    groups = groups.mutate(all_days=groups.days.sum().over(ibis.window()))
    stray = groups.filter(groups.days <= groups.all_days * SHARE)
    value = day(stray.first) + " … " + day(stray.last)
    return findings(CHECK, stray, value=value, count=stray.days)
