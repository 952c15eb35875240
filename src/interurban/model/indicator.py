"""The definition of an indicator: what a number means before anyone looks at its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Indicator:
    """A defined statistic.

    `direction` is "higher", "lower" or "neutral": what is better. `denominator` is "population", "area_km2" or "" (none).
    `breakdowns` are dimensions it is also given by. `version` rises when the same input may give another number. `names` and
    `definitions` are by language.
    """

    code: str
    theme: str
    unit: str
    direction: str
    decimals: int
    denominator: str
    breakdowns: tuple[str, ...]
    version: int
    formula: str
    standard: str
    names: Mapping[str, str]
    definitions: Mapping[str, str]
