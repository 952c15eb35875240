"""How many days of validity are left, for the checks about expiry."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis.expr.types import DateScalar, StringValue, Table

from interurban.checks.check import Check, Given, day, findings
from interurban.checks.used_dates import used_dates


def ends_within(check: Check, given: Given, least: int | None, most: int) -> Table | None:
    """One finding when least <= days left <= most on the reference date; None without a reference date.

    The last day is `feed_end_date`, or the last date on which anything runs where that is earlier or no end is given:
    a promise without service behind it does not count. Days left are 0 on the last day. The finding names the file and field that say
    this day: `feed_end_date`, a date that calendar_dates.txt adds, or else the end of a calendar.
    """
    if given.on is None:
        return None
    ends = used_dates(given.tables).select(day="date").agg(day=lambda t: t.day.max())
    promised = given.tables["feed_info"].feed_end_date.min().as_scalar()
    file, field = _said_in(given.tables, promised, ends.day.max().as_scalar())
    ends = ends.mutate(day=ibis.least(ends.day, promised.fill_null(ends.day)), file=file, field=field)
    ends = ends.mutate(left=ends.day.delta(ibis.date(given.on), unit="day"))
    wrong = ends.filter(ends.left <= most) if least is None else ends.filter(ends.left.between(least, most))
    return findings(check, wrong, file=wrong.file, field=wrong.field, value=day(wrong.day))


def _said_in(tables: Mapping[str, Table], promised: DateScalar, served: DateScalar) -> tuple[StringValue, StringValue]:
    """The file and field from which the earlier of the promised and the last served day comes."""
    used = tables["calendar_dates"].semi_join(tables["trips"].filter(lambda t: t.stop_times_count > 0), "service_key")
    additions = used.filter(used.exception_type == 1, used.date == served).count().as_scalar()
    is_promise, is_added = (promised <= served).fill_null(False), additions > 0
    file = ibis.cases((is_promise, "feed_info.txt"), (is_added, "calendar_dates.txt"), else_="calendar.txt")
    return file, ibis.cases((is_promise, "feed_end_date"), (is_added, "date"), else_="end_date")
