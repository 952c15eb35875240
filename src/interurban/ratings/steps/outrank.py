"""Outranking: cities compared pair by pair over the indicators that both have."""

from __future__ import annotations

import numpy as np

from interurban.ratings.steps.numbers import Floats, significant


def outranking(y: Floats, weights: Floats) -> Floats:
    """O_ab = (weights where a > b, half of those where equal) / weights of the indicators that both have.

    `y` is (…, children, cities), `weights` (…, children, 1); the answer (…, cities, cities). O_ab + O_ba = 1, and the order of cities
    changes nothing. The diagonal is 1/2. Missing: two cities without a common indicator have NaN.
    Source: G. Munda, M. Nardo (2009), Applied Economics 41(12), doi 10.1080/00036840601019364; ties at half.
    """
    values = significant(y)
    shape = np.broadcast_shapes(y.shape[:-2], weights.shape[:-2])
    n = y.shape[-1]
    above, both = np.zeros((*shape, n, n)), np.zeros((*shape, n, n))
    for child in range(y.shape[-2]):
        a = values[..., child, :, None]
        b = values[..., child, None, :]
        weight = weights[..., child, 0][..., None, None]
        above += weight * ((a > b) + 0.5 * (a == b))
        known = ~np.isnan(values[..., child, :])
        both += weight * (known[..., :, None] & known[..., None, :])
    return np.asarray(np.divide(above, both, out=np.full(above.shape, np.nan), where=both > 0))


def dominances(outranked: Floats) -> int:
    """How many ordered pairs are dominated: a at least as good in everything that both have, so that O_ab = 1."""
    return int((significant(outranked) == 1).sum())


def copeland(y: Floats, weights: Floats) -> Floats:
    """Number of cities that each outranks by more than half the weight, minus the number that so outrank it.

    Source: A. H. Copeland (1951), seminar notes, University of Michigan, as in D. G. Saari, V. R. Merlin (1996), Econ. Theory 8(1).
    """
    outranked = significant(outranking(y, weights))
    return copeland_of(outranked, np.asarray(np.isnan(y).all(axis=-2)))


def copeland_of(outranked: Floats, absent: np.ndarray | None = None) -> Floats:
    """Copeland scores of an outranking matrix; NaN for the cities that are absent."""
    scores = ((outranked > 0.5).sum(axis=-1) - (outranked < 0.5).sum(axis=-1)).astype(np.float64)
    return scores if absent is None else np.where(absent, np.nan, scores)
