"""Nothing is said twice in one file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interurban.indicators.submissions.rules.known import Known, error
from interurban.model.submission import Finding, ReportedValue


def check_duplicates(values: Sequence[ReportedValue], _: Known) -> Iterator[Finding]:
    """`said_twice`: another row has the same indicator, mode, area and time, whatever its value."""
    first: dict[object, ReportedValue] = {}
    for value in values:
        other = first.setdefault(value.key, value)
        if other is not value:
            place = other.columns.get("value", "") if other.sheet else ""
            yield error("said_twice", value, other=place or str(other.row))
