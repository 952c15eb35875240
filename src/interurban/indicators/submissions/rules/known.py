"""What a rule compares a submission with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from interurban.model.indicator import Indicator
from interurban.model.notice import Severity
from interurban.model.submission import Finding, ReportedValue

Series = tuple[str, str, str, str, str]
LONGEST_GAP_DAYS = 731  # after more than two years nothing is a jump
TOLERANCE = 0.02
"""How far rounding may bring parts from their total: 2 points of a percentage, 2 % of anything else."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A value that the node holds: for what time, by which definition, who states it and how the platform came by it."""

    first_day: dt.date
    last_day: dt.date
    value: float | None
    definition_version: int
    source: str
    origin: str
    observation_id: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known when a submission is checked: the day, the definitions, the answers of its series, the files that came with it.

    `foreign_sources` are sources whose figures the node has from elsewhere than from the city.
    """

    today: dt.date
    indicators: Mapping[str, Indicator]
    earlier: Mapping[Series, Sequence[Earlier]] = field(default_factory=dict)
    attached: frozenset[str] = frozenset()
    foreign_sources: frozenset[str] = frozenset()

    def before(self, value: ReportedValue, within_days: int | None = LONGEST_GAP_DAYS) -> Earlier | None:
        """The last value of the series that ends before this one begins, and no more than so many days before (None: however long)."""
        begins = value.period_start or value.last_day
        past = [e for e in self.earlier.get(value.series, ()) if e.last_day < begins and e.value is not None]
        near = [e for e in past if within_days is None or (begins - e.last_day).days <= within_days]
        return max(near, key=lambda e: e.last_day, default=None)

    def same_time(self, value: ReportedValue) -> Earlier | None:
        """What is known of the very same."""
        return next((e for e in self.earlier.get(value.series, ()) if e.last_day == value.last_day), None)


class Numbers:
    """Values by what they say of what: those of a submission, and what is known beside them for the same time and area."""

    def __init__(self, values: Sequence[ReportedValue], known: Known) -> None:
        self._known = known
        self._of = {(v.series, v.last_day): v for v in values}

    def get(self, like: ReportedValue, *, indicator: str | None = None, mode: str | None = None) -> float | None:
        """The number that another indicator or mode has, with the city, area, frequency and time of `like`."""
        city, area, own, own_mode, frequency = like.series
        series = (city, area, indicator or own, mode or own_mode, frequency)
        reported = self._of.get((series, like.last_day))
        if reported is not None:
            return reported.value
        return next((e.value for e in self._known.earlier.get(series, ()) if e.last_day == like.last_day), None)


def error(code: str, value: ReportedValue, field: str = "value", *, allowed: str | None = None, **details: str) -> Finding:
    """An error at a field of a value."""
    return _finding(code, Severity.ERROR, value, field, allowed, details)


def warning(code: str, value: ReportedValue, field: str = "value", *, allowed: str | None = None, **details: str) -> Finding:
    """A warning at a field of a value."""
    return _finding(code, Severity.WARNING, value, field, allowed, details)


def _finding(
    code: str, severity: Severity, value: ReportedValue, field: str, allowed: str | None, details: Mapping[str, str]
) -> Finding:
    place = value.columns.get(field, field)
    is_cell = value.sheet is not None and "!" in place
    held = {"value": value.value, "status": value.status, "evidence": value.evidence, "source": value.source}.get(field)
    shown = plain(held) if isinstance(held, float) else held
    told = {"indicator": value.indicator, **details}
    return Finding(code, severity, value.row, None if is_cell else place, place if is_cell else None, shown, allowed, told)


def plain(number: float | None) -> str:
    """A number as a file may hold it: no grouping, no needless digits."""
    return "" if number is None else f"{number:.10g}"


def once_per_time(values: Iterable[ReportedValue]) -> Iterator[ReportedValue]:
    """One value of each city, area, frequency and time: where a rule over several indicators begins."""
    seen = set()
    for value in values:
        city, area, _, mode, frequency = value.series
        place = (city, area, mode, frequency, value.last_day)
        if place not in seen:
            seen.add(place)
            yield value
