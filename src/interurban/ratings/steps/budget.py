"""Weights by budget allocation: every expert spreads 100 points over the children of a node."""

from __future__ import annotations

import numpy as np

from interurban.ratings.steps.numbers import Floats


def budget_weights(points: Floats) -> Floats:
    """Mean over the experts (experts, children) of each one's shares; what an expert spread need not sum to 100."""
    return np.asarray((points / points.sum(axis=1, keepdims=True)).mean(axis=0))


def resampled_experts(points: Floats, u: Floats) -> Floats:
    """Weights had other experts been asked: as many drawn with replacement, by uniform numbers `u` (…, experts) in [0, 1)."""
    shares = points / points.sum(axis=1, keepdims=True)
    drawn = np.minimum((u * len(points)).astype(np.int64), len(points) - 1)
    return np.asarray(shares[drawn].mean(axis=-2))
