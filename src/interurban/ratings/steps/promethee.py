"""PROMETHEE II: how far each city is preferred to the others, net."""

from __future__ import annotations

import numpy as np

from interurban.ratings.steps.numbers import Floats


def promethee(y: Floats, weights: Floats, indifference: float = 0.0, preference: float = 0.0) -> Floats:
    """Net flow: mean over the other cities of pi(a, b) - pi(b, a), between -1 and 1.

    pi(a, b) = sum(w P(a - b)) / sum(w) over the indicators that both have; P rises from 0 at `indifference` to 1 at `preference`
    points of difference, or jumps there when both are equal (with 0 and 0: a > b, the "usual" criterion).
    Missing: pairs without a common indicator are left out of the mean; a city without any indicator has no score.
    Source: J.-P. Brans, Ph. Vincke (1985), Management Science 31(6), doi 10.1287/mnsc.31.6.647, criteria I to III and V.
    """
    n = y.shape[-1]
    shape = np.broadcast_shapes(y.shape[:-2], weights.shape[:-2])
    preferred, both = np.zeros((*shape, n, n)), np.zeros((*shape, n, n))
    for child in range(y.shape[-2]):
        gap = y[..., child, :, None] - y[..., child, None, :]
        weight = weights[..., child, 0][..., None, None]
        both += weight * ~np.isnan(gap)
        preferred += weight * np.nan_to_num(_preference(gap, y[..., child, :], indifference, preference))
    share = np.divide(preferred, both, out=np.full(preferred.shape, np.nan), where=both > 0)
    net = share - np.swapaxes(share, -1, -2)
    pairs = (~np.isnan(net)).sum(axis=-1) - 1  # a city's pair with itself is 0 and no pair
    return np.asarray(np.divide(np.nansum(net, axis=-1), pairs, out=np.full(net.shape[:-1], np.nan), where=pairs > 0))


def _preference(gap: Floats, values: Floats, indifference: float, preference: float) -> Floats:
    if preference > indifference:
        return np.minimum(np.maximum((gap - indifference) / (preference - indifference), 0), 1)
    # As everywhere, what agrees in 12 significant digits is equal.
    noise = 1e-12 * np.maximum(np.abs(values)[..., :, None], np.abs(values)[..., None, :])
    return np.where(np.isnan(gap), np.nan, gap > indifference + noise)
