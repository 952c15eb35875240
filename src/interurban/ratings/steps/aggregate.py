"""Aggregation: the scores of the children of one node become the node's.

Children stand on the last axis but one, cities on the last; so do weights, with one place for all cities. Sums are made child by child in
the order of the definition, so that they come out alike on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from interurban.ratings.definition.methods import Method
from interurban.ratings.steps.benefit_of_the_doubt import doubt_scores
from interurban.ratings.steps.kemeny import kemeny_scores
from interurban.ratings.steps.numbers import Floats
from interurban.ratings.steps.outrank import copeland
from interurban.ratings.steps.promethee import promethee


def aggregate(y: Floats, weights: Floats, method: Method, min_share: float = 0.0, usual: Floats | None = None) -> Floats:
    """The node's scores by `method`, with weights renormalised over the children that are present.

    `usual` are the weights that shares present are measured by: those of the definition where `weights` are drawn.

    Missing: a city without any child, or with less than `min_share` of the children's weight, has no score.
    """
    scores = _METHODS[method.name](y, weights, method.options)
    missing = np.isnan(y)
    if not missing.any():
        return scores
    usual = weights if usual is None else usual
    whole = np.broadcast_to(_sum(usual), scores.shape)
    present = np.divide(_sum(np.where(missing, 0.0, usual)), whole, out=np.zeros(scores.shape), where=whole > 0)
    # The sum of weights is exact to some bits only: 0.7 present of 0.7 asked for is enough.
    return np.asarray(np.where((present > 0) & (np.round(present, 12) >= min_share), scores, np.nan))


def arithmetic(y: Floats, weights: Floats) -> Floats:
    """sum(w y) / sum(w) over the children that are present."""
    missing = np.isnan(y)
    if not missing.any():
        return np.asarray(_weighted_sum(y, weights) / _sum(weights))
    total = _sum(np.where(missing, 0.0, weights))
    summed = _weighted_sum(np.where(missing, 0.0, y), weights)
    return np.asarray(np.divide(summed, total, out=np.full(summed.shape, np.nan), where=np.broadcast_to(total > 0, summed.shape)))


def power_mean(y: Floats, weights: Floats, p: float) -> Floats:
    """(sum(w y^p) / sum(w))^(1/p); the geometric mean for p = 0, the harmonic for p = -1.

    Missing: no score where a value is not above 0 and p < 1, for which such means are not defined.
    """
    if p == 1:
        return arithmetic(y, weights)
    allowed = np.isnan(y) | (y > 0) | ((y == 0) & (p > 0))
    usable = np.where(allowed, y, 1.0)
    mean = np.exp(arithmetic(np.log(usable), weights)) if p == 0 else arithmetic(usable**p, weights) ** (1 / p)
    # A child without weight does no harm, whatever its value.
    return np.where((allowed | (weights == 0)).all(axis=-2), mean, np.nan)


def owa(y: Floats, weights: Floats, exponent: float = 1.0, order_weights: Sequence[float] = ()) -> Floats:
    """Ordered weighted average: weights belong to places (best first), not to children.

    With `order_weights` these are the weights of the places; a city that misses a child has no score. Without, the place weights
    are Q(W_i) - Q(W_i-1), Q(r) = r^exponent, W_i the share of the children's own weights down to place i: exponent 1 is the
    weighted mean, above 1 the worst count more.
    Source: R. R. Yager (1988), IEEE Trans. SMC 18(1), doi 10.1109/21.87068; (1996), Int. J. Intell. Syst. 11(1).
    """
    shape = np.broadcast_shapes(y.shape, weights.shape)
    order = np.argsort(np.broadcast_to(-y, shape), axis=-2, kind="stable")  # missing children go last
    ordered = np.take_along_axis(np.broadcast_to(y, shape), order, axis=-2)
    if len(order_weights):
        return _weighted_sum(ordered, np.asarray(order_weights, dtype=np.float64)[:, None]) / float(np.sum(order_weights))
    own = np.where(np.isnan(ordered), 0.0, np.take_along_axis(np.broadcast_to(weights, shape), order, axis=-2))
    total = _sum(own)[..., None, :]
    reached = np.divide(np.cumsum(own, axis=-2), total, out=np.full(shape, np.nan), where=total > 0)
    places = np.diff(np.minimum(reached, 1) ** exponent, axis=-2, prepend=0.0)
    return _weighted_sum(np.where(np.isnan(ordered), 0.0, ordered), places)


def minimum(y: Floats, weights: Floats) -> Floats:
    """The worst child that is present and has a weight."""
    return np.asarray(np.fmin.reduce(np.where(weights > 0, y, np.nan), axis=-2))


def _weighted_sum(y: Floats, weights: Floats) -> Floats:
    summed = y[..., 0, :] * weights[..., 0, :]
    for child in range(1, y.shape[-2]):
        summed = summed + y[..., child, :] * weights[..., child, :]
    return summed


def _sum(weights: Floats) -> Floats:
    summed = weights[..., 0, :]
    for child in range(1, weights.shape[-2]):
        summed = summed + weights[..., child, :]
    return np.asarray(summed)


_METHODS: Mapping[str, Callable[[Floats, Floats, Mapping[str, Any]], Floats]] = {
    "arithmetic": lambda y, w, _: arithmetic(y, w),
    "geometric": lambda y, w, _: power_mean(y, w, 0),
    "harmonic": lambda y, w, _: power_mean(y, w, -1),
    "power": lambda y, w, options: power_mean(y, w, float(options["p"])),
    "minimum": lambda y, w, _: minimum(y, w),
    "owa": lambda y, w, options: owa(y, w, float(options["exponent"]), options["order_weights"]),
    "benefit-of-the-doubt": lambda y, _, options: doubt_scores(y, options),
    "copeland": lambda y, w, _: copeland(y, w),
    "kemeny": lambda y, w, _: kemeny_scores(y, w),
    "promethee": lambda y, w, options: promethee(y, w, float(options["indifference"]), float(options["preference"])),
}
