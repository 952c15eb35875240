"""How many days of validity are left, for the checks about expiry."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, Given, day, findings
from interurban.checks.used_dates import used_dates


def ends_within(check: Check, given: Given, least: int | None, most: int) -> Table | None:
    """One finding when least <= days left <= most on the reference date; None without a reference date.

    The last day is `feed_end_date`, or the last date on which anything runs where that is earlier or no end is given:
    a promise without service behind it does not count. Days left are 0 on the last day.
    """
    if given.on is None:
        return None
    ends = used_dates(given.tables).select(day="date").agg(day=lambda t: t.day.max())
    promised = given.tables["feed_info"].feed_end_date.min().as_scalar()
    ends = ends.mutate(day=ibis.least(ends.day, promised.fill_null(ends.day)))
    ends = ends.mutate(left=ends.day.delta(ibis.date(given.on), unit="day"))
    wrong = ends.filter(ends.left <= most) if least is None else ends.filter(ends.left.between(least, most))
    return findings(check, wrong, value=day(wrong.day))
