"""Indicators that follow from others: ratios (per inhabitant, per km², shares) and sums, on numbers alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from interurban.indicators.catalogue import indicators
from interurban.model.indicator import Indicator
from interurban.model.observation import Observation

SLOW_THEME = "base"
MAX_YEARS_APART = 5
LASTING = ("area_km2", "urbanised_area_km2")
"""Denominators that change so little that one of any year serves."""

_ALL_MODES = "all"
_SAME_TERRITORY = {"_X": "ADM", "ADM": "_X"}
# What is true of one of the inputs is true of the result; the gravest first. Others are as good as normal.
_GRAVEST_STATUS = ("U", "E", "I", "P", "V", "D", "B")


@dataclass(frozen=True, slots=True)
class Operand:
    """The answer to one key, as an input of others."""

    observation_id: str
    city_id: str
    indicator: str
    area_definition: str
    mode: str
    frequency: str
    time_period: str
    starts: dt.date
    ends: dt.date
    value: float | None
    unit: str
    status: str
    conf_status: str
    confidence: str
    speaker: str
    lower: float | None = None
    upper: float | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """City, area definition, mode, frequency and period: what numerator and denominator share."""
        return self.city_id, self.area_definition, self.mode, self.frequency, self.time_period

    def is_usable(self) -> bool:
        """Whether there is a value, in the unit of its indicator."""
        definition = indicators().get(self.indicator)
        return self.value is not None and (definition is None or definition.unit == self.unit)


@dataclass(frozen=True, slots=True)
class Formula:
    """How an indicator follows: `inputs` are numerator and denominator, or with `is_sum` the parts."""

    indicator: Indicator
    inputs: tuple[str, ...]
    scale: float
    is_sum: bool

    @property
    def is_slow(self) -> bool:
        """Whether the denominator is a figure of the whole city, of which one of another year may serve."""
        return not self.is_sum and indicators()[self.inputs[1]].theme == SLOW_THEME


@cache
def formulas() -> tuple[Formula, ...]:
    """Every formula of the catalogue; what is made of others stands after them."""
    found = {code: formula for code, each in indicators().items() if (formula := _formula(each))}
    ordered: dict[str, Formula] = {}
    while len(ordered) < len(found):
        ready = {c: f for c, f in found.items() if c not in ordered and all(i not in found or i in ordered for i in f.inputs)}
        if not ready:
            raise ValueError(f"indicators derived from each other: {sorted(found.keys() - ordered.keys())}")
        ordered |= ready
    return tuple(ordered.values())


def _formula(indicator: Indicator) -> Formula | None:
    if indicator.derived is not None:
        derived = indicator.derived
        return Formula(indicator, (derived.numerator, derived.denominator), derived.scale, is_sum=False)
    return Formula(indicator, indicator.sum_of, 1.0, is_sum=True) if indicator.sum_of else None


def denominator_for(numerator: Operand, candidates: Iterable[Operand], formula: Formula) -> Operand | None:
    """The answer that a numerator is divided by, or None.

    Of the same area, mode and period. A figure of the whole city (population, land area: theme "base") is of all modes, and where the
    same year has none it is the nearest year's before, else after, at most 5 years away; land area of any year. Where the area is not
    specified, that inside the administrative boundary is meant.
    """
    usable = [each for each in candidates if each.city_id == numerator.city_id and each.value and each.is_usable()]
    if not formula.is_slow:
        return next((each for each in usable if each.key == numerator.key), None)
    areas = (numerator.area_definition, _SAME_TERRITORY.get(numerator.area_definition))
    near = [
        each for each in usable
        if each.area_definition in areas and each.mode == _ALL_MODES
        and (each.indicator in LASTING or abs(_years_apart(numerator, each)) <= MAX_YEARS_APART)
    ]
    return min(near, key=lambda each: _distance(numerator, each), default=None)


def _years_apart(numerator: Operand, denominator: Operand) -> int:
    return denominator.starts.year - numerator.starts.year


def _distance(numerator: Operand, denominator: Operand) -> tuple[object, ...]:
    apart = _years_apart(numerator, denominator)
    other_area = denominator.area_definition != numerator.area_definition
    return apart > 0, abs(apart), other_area, denominator.frequency != "A", denominator.starts


def ratio(formula: Formula, numerator: Operand, denominator: Operand, code_version: str) -> Observation:
    """Numerator / denominator * scale, as an observation that says what was divided by what."""
    if numerator.value is None or not denominator.value:
        raise ValueError(f"{numerator.indicator} / {denominator.indicator} of {numerator.city_id}: one has no value")
    parameters = {
        "numerator": numerator.indicator, "numerator_value": numerator.value, "numerator_observation": numerator.observation_id,
        "denominator": denominator.indicator, "denominator_value": denominator.value, "denominator_year": denominator.starts.year,
        "denominator_period": denominator.time_period, "denominator_source": denominator.speaker,
        "denominator_observation": denominator.observation_id,
    }
    other_year = formula.is_slow and denominator.indicator not in LASTING and _years_apart(numerator, denominator) != 0
    lower, upper = _interval(formula, numerator, denominator)
    return _derived(
        formula, (numerator, denominator), numerator.value / denominator.value * formula.scale, code_version, parameters,
        is_estimate=other_year, lower=lower, upper=upper,
    )


def total(formula: Formula, parts: Sequence[Operand], code_version: str) -> Observation:
    """The parts of one key added up, as an observation that says what was added."""
    parameters = {f"numerator_{part.indicator}": part.observation_id for part in parts}
    return _derived(formula, parts, sum(part.value or 0.0 for part in parts) * formula.scale, code_version, parameters)


def withdrawn(formula: Formula, like: Operand, code_version: str) -> Observation:
    """That nothing follows any more for the key of an operand."""
    return _derived(formula, (like,), None, code_version, {}, status="O")


def _interval(formula: Formula, numerator: Operand, denominator: Operand) -> tuple[float | None, float | None]:
    def bound(over: float | None, under: float | None) -> float | None:
        return None if over is None or not under else over / under * formula.scale

    if numerator.lower is None and numerator.upper is None and denominator.lower is None and denominator.upper is None:
        return None, None
    below, above = (numerator.value if edge is None else edge for edge in (numerator.lower, numerator.upper))
    small, large = (denominator.value if edge is None else edge for edge in (denominator.lower, denominator.upper))
    return bound(below, large), bound(above, small)


def _derived(
    formula: Formula, operands: Sequence[Operand], value: float | None, code_version: str, parameters: Mapping[str, object], *,
    is_estimate: bool = False, status: str | None = None, lower: float | None = None, upper: float | None = None,
) -> Observation:
    first = operands[0]
    said = {each.status for each in operands} | ({"E"} if is_estimate else set())
    return Observation(
        city_id=first.city_id, indicator=formula.indicator.code, definition_version=formula.indicator.version, unit=formula.indicator.unit,
        value=value, status=status or next((each for each in _GRAVEST_STATUS if each in said), "A"), code_version=code_version,
        mode=first.mode, period_start=first.starts, period_end=first.ends, parameters=parameters, origin="derived",
        area_definition=first.area_definition, frequency=first.frequency,
        conf_status=next((each.conf_status for each in operands if each.conf_status != "F"), "F"), lower=lower, upper=upper,
        confidence=max(each.confidence for each in operands), method=formula.indicator.formula,
        inputs={each.indicator: each.observation_id for each in operands} if value is not None else {},
    )
