"""Small helps for rows that lie in groups one behind the other."""

from __future__ import annotations

import numpy as np

from interurban.kernels.projection import Ints

APART_M = 1e8
"""Lines put behind each other on one scale begin this far apart: more than any is long, and a millimetre still tells in float64."""


def ranges(first: Ints, counts: Ints) -> Ints:
    """The whole numbers from each `first`, as many as `counts` says, one range after another."""
    return np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(counts.sum())
