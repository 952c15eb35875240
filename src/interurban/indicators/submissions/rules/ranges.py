"""A value lies where its indicator can lie; one that is possible but rare wants a word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interurban.indicators.submissions.rules.known import Known, error, plain, warning
from interurban.model.indicator import Bounds
from interurban.model.submission import Finding, ReportedValue


def check_ranges(values: Sequence[ReportedValue], known: Known) -> Iterator[Finding]:
    """`value_impossible` outside of the hard range, `value_unusual` outside of the plausible one, `bounds_disagree` of an interval."""
    for value in values:
        indicator = known.indicators[value.indicator]
        for field in ("value", "lower", "upper"):
            number = getattr(value, field)
            if number is not None and number not in indicator.valid:
                yield error("value_impossible", value, field, allowed=shown(indicator.valid), unit=indicator.unit)
            elif field == "value" and number is not None and number not in indicator.plausible and value.mode == "all":
                yield warning("value_unusual", value, allowed=shown(indicator.plausible), unit=indicator.unit)
        ends = [end for end in (value.lower, value.value, value.upper) if end is not None]
        if ends != sorted(ends):
            yield error("bounds_disagree", value, "lower" if value.lower is not None else "upper")


def shown(bounds: Bounds) -> str:
    """An interval as people write it, an open end as a dash's empty side: "0–100", "0–"."""
    return f"{plain(bounds.min)}–{plain(bounds.max)}"
