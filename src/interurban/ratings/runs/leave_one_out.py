"""What a rating would be without one of its parts, or without one of its cities."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from interurban.errors import UsageError
from interurban.ratings.flow import level_scores
from interurban.ratings.rate import rate
from interurban.ratings.result import RatingResult
from interurban.ratings.runs.sensitivity import mean_rank_shift
from interurban.ratings.steps.numbers import Floats
from interurban.ratings.steps.rank import ranks_within


@dataclass(frozen=True, slots=True, eq=False)
class WithoutOne:
    """Ranks without one indicator or node, and the mean over the cities of how far they moved."""

    code: str
    ranks: Floats
    mean_rank_shift: float


def without_each_part(result: RatingResult, level: int) -> tuple[WithoutOne, ...]:
    """The rating without each member of a level (0 the indicators) in turn: its weight is 0, its siblings share it.

    Weights of the other levels stay as they were. A node whose only child is left out has no score, and its siblings share its weight.

    Raises:
        UsageError: there is no such level, or it is the top.
    """
    levels = len(result.definition.levels)
    if not 0 <= level < levels:
        raise UsageError(f"there is no level {level} below the top", level=level, allowed=f"0 to {levels - 1}")
    below = result.normalised.values if level == 0 else result.levels[level - 1].values
    found = []
    for i, code in enumerate(result.definition.codes(level)):
        weights = result.levels[level].weights.copy()
        weights[i] = 0.0
        scores = np.where((np.arange(len(below)) == i)[:, None], np.nan, below)
        for above in range(level, levels):
            scores = level_scores(result.plan, above, scores, weights if above == level else result.levels[above].weights)
        ranks = ranks_within(scores[0], result.plan.years)
        found.append(WithoutOne(code, ranks, float(mean_rank_shift(ranks, result.ranks()))))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Reversal:
    """Two cities whose order turns round when a third one is left out of the rating: `upper` was above `lower` with it."""

    without: str
    upper: str
    lower: str


def rank_reversals(result: RatingResult) -> tuple[Reversal, ...]:
    """All pairs whose order depends on whether some third city is rated, from making the rating again without each city.

    Scales and treatments made from the cities themselves can do this; fixed goalposts with weighted means cannot.

    Raises:
        UsageError: the rating is of a panel, where a city is several rows.
    """
    if result.years is not None:
        raise UsageError("rank reversals are sought in one year; choose the rows of one year first")
    scores, names = result.scores(), result.cities
    found: list[Reversal] = []
    for left_out, name in enumerate(names):
        rest = np.array([i for i in range(len(names)) if i != left_out])
        definition = replace(result.definition, cities=replace(result.definition.cities, codes=()))
        again = rate(definition, result.plan.table.rows(rest))
        kept = np.array([names.index(city) for city in again.cities])
        before, after = scores[kept], again.scores()
        turned = (before[:, None] > before) & (after[:, None] < after)
        found += [Reversal(name, again.cities[a], again.cities[b]) for a, b in zip(*np.nonzero(turned), strict=True)]
    return tuple(found)
