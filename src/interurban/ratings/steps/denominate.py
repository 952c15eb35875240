"""Denomination: values per head, per area or per whatever makes cities of different size comparable."""

from __future__ import annotations

import numpy as np

from interurban.ratings.steps.numbers import Floats


def denominate(x: Floats, denominator: Floats, scale: Floats | float = 1.0) -> Floats:
    """x / denominator · scale; missing where the denominator is missing or 0.

    Done before anything else: the outlier test and the bounds of normalisation must see the comparable values.
    """
    usable = np.where(denominator == 0, np.nan, denominator)
    return np.asarray(x / usable * scale)
