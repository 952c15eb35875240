"""Weights by the first principal component."""

from __future__ import annotations

import numpy as np

from interurban.ratings.steps.correlate import correlations
from interurban.ratings.steps.numbers import Floats, significant


def pca_weights(y: Floats) -> Floats:
    """First eigenvector of the correlation matrix of (…, k, cities), its sign such that the sum is positive, its length 1.

    Missing: NaN where a correlation is not known. A negative weight would make more of a good thing worse: who uses these refuses it.
    """
    r = correlations(y)
    usable = np.asarray(~np.isnan(r).any(axis=(-1, -2)))
    vectors = np.linalg.eigh(np.where(usable[..., None, None], r, np.eye(r.shape[-1])))[1]
    first = vectors[..., -1]
    weights = first * np.where(first.sum(axis=-1, keepdims=True) < 0, -1.0, 1.0)
    return np.where(usable[..., None], significant(weights), np.nan)
