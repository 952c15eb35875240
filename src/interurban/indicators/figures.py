"""Figures as a reader wants them: one per city for a year, ranked with the ranks it may have, its course over the years.

The site, comparisons and reports read statistics through this module, so that a number is the same wherever it is shown.
"""

from __future__ import annotations

import bisect
import datetime as dt
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from interurban.indicators.catalogue import indicators
from interurban.model import AnswerQuery
from interurban.store.catalogue import Catalogue

RELATIVE_SD = {"A": 0.01, "B": 0.03, "C": 0.08, "D": 0.20}
"""Our proposal of how far a value of each confidence class may be off, where it states no interval: relative standard deviations."""
_Z90 = 1.6449  # both tails hold five per cent
# Where a city reports for several territories: the administrative city first, then what is not said, then larger and other ones.
_AREAS = ("ADM", "_X", "MET", "FUA", "UC")
_DOUBTS = "EU"  # statuses that a quotient inherits, the worse one last
_FREQUENCIES = ("A", "Q", "M", "W", "D")
_COLUMNS = (
    "city_id", "indicator", "mode", "area_definition", "frequency", "time_period", "ends", "value", "lower", "upper", "status",
    "confidence", "origin", "source", "licence", "id", "coverage", "definition_version",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """The answer to one indicator for one city and period.

    `lower` and `upper` are as stated, or else a 90 % interval from the confidence class (`is_proposed`). `year` is that of the period's
    end.
    """

    city_id: str
    indicator: str
    mode: str
    area_definition: str
    frequency: str
    time_period: str
    year: int
    value: float
    lower: float
    upper: float
    is_proposed: bool
    status: str
    confidence: str
    origin: str
    source: str
    licence: str | None
    id: str
    coverage: float | None
    definition_version: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A figure with its rank (1 is best; equal values share the better rank) and the best and worst rank its interval allows."""

    figure: Figure
    rank: int
    best: int
    worst: int


def figures_of(
    catalogue: Catalogue, *, cities: Sequence[str] | None = None, codes: Sequence[str] | None = None, mode: str | None = "all",
    newest_only: bool = False, until: int | None = None,
) -> list[Figure]:
    """The figures with a value of cities and indicators (None: all), of one territory and frequency for each.

    By city, indicator, mode and time. Where a city has several territories the first of `_AREAS` that has a value is taken, likewise the
    coarsest frequency. `newest_only` gives the last of each series alone, in a fraction of the time. `until` leaves out periods that
    end after that year.
    """
    query = AnswerQuery(
        cities=None if cities is None else tuple(cities), indicators=None if codes is None else tuple(codes),
        modes=None if mode is None else (mode,), newest_only=newest_only, columns=_COLUMNS,
        time_to=None if until is None else dt.date(until, 12, 31),
    )
    found: dict[tuple[str, str, str], dict[tuple[int, str, int, str], list[Figure]]] = {}
    for batch in catalogue.stream_answers(query):
        # Column by column: a dictionary for each row would take longer than reading the rows.
        for figure in map(_figure, *(batch.column(name).to_pylist() for name in _COLUMNS)):
            if figure is not None:
                series = found.setdefault((figure.city_id, figure.indicator, figure.mode), {})
                series.setdefault(_place(figure.area_definition, figure.frequency), []).append(figure)
    return [figure for series in found.values() for figure in series[min(series)]]


def ranked(figures: Iterable[Figure], direction: str) -> list[Ranked]:
    """Figures of one indicator from best to worst; "neutral" ranks from high to low.

    A rank may be as good as 1 plus the figures that are surely better (their interval begins beyond the end of this one's), and as bad as
    the number of those that are not surely worse. Values are compared to 12 digits.
    """
    sign = -1.0 if direction == "lower" else 1.0
    listed = sorted(figures, key=lambda f: (-_rounded(sign * f.value), f.city_id))
    values = sorted(_rounded(sign * f.value) for f in listed)
    lows = sorted(min(sign * f.lower, sign * f.upper) for f in listed)
    highs = sorted(max(sign * f.lower, sign * f.upper) for f in listed)
    count = len(listed)
    result = []
    for each in listed:
        low, high = sorted((sign * each.lower, sign * each.upper))
        rank = 1 + count - bisect.bisect_right(values, _rounded(sign * each.value))
        surely_better = count - bisect.bisect_right(lows, high)
        surely_worse = bisect.bisect_left(highs, low)
        result.append(Ranked(each, rank, 1 + surely_better, count - surely_worse))
    return result


def median(figures: Sequence[Figure]) -> float | None:
    """Median of the values; None of nothing."""
    return statistics.median(f.value for f in figures) if figures else None


def course(figures: Iterable[Figure]) -> list[Figure]:
    """The figures of one city and indicator in the order of time."""
    return sorted(figures, key=lambda f: f.time_period)


def break_between(before: Figure, after: Figure) -> str:
    """What makes two figures of a course incomparable: "area", "source" or "definition"; "" where nothing does.

    A derived figure names no source; that its confidence is another one tells that one of its parts has another source.
    """
    if before.area_definition != after.area_definition:
        return "area"
    is_derived = before.origin == after.origin == "derived"
    if (before.origin, before.source) != (after.origin, after.source) or (is_derived and before.confidence != after.confidence):
        return "source"
    return "definition" if before.definition_version != after.definition_version else ""


def unbroken(line: Sequence[Figure]) -> list[list[Figure]]:
    """A course in its parts, within each of which figures can be compared."""
    parts: list[list[Figure]] = []
    for each in line:
        if parts and not break_between(parts[-1][-1], each):
            parts[-1].append(each)
        else:
            parts.append([each])
    return parts


def per(figures: Iterable[Figure], denominators: Mapping[str, Sequence[Figure]], scale: float) -> list[Figure]:
    """Each figure divided by the denominator of its city nearest in time, times `scale`; cities without one are left out.

    Relative intervals are combined as independent ones, by the root of the sum of squares: the larger the denominator may be, the smaller
    the quotient. Its confidence and status are the worse of the two, its source and licence both.
    """
    result = []
    for each in figures:
        near = min(denominators.get(each.city_id, ()), key=lambda d: abs(d.year - each.year), default=None)
        if near is not None and near.value > 0:
            result.append(_divided(each, near, scale))
    return result


def _divided(above: Figure, below: Figure, scale: float) -> Figure:
    value = above.value / below.value * scale
    wide = scale / below.value
    more, less = (below.upper - below.value) / below.value, (below.value - below.lower) / below.value
    lower = value - math.hypot((above.value - above.lower) * wide, value * more)
    return replace(
        above, value=value, lower=max(lower, 0.0) if above.lower >= 0 else lower,
        upper=value + math.hypot((above.upper - above.value) * wide, value * less),
        is_proposed=above.is_proposed or below.is_proposed, confidence=max(above.confidence, below.confidence),
        status=max(above.status, below.status, key=_DOUBTS.find), source=_both(above.source, below.source),
        licence=_both(above.licence, below.licence) or None,
    )


def _both(*texts: str | None) -> str:
    return "; ".join(dict.fromkeys(filter(None, texts)))


def _place(area: str, frequency: str) -> tuple[int, str, int, str]:
    """What sorts the series of a city; those of territories or frequencies of other names come last, each by itself."""
    return (
        _AREAS.index(area) if area in _AREAS else len(_AREAS), area,
        _FREQUENCIES.index(frequency) if frequency in _FREQUENCIES else len(_FREQUENCIES), frequency,
    )


def _figure(
    city_id: str, indicator: str, mode: str, area: str, frequency: str, period: str, ends: dt.date, value: float | None,
    lower: float | None, upper: float | None, status: str, confidence: str, *rest: Any,
) -> Figure | None:
    """From the values of `_COLUMNS`; None without a value, and of an indicator that is not of the catalogue."""
    known = indicators().get(indicator)
    if value is None or known is None:
        return None
    is_proposed = lower is None or upper is None
    if lower is None or upper is None:
        half = _Z90 * RELATIVE_SD.get(confidence, RELATIVE_SD["D"]) * abs(value)
        lower, upper = known.valid.clip(value - half), known.valid.clip(value + half)
    return Figure(city_id, indicator, mode, area, frequency, period, ends.year, value, lower, upper, is_proposed, status, confidence, *rest)


def _rounded(value: float) -> float:
    return float(f"{value:.12g}")
