"""Normalisation: indicators on one scale on which more is better.

Each method has two halves: what is found on the reference values (`fit`), and how values are put on the scale by it (`apply`).
The rating fits and applies on the same values; a what-if applies what was found before, so that the scale does not move.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from interurban.ratings.definition.methods import Method
from interurban.ratings.steps.numbers import Floats, known_count, known_max, known_mean, known_min, known_sd, significant

BY_RANK = frozenset({"percentile-rank", "borda"})
AS_RATIO = frozenset({"fraction-of-max", "reference"})


@dataclass(frozen=True, slots=True)
class Marks:
    """What a definition says of each indicator (arrays of one value per indicator, NaN where it says nothing)."""

    directions: Floats
    goalpost_low: Floats
    goalpost_high: Floats
    targets: Floats
    references: Floats

    def of(self, at: slice | np.ndarray) -> Marks:
        """The marks of the indicators at these positions."""
        return Marks(self.directions[at], self.goalpost_low[at], self.goalpost_high[at], self.targets[at], self.references[at])


@dataclass(frozen=True, slots=True)
class Scale:
    """What a method found: score = low + (y - zero) / (one - zero) · (high - low), or the place among `ordered` values.

    y = x · direction; for ratios y = x, and 1 / x where less is better. All arrays have the shape of the values without the cities,
    `ordered` keeps the cities.
    """

    method: Method
    directions: Floats
    zero: Floats
    one: Floats
    ordered: Floats | None = None

    def apply(self, x: Floats) -> Floats:
        """Scores of `x`.

        Missing: where the indicator tells nothing apart (the same value everywhere), or its target is no better than its worst value.
        """
        y = _directed(x, self.method, self.directions)
        if self.ordered is not None:
            return _places(y, self.ordered, self.method.name)
        span = self.one - self.zero
        usable = np.where(span > 0, span, np.nan)
        share = (y - self.zero[..., None]) / usable[..., None]
        return _ENDINGS.get(self.method.name, _stretch)(share, self.method.options)


def fit_scale(x: Floats, method: Method, marks: Marks) -> Scale:
    """The scale that `method` finds on the values (…, indicators, cities) taken as reference: all, or those of a base year."""
    y = _directed(x, method, marks.directions)
    if method.name in BY_RANK:
        nothing = np.zeros(y.shape[:-1])
        return Scale(method, marks.directions, nothing, nothing, np.sort(significant(y), axis=-1))
    zero, one = _FITS[method.name](y, marks)
    return Scale(method, marks.directions, np.broadcast_to(zero, y.shape[:-1]), np.broadcast_to(one, y.shape[:-1]))


def _directed(x: Floats, method: Method, directions: Floats) -> Floats:
    """Values on which more is better. A ratio to the best of a "lower" indicator is best / x, which values above 0 have only."""
    if method.name not in AS_RATIO:
        return x * directions[:, None]
    inverse = np.divide(1.0, x, out=np.full_like(x, np.nan), where=x > 0)
    return np.where(directions[:, None] > 0, x, inverse)


def _stretch(share: Floats, options: Mapping[str, Any]) -> Floats:
    """0..1 to low..high, cut at the ends where the method says so."""
    low, high = float(options["low"]), float(options["high"])
    if options.get("cap"):
        share = np.minimum(np.maximum(share, 0), 1)
    return low + share * (high - low)


def _standardise(share: Floats, options: Mapping[str, Any]) -> Floats:
    return np.asarray(float(options["mean"]) + share * float(options["sd"]))


def _target(share: Floats, options: Mapping[str, Any]) -> Floats:
    return np.asarray((np.minimum(share, 1) if options["cap"] else share) * float(options["high"]))


_ENDINGS: Mapping[str, Callable[[Floats, Mapping[str, Any]], Floats]] = {"z": _standardise, "target": _target}

_FITS: Mapping[str, Callable[[Floats, Marks], tuple[Floats, Floats]]] = {
    "min-max": lambda y, _: (known_min(y), known_max(y)),
    "z": lambda y, _: (known_mean(y), known_mean(y) + known_sd(y)),
    "target": lambda y, marks: (known_min(y), marks.targets * marks.directions),
    "goalposts": lambda _, marks: (marks.goalpost_low * marks.directions, marks.goalpost_high * marks.directions),
    "fraction-of-max": lambda y, _: (np.zeros(y.shape[:-1]), known_max(y)),
    "reference": lambda y, marks: (np.zeros(y.shape[:-1]), np.where(marks.directions > 0, marks.references, 1 / marks.references)),
    "none": lambda y, _: (np.zeros(y.shape[:-1]), np.ones(y.shape[:-1])),
}


def _places(y: Floats, ordered: Floats, method: str) -> Floats:
    """How many reference values are lower (Borda), as a share of all others (percentile rank)."""
    n = known_count(ordered)[..., None]
    shape = np.broadcast_shapes(y.shape[:-1], ordered.shape[:-1])
    values, references = (np.broadcast_to(each, (*shape, each.shape[-1])) for each in (significant(y), ordered))
    # Both sorted together, values before references that are equal: what stands before a value are the references below it.
    order = np.argsort(np.concatenate([values, references], axis=-1), axis=-1, kind="stable")
    below = np.empty(order.shape)
    np.put_along_axis(below, order, np.cumsum(order >= y.shape[-1], axis=-1, dtype=np.float64), axis=-1)
    below = below[..., : y.shape[-1]]
    below = np.where(np.isnan(y), np.nan, below)
    return below if method == "borda" else np.divide(below, n - 1, out=np.full(below.shape, np.nan), where=n > 1)
