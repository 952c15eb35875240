"""How long a feed still says what runs."""

from __future__ import annotations

import datetime as dt

import ibis
from ibis.expr.types import Table

from interurban.model import Metric

METRIC = Metric(
    id="days_of_validity",
    unit="days",
    direction="higher_better",
    grain=(),
    inputs=("service_dates", "feed_info"),
)


def days_of_validity(service_dates: Table, feed_info: Table, reference_date: dt.date) -> Table:
    """Days from a reference date to the last day about which the feed speaks.

    days_left = min(last date with an active service, feed_end_date) - reference_date

    0 means that the reference date is the last day; below 0 the feed has expired. Riders need at least 7 days, trip
    planners 30.

    Grain: one row; columns days_left int64, valid_from date (first date with an active service, or feed_start_date
    if that is later), valid_to date, n int64 (dates with an active service).

    Args:
        service_dates: the fact of that name, of the whole feed.
        feed_info: the table of that name; may be empty.
        reference_date: the day on which the question is asked; given, never taken from the clock.

    Missing: without any service date days_left, valid_from and valid_to are NULL; a blank feed_end_date limits nothing.
    Source: GTFS reference, Dataset Publishing & General Practices (7 and 30 days); Cal-ITP guideline checks.

    Example:
        last service on 2024-06-30, feed_end_date 2024-06-20, asked on 2024-06-13: 7 days.
    """
    served = service_dates.aggregate(
        [
            service_dates.date.min().name("first_date"),
            service_dates.date.max().name("last_date"),
            service_dates.date.nunique().name("n"),
        ]
    )
    limits = feed_info.aggregate(
        [feed_info.feed_start_date.max().name("feed_from"), feed_info.feed_end_date.min().name("feed_to")]
    )
    both = served.cross_join(limits)
    # Not least(): it skips NULL, and would answer with the feed's own end where no service runs at all.
    valid_to = ibis.ifelse(both.feed_to < both.last_date, both.feed_to, both.last_date)
    valid_from = ibis.ifelse(both.feed_from > both.first_date, both.feed_from, both.first_date)
    dated = both.select(valid_from=valid_from, valid_to=valid_to, n=both.n)
    return dated.mutate(days_left=dated.valid_to.delta(ibis.date(reference_date), unit="day").cast("int64"))
