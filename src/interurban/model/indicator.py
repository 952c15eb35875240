"""The definition of an indicator: what a number means before anyone looks at its value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """An interval of values, both ends included; None: open on that side."""

    min: float | None = None
    max: float | None = None

    def __contains__(self, value: float) -> bool:
        """Whether `value` lies within; what is not a number never does."""
        return value == value and (self.min is None or value >= self.min) and (self.max is None or value <= self.max)  # noqa: PLR0124

    def __str__(self) -> str:
        """As people write it: "0–100", "≥ 0"."""
        ends = [f"{end:.10g}" for end in (self.min, self.max) if end is not None]
        return "–".join(ends) if len(ends) != 1 else f"{'≤' if self.min is None else '≥'} {ends[0]}"

    def clip(self, value: float) -> float:
        """The number within nearest to `value`."""
        value = value if self.min is None else max(self.min, value)
        return value if self.max is None else min(self.max, value)


@dataclass(frozen=True, slots=True)
class Derived:
    """How a value follows from two others of the same city, area, mode and period: numerator / denominator * scale."""

    numerator: str
    denominator: str
    scale: float


@dataclass(frozen=True, slots=True)
class Decomposition:
    """What is counted or measured, which property of it, and how its members become one number."""

    population_type: str
    measured_property: str
    statistic: str


@dataclass(frozen=True, slots=True)
class Comparable:
    """A published definition that this one may be compared with.

    `seen` says how sure that is: "wording" its text was read, "name" only its name, "general" it is known in general, "ours" there is none.
    """

    standard: str
    seen: str

    @property
    def is_read(self) -> bool:
        """False where only its name or its general meaning is known."""
        return self.seen in ("wording", "ours")


@dataclass(frozen=True, slots=True)
class Indicator:
    """A defined statistic.

    `direction` is "higher", "lower" or "neutral": what is better. `denominator` is the code of the indicator it is
    divided by ("population", "area_km2" …) or "". `breakdowns` are dimensions it is also given by ("mode", "day_type").
    `grain` is what one value speaks of: "year", "day", "service_day" or "representative_day". `how` says where values
    come from: "gtfs", "gtfs_rt", "gbfs", "osm" computed from those, "ridership" from counts, "reported" by the city,
    "derived" from other indicators, "coded" by experts, "imported" from published tables only, "rating" from a rating of cities.

    A value outside `valid` is impossible; one outside `plausible` is for a person to look at. `derived` and `sum_of`
    say how it follows from other indicators. `part_of` names the whole of which it is a part: the parts of one whole
    are together never more than it, and as shares never more than 100 %.

    `version` rises when the same input may give another number; `changelog` says for each version what changed.
    `names` and `definitions` are by language.
    """

    code: str
    theme: str
    unit: str
    direction: str
    decimals: int
    denominator: str
    breakdowns: tuple[str, ...]
    grain: str
    how: tuple[str, ...]
    version: int
    changelog: Mapping[int, str]
    formula: str
    decomposition: Decomposition
    comparable: tuple[Comparable, ...]
    names: Mapping[str, str]
    definitions: Mapping[str, str]
    valid: Bounds = Bounds()
    plausible: Bounds = Bounds()
    derived: Derived | None = None
    sum_of: tuple[str, ...] = ()
    part_of: str = ""

    @property
    def is_of_country(self) -> bool:
        """Whether it speaks of the city's country, standing in for what is not known of the city."""
        return self.code.startswith("country_")

    @property
    def standard(self) -> str:
        """What it is comparable with, in one line, standards whose text was not read marked so."""
        return "; ".join(each.standard if each.is_read else f"{each.standard} (its text was not read)" for each in self.comparable)
