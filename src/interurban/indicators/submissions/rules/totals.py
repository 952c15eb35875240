"""Parts and their total agree: shares of one whole, sums, parts of a whole, modes of all modes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

from interurban.indicators.submissions.rules.known import TOLERANCE, Known, Numbers, Series, error, once_per_time, plain, warning
from interurban.model.indicator import Indicator
from interurban.model.modes import MODES
from interurban.model.submission import Finding, ReportedValue

_POINTS = 100 * TOLERANCE


def check_shares(values: Sequence[ReportedValue], known: Known) -> Iterator[Finding]:
    """`shares_above_100` where shares of one whole make more than 102 %; `shares_below_100` where all of them make less than 98 %."""
    numbers = Numbers(values, known)
    reported = {(value.series, value.last_day): value for value in values}
    for codes in share_groups(known.indicators).values():
        for like in once_per_time(value for value in values if value.indicator in codes):
            shares = {code: numbers.get(like, indicator=code) for code in codes}
            told = {code: share for code, share in shares.items() if share is not None}
            total = sum(told.values())
            # Not every whole is told in full, so a sum may stay below; it may never be above.
            place = _last_reported(like, told, reported)
            parts = " + ".join(f"{code} {plain(share)}" for code, share in told.items())
            if total > 100 + _POINTS and len(told) > 1:
                yield error("shares_above_100", place, allowed="100 ± 2", total=plain(total), parts=parts)
            elif total < 100 - _POINTS and len(told) == len(codes):
                yield warning("shares_below_100", place, allowed="100 ± 2", total=plain(total), parts=parts)


def check_totals(values: Sequence[ReportedValue], known: Known) -> Iterator[Finding]:
    """`sum_differs` from its members, `part_above_whole`, `modes_above_total`."""
    numbers = Numbers(values, known)
    for value in values:
        indicator = known.indicators[value.indicator]
        if value.value is None:
            continue
        members = [numbers.get(value, indicator=code) for code in indicator.sum_of]
        if members and (told := [each for each in members if each is not None]) and len(told) == len(members):
            total = sum(told)
            if abs(value.value - total) > TOLERANCE * abs(total):
                yield error("sum_differs", value, allowed=plain(total), parts=" + ".join(indicator.sum_of))
        whole = known.indicators.get(indicator.part_of)
        if whole is not None and whole.unit == indicator.unit:
            limit = numbers.get(value, indicator=whole.code)
            if limit is not None and value.value > limit * (1 + TOLERANCE):
                yield error("part_above_whole", value, allowed=f"≤ {plain(limit)}", whole=whole.code)
    yield from _modes(values, known, numbers)


def share_groups(indicators: Mapping[str, Indicator]) -> dict[str, tuple[str, ...]]:
    """Whole -> the shares of it that do not overlap: a share of what is itself a sum of others is left out."""
    groups: dict[str, list[str]] = {}
    for indicator in indicators.values():
        numerator = indicators.get(indicator.derived.numerator) if indicator.derived else None
        overlaps = bool(indicator.sum_of or (numerator and numerator.sum_of))
        if indicator.part_of and indicator.unit == "%" and not overlaps:
            groups.setdefault(indicator.part_of, []).append(indicator.code)
    return {whole: tuple(codes) for whole, codes in groups.items() if len(codes) > 1}


def _modes(values: Sequence[ReportedValue], known: Known, numbers: Numbers) -> Iterator[Finding]:
    additive = [value for value in values if known.indicators[value.indicator].decomposition.statistic == "total"]
    done = set()
    for value in additive:
        place = (value.indicator, value.area_definition, value.frequency, value.last_day)
        total = numbers.get(value, mode="all")
        if place in done or total is None or "mode" not in known.indicators[value.indicator].breakdowns:
            continue
        done.add(place)
        parts = {mode: numbers.get(value, mode=mode) for mode in MODES}
        told = {mode: number for mode, number in parts.items() if number is not None}
        if told and sum(told.values()) > total * (1 + TOLERANCE):
            words = " + ".join(f"{mode} {plain(number)}" for mode, number in told.items())
            yield error("modes_above_total", value, allowed=f"≤ {plain(total)}", total=plain(sum(told.values())), parts=words)


def _last_reported(
    like: ReportedValue, told: Mapping[str, float], reported: Mapping[tuple[Series, dt.date], ReportedValue]
) -> ReportedValue:
    """The last of the shares that stands in the file, where the fault is shown."""
    city, area, _, mode, frequency = like.series
    there = [reported.get(((city, area, code, mode, frequency), like.last_day)) for code in told]
    return max((each for each in there if each is not None), key=lambda each: each.row, default=like)
