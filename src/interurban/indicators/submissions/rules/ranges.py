"""A value lies where its indicator can lie; one that is possible but rare wants a word, one that is absurd is refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interurban.indicators.submissions.rules.known import Known, error, plain, warning
from interurban.model.indicator import Indicator
from interurban.model.submission import Finding, ReportedValue

ABSURD = 100
"""So many times beyond the plausible no city lies: the unit or the decimal mark is wrong."""
_COUNTS = ("total", "maximum")  # a mean of whole things need not be whole
_ROUNDING = 1e-9


def check_ranges(values: Sequence[ReportedValue], known: Known) -> Iterator[Finding]:
    """`value_impossible` outside of the hard range, `value_absurd` far outside of the plausible one, `value_unusual` outside of it.

    `not_whole` for a part of a thing that is counted whole, `bounds_disagree` of an interval.
    """
    for value in values:
        indicator = known.indicators[value.indicator]
        for field in ("value", "lower", "upper"):
            number = getattr(value, field)
            if number is not None and number not in indicator.valid:
                yield error("value_impossible", value, field, allowed=str(indicator.valid), unit=indicator.unit)
            elif field == "value" and number is not None:
                yield from _unusual(value, number, indicator)
        ends = [end for end in (value.lower, value.value, value.upper) if end is not None]
        if ends != sorted(ends):
            yield error(
                "bounds_disagree", value, "lower" if value.lower is not None else "upper",
                allowed=f"{plain(value.lower)} ≤ {plain(value.value)} ≤ {plain(value.upper)}".strip(" ≤"),
            )


def _unusual(value: ReportedValue, number: float, indicator: Indicator) -> Iterator[Finding]:
    told = {"allowed": str(indicator.plausible), "unit": indicator.unit}
    is_whole_city = value.mode == "all"
    if _is_absurd(number, indicator, may_be_part=not is_whole_city):
        yield error("value_absurd", value, times=str(ABSURD), **told)
    elif number not in indicator.plausible and is_whole_city:
        yield warning("value_unusual", value, **told)
    if _counts_things(indicator) and abs(number - round(number)) > _ROUNDING * max(1.0, abs(number)):
        yield warning("not_whole", value, unit=indicator.unit)


def _is_absurd(number: float, indicator: Indicator, *, may_be_part: bool) -> bool:
    """Whether it lies a hundred times beyond; nothing at all, a small share and what one mode has of the whole may be true."""
    least, most = indicator.plausible.min, indicator.plausible.max
    if most is not None and most > 0 and number > ABSURD * most:
        return True
    if least is not None and least < 0 and number < ABSURD * least:
        return True
    is_too_little = least is not None and 0 < number < least / ABSURD
    return is_too_little and indicator.unit != "%" and not may_be_part


def _counts_things(indicator: Indicator) -> bool:
    how = indicator.decomposition
    return indicator.decimals == 0 and how.measured_property == "count" and how.statistic in _COUNTS
