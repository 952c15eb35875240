"""A series does not jump from one period to the next, or somebody says why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from interurban.indicators.submissions.rules.known import LONGEST_GAP_DAYS, Earlier, Known, plain, warning
from interurban.model.submission import Finding, ReportedValue

LARGEST_RATIO = 1.5
LARGEST_POINTS = 10.0
BREAK = "B"


def check_jumps(values: Sequence[ReportedValue], known: Known) -> Iterator[Finding]:
    """`value_jumps` from the last known or reported value by half or by 10 points of a percentage, unless a break is flagged."""
    of_series: dict[tuple[str, ...], list[ReportedValue]] = {}
    for value in sorted(values, key=lambda v: v.last_day):
        of_series.setdefault(value.series, []).append(value)
    for points in of_series.values():
        for place, value in enumerate(points):
            previous = _previous(points[:place], value, known)
            if previous is None or value.value is None or value.status == BREAK:
                continue
            before, when = previous
            if _jumps(before, value.value, is_share=known.indicators[value.indicator].unit == "%"):
                yield warning("value_jumps", value, previous=plain(before), when=when)


def check_definitions(values: Sequence[ReportedValue], known: Known) -> Iterator[Finding]:
    """`definition_changed` since the last known value without a break flagged; a flagged break says what broke: `break_unexplained`."""
    for value in values:
        previous: Earlier | None = known.before(value)
        version = known.indicators[value.indicator].version
        if value.status == BREAK and not value.comment:
            yield warning("break_unexplained", value, "status")
        elif previous is not None and previous.definition_version != version and value.status != BREAK:
            yield warning("definition_changed", value, "status", allowed=BREAK, before=str(previous.definition_version), now=str(version))


def _previous(points: Sequence[ReportedValue], value: ReportedValue, known: Known) -> tuple[float, str] | None:
    """The value before and its last day, in the file itself if it is there."""
    for point in reversed(points):
        if point.value is not None and (value.last_day - point.last_day).days <= LONGEST_GAP_DAYS:
            return point.value, str(point.last_day)
    earlier = known.before(value)
    return None if earlier is None or earlier.value is None else (earlier.value, str(earlier.last_day))


def _jumps(before: float, now: float, *, is_share: bool) -> bool:
    if is_share:
        return abs(now - before) > LARGEST_POINTS
    if before == 0 or now == 0 or math.copysign(1, before) != math.copysign(1, now):
        return before != now
    return not 1 / LARGEST_RATIO <= now / before <= LARGEST_RATIO
