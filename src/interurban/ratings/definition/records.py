"""The records that a definition is made of; all frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from interurban.ratings.definition.methods import Method


@dataclass(frozen=True, slots=True)
class CityRule:
    """Which cities of the table are rated: those listed (none listed: all), if they reach the least values of some columns."""

    codes: tuple[str, ...] = ()
    at_least: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DataRule:
    """Which observations make the table: of years from `oldest` to `newest`, the latest of each city and indicator.

    `areas` are SDMX AREA_DEF codes in the order of preference; an observation of another area is not taken.
    """

    oldest: int | None = None
    newest: int | None = None
    areas: tuple[str, ...] = ("ADM", "_X", "MET", "FUA", "UC")


@dataclass(frozen=True, slots=True)
class Group:
    """Cities that are also ranked among themselves.

    Of four kinds: by the table's labels `label` (by default those of this code); the cities whose label is among `values` ("in", all
    others in no part); by `limits` on the numeric column `by` (parts are numbered from 0, the smallest); or the listed `cities` ("in").
    """

    code: str
    by: str = ""
    limits: tuple[float, ...] = ()
    cities: tuple[str, ...] = ()
    label: str = ""
    values: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RatedIndicator:
    """One column of the rating.

    `code` names the column of the table; `denominator` another one that it is divided by, times `scale`. `goalposts` are the values
    that score worst and best in the indicator's own unit, whatever its direction. `bounds` are the values it can have at all: noise
    and what-ifs stay inside. `confidence` is the class of its values where the table says nothing of single cells; `noise_sd` is the
    standard deviation of their noise in the column's own unit, for values of which a share means nothing (a level, a year, a temperature).
    `fallback` is an indicator of the same unit whose value, with its confidence, stands in for a city that has none of this one.
    `kind` is "basic" (a quantity) or "qualitative" (a graded answer).
    """

    code: str
    parent: str
    higher_better: bool
    weight: float
    denominator: str
    scale: float
    goalposts: tuple[float, float] | None
    target: float | None
    reference: float | None
    bounds: tuple[float, float] | None
    treat: Method | None
    normalise: Method | None
    confidence: str
    noise_sd: float | None
    fallback: str
    kind: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Level:
    """One level of nodes above the indicators: how the children of its nodes are weighed and aggregated.

    `parents` has each node of this level with the node of the next level that it belongs to ("" at the top); `weights` the nodes' own
    weights there. A node is missing where less than `min_share` of its children's weight is present; `share_weights` are what the nodes
    of this level count for in that, where it is not their weights: so that other weights leave the cities that are rated as they are.
    """

    name: str
    parents: Mapping[str, str]
    weights: Mapping[str, float]
    weigh: Method
    aggregate: Method
    min_share: float
    share_weights: Mapping[str, float]
    names: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Factor:
    """Something uncertain: `kind` is inputs, imputation, weights or choice, with the options of that kind."""

    code: str
    kind: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Definition:
    """A rating: what goes in, how it is put together, and what is uncertain about it. Levels stand from the bottom up.

    `notes` say in each language what a reader must know of it. `raw` is the table that it was read from: written out, it gives the
    same definition again.
    """

    id: str
    version: int
    names: Mapping[str, str]
    notes: Mapping[str, str]
    data: DataRule
    cities: CityRule
    groups: tuple[Group, ...]
    indicators: tuple[RatedIndicator, ...]
    levels: tuple[Level, ...]
    screen: Method
    impute: Method
    treat: Method
    normalise: Method
    base_year: int | None
    confidence: Mapping[str, float]
    factors: tuple[Factor, ...]
    raw: Mapping[str, Any]

    @property
    def top(self) -> str:
        """Code of the node that the rating ranks by."""
        return next(iter(self.levels[-1].parents))

    def codes(self, level: int) -> tuple[str, ...]:
        """Codes of one level: 0 the indicators, 1 the nodes of `levels[0]`, and so on."""
        return tuple(each.code for each in self.indicators) if level == 0 else tuple(self.levels[level - 1].parents)

    def children(self, level: int) -> dict[str, tuple[int, ...]]:
        """Positions, in the level below, of the children of every node of `levels[level]`."""
        parents = [each.parent for each in self.indicators] if level == 0 else list(self.levels[level - 1].parents.values())
        return {node: tuple(i for i, parent in enumerate(parents) if parent == node) for node in self.levels[level].parents}

    def own_weights(self, level: int) -> tuple[float, ...]:
        """Weights that the definition gives the members of a level (0 the indicators) in their parents."""
        if level == 0:
            return tuple(each.weight for each in self.indicators)
        return tuple(self.levels[level - 1].weights[node] for node in self.levels[level - 1].parents)

    def share_weights(self, level: int) -> tuple[float, ...] | None:
        """What the members of a level count for when it is asked how much of their parent is present; None: their weights."""
        below = self.levels[level - 1] if level else None
        return tuple(below.share_weights[node] for node in below.parents) if below and below.share_weights else None
