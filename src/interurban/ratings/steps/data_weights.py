"""Weights by how much the children tell apart: entropy and CRITIC."""

from __future__ import annotations

import numpy as np

from interurban.ratings.steps.correlate import correlations
from interurban.ratings.steps.numbers import Floats, known_count, known_sd, significant


def entropy_weights(y: Floats) -> Floats:
    """w ~ 1 - (-1/ln n) sum(p ln p), p = y / sum(y): a child on which cities share alike tells little.

    Missing: NaN where a value is negative, which entropy does not know. 0 counts as p ln p = 0.
    Source: C. E. Shannon (1948); as weights M. Zeleny (1982), Multiple Criteria Decision Making.
    """
    n = known_count(y)
    share = y / np.nansum(y, axis=-1, keepdims=True)
    information = np.where(share > 0, share * np.log(np.where(share > 0, share, 1)), 0.0).sum(axis=-1)
    diverging = np.maximum(1 + information / np.log(np.maximum(n, 2)), 0.0)
    usable = ~np.asarray((y < 0).any(axis=(-1, -2)))[..., None]
    return np.where(usable, significant(diverging / diverging.sum(axis=-1, keepdims=True)), np.nan)


def critic_weights(y: Floats) -> Floats:
    """w ~ sd_j · sum over k of (1 - r_jk): a child counts by its spread and by how little the others say the same.

    Source: D. Diakoulaki, G. Mavrotas, L. Papayannakis (1995), Computers & Operations Research 22(7), doi 10.1016/0305-0548(94)00059-H.
    """
    conflict = known_sd(y) * np.nansum(1 - correlations(y), axis=-1)
    return significant(conflict / conflict.sum(axis=-1, keepdims=True))
