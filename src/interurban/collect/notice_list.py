"""Notices as a person wants them: no fault twice, one row for all empty columns of a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from itertools import groupby

from interurban.collect.notice_text import SAME_MEANING
from interurban.model import Notice

# What says less than the notice named first, or contradicts it: a feed that is over does not also end within a week.
IMPLIED = {
    "feed_expired": (
        "feed_expires_in_7_days", "feed_expires_in_30_days", "feed_expiration_date7_days", "feed_expiration_date30_days",
        "expired_calendar", "trip_coverage_not_active_for_next7_days",
    ),
    "feed_expires_in_7_days": ("feed_expires_in_30_days", "feed_expiration_date30_days", "trip_coverage_not_active_for_next7_days"),
}
PER_COLUMN = ("blank_column", "unknown_column")


def distinct_notices(notices: Iterable[Notice]) -> list[Notice]:
    """Notices of one feed without what another of them says, in their order.

    The canonical validator's notice gives way to ours of the same meaning, which is in the reader's language; so does one that a graver
    one implies. Columns that are all empty or all unknown are one notice per file: `field` lists them, `count` is their number.
    """
    listed = list(notices)
    ours = {notice.code for notice in listed if notice.origin == "interurban"}
    implied = {code for reason, codes in IMPLIED.items() if reason in ours for code in codes}
    distinct = [n for n in listed if n.code not in implied and not (n.origin != "interurban" and SAME_MEANING.get(n.code) in ours)]
    return [notice for _, group in groupby(distinct, key=_columns_of) for notice in _as_one(list(group))]


def _columns_of(notice: Notice) -> tuple[object, ...]:
    if notice.code in PER_COLUMN:
        return notice.code, notice.file, notice.origin
    return notice.code, notice.file, notice.origin, id(notice)


def _as_one(group: list[Notice]) -> list[Notice]:
    if group[0].code not in PER_COLUMN or len(group) == 1:
        return group
    fields = ", ".join(sorted(notice.field for notice in group if notice.field))
    return [dataclasses.replace(group[0], field=fields or None, count=len(group), samples=())]
