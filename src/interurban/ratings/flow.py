"""The steps one after another on arrays: the same for one rating and for thousands of runs at once (a leading axis).

Each function takes what the one before gave, so a rating can be made again from any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from interurban.ratings.plan import Plan, by_method
from interurban.ratings.steps.aggregate import aggregate
from interurban.ratings.steps.denominate import denominate
from interurban.ratings.steps.impute import Imputed, impute
from interurban.ratings.steps.normalise import Scale, fit_scale
from interurban.ratings.steps.numbers import Floats
from interurban.ratings.steps.treat import Treatment, fit_treatment
from interurban.ratings.steps.weigh import weigh

Part = np.ndarray[tuple[int, ...], np.dtype[np.int64]] | slice


@dataclass(frozen=True, slots=True)
class Treated:
    """Treated values, and the treatment found for the indicators at each of some positions."""

    values: Floats
    treatments: tuple[tuple[Part, Treatment], ...]


@dataclass(frozen=True, slots=True)
class Normalised:
    """Scores of the indicators, and the scale found for those at each of some positions."""

    values: Floats
    scales: tuple[tuple[Part, Scale], ...]


@dataclass(frozen=True, slots=True)
class LevelScores:
    """Scores of the nodes of a level (…, nodes, rows), and the weights of its children (…, children) that they were made with."""

    values: Floats
    weights: Floats


def denominated(plan: Plan, raw: Floats) -> Floats:
    """Raw values by their denominators."""
    return denominate(raw, plan.divisor)


def imputed(plan: Plan, x: Floats) -> Imputed:
    """Values with the missing ones put in by the definition's method."""
    return impute(x, plan.definition.impute, plan.structure)


def treated(plan: Plan, x: Floats) -> Treated:
    """Values treated for outliers, each indicator by its own method or the definition's."""
    methods = [each.treat or plan.definition.treat for each in plan.definition.indicators]
    found = [(at, fit_treatment(_base(plan, x[..., at, :]), method)) for method, at in by_method(methods)]
    return Treated(apply_treatments(found, x), tuple(found))


def apply_treatments(treatments: Sequence[tuple[Part, Treatment]], x: Floats) -> Floats:
    """Values through treatments that were found before."""
    if len(treatments) == 1:
        return treatments[0][1].apply(x)
    result = np.empty(np.broadcast_shapes(x.shape))
    for at, treatment in treatments:
        result[..., at, :] = treatment.apply(x[..., at, :])
    return result


def normalised(plan: Plan, x: Floats) -> Normalised:
    """Scores of the indicators, each by its own method or the definition's."""
    methods = [each.normalise or plan.definition.normalise for each in plan.definition.indicators]
    found = []
    for method, at in by_method(methods):
        marks = plan.marks.of(at)
        found.append((at, fit_scale(_base(plan, x[..., at, :]), method, marks)))
    return Normalised(apply_scales(found, x), tuple(found))


def apply_scales(scales: Sequence[tuple[Part, Scale]], x: Floats) -> Floats:
    """Scores on scales that were found before."""
    if len(scales) == 1:
        return scales[0][1].apply(x)
    result = np.empty(x.shape)
    for at, scale in scales:
        result[..., at, :] = scale.apply(x[..., at, :])
    return result


def level_weights(plan: Plan, level: int, scores: Floats) -> Floats:
    """Weights of the children of `levels[level]`, by its method."""
    return weigh(plan.definition, level, scores)


def level_scores(plan: Plan, level: int, scores: Floats, weights: Floats, usual: Floats | None = None) -> Floats:
    """Scores of the nodes of `levels[level]` from those of its children and their weights (…, children).

    Whether enough is present is measured by the definition's `share_weights`, or else by the weights `usual` (children), where those used
    are drawn.
    """
    rules, shares = plan.definition.levels[level], plan.definition.share_weights(level)
    usual = usual if shares is None else np.array(shares)
    nodes = []
    for positions in plan.definition.children(level).values():
        at = _compact(positions)
        measure = None if usual is None else usual[at, None]
        nodes.append(aggregate(scores[..., at, :], weights[..., at, None], rules.aggregate, rules.min_share, measure))
    return np.stack(np.broadcast_arrays(*nodes), axis=-2)


def _base(plan: Plan, x: Floats) -> Floats:
    return x if plan.base.all() else x[..., plan.base]


def _compact(positions: tuple[int, ...]) -> Part:
    """A slice where the positions follow each other: no copy is made of the children."""
    if positions == tuple(range(positions[0], positions[-1] + 1)):
        return slice(positions[0], positions[-1] + 1)
    return np.array(positions, dtype=np.int64)
