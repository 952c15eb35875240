"""Days without service."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis.expr.types import Table

from interurban.metrics.service_dates import HORIZON_YEARS, horizon
from interurban.model import Metric

METRIC = Metric(id="service_gaps", unit="days", direction="lower_better", grain=(), inputs=("service_calendar",))


def service_gaps(service_calendar: Table, stated: Table | None = None) -> Table:
    """Days inside the validity of a feed on which nothing runs, and the longest stretch of them.

    days_without_service = (valid_to - valid_from + 1) - number of dates with a trip

    The validity is from the first to the last date on which a service is active, with trips or not (or see `stated`). A feed that lost
    its spring calendar, or whose stray dates lie years from the rest, shows here and nowhere else.

    Grain: one row; columns valid_from, valid_to (dates), days_with_service, days_without_service, longest_gap_days
        int64, longest_gap_from, longest_gap_to (dates; the first of equal gaps), weeks_without_service int64 (whole
        weeks of seven days inside the gaps), n int64 (days of validity).
    Args:
        service_calendar: `metrics.supply.service_calendar` of a whole feed version, one row per date.
        stated: `stated_dates` of it: the validity then reaches from the first to the last date that the calendars name, so
            that months without service at either end are seen too.
    Missing: no active service at all gives NULL dates and n 0; without a gap longest_gap_from and _to are NULL.
    Source: ours.
    Example: trips on 1-5 and 15-20 January, and none on the 6th though a service is active: 20 days, 11 with service,
        9 without, longest gap 6-14 January, 9 days, 1 week.
    """
    if stated is not None:
        named = stated.select("date", trips=ibis.literal(0, "int64"))
        every = service_calendar.select("date", trips=service_calendar.trips.cast("int64")).union(named)
        service_calendar = every.group_by("date").agg(trips=every.trips.max())
    gaps = _gaps(service_calendar)
    longest = ibis.window(order_by=[ibis.desc("gap_days"), ibis.asc("gap_from")])
    gaps = gaps.mutate(_rank=ibis.row_number().over(longest))
    found = gaps.aggregate(
        days_without_service=gaps.gap_days.sum().fill_null(0),
        longest_gap_days=gaps.gap_days.max().fill_null(0),
        longest_gap_from=gaps.gap_from.max(where=gaps._rank == 0),
        longest_gap_to=gaps.gap_to.max(where=gaps._rank == 0),
        weeks_without_service=(gaps.gap_days // 7).sum().fill_null(0),
    )
    validity = service_calendar.aggregate(
        valid_from=service_calendar.date.min(),
        valid_to=service_calendar.date.max(),
        days_with_service=service_calendar.count(where=service_calendar.trips > 0),
    )
    whole = validity.cross_join(found)
    return whole.mutate(n=whole.days_with_service + whole.days_without_service)


def stated_dates(tables: Mapping[str, Table], horizon_years: int = HORIZON_YEARS) -> Table:
    """Dates that the calendars name: starts, ends (cut at the horizon, as in `service_dates`) and exceptions; column `date`."""
    calendar = tables["calendar"].filter(lambda t: t.end_date >= t.start_date)
    ends = calendar.select(date=ibis.least(calendar.end_date, horizon(calendar, horizon_years)).cast("date"))
    named = calendar.select(date=calendar.start_date).union(ends).union(tables["calendar_dates"].select("date"))
    return named.filter(named.date.notnull()).distinct()


def _gaps(service_calendar: Table) -> Table:
    """Stretches of days without a trip inside the validity: gap_from, gap_to, gap_days."""
    day = ibis.interval(days=1)
    # The day before the validity and the day after it bound the first and the last gap.
    ends = service_calendar.aggregate(first=service_calendar.date.min(), last=service_calendar.date.max())
    before = ends.select(date=(ends.first - day).cast("date"))
    after = ends.select(date=(ends.last + day).cast("date"))
    served = service_calendar.filter(service_calendar.trips > 0).select("date").union(before).union(after)
    served = served.filter(served.date.notnull())
    served = served.mutate(_next=served.date.lead().over(ibis.window(order_by="date")))
    gaps = served.select(
        gap_from=(served.date + day).cast("date"),
        gap_to=(served._next - day).cast("date"),
        gap_days=(served._next.delta(served.date, unit="day") - 1).cast("int64"),
    )
    return gaps.filter(gaps.gap_days > 0)
