"""Ranks: 1 is the best; what agrees in 12 significant digits shares the better rank."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from interurban.ratings.steps.numbers import Floats, significant


def ranks(scores: Floats) -> Floats:
    """1 + number of cities with a higher score, along the last axis; NaN for a missing score."""
    rounded = -significant(scores)
    order = np.argsort(rounded, axis=-1, kind="stable")  # missing scores go last
    ordered = np.take_along_axis(rounded, order, axis=-1)
    places = np.broadcast_to(np.arange(scores.shape[-1]), scores.shape)
    first = np.where(np.diff(ordered, axis=-1, prepend=-np.inf) == 0, 0, places)
    result = np.empty(scores.shape)
    np.put_along_axis(result, order, np.maximum.accumulate(first, axis=-1) + 1.0, axis=-1)
    return np.where(np.isnan(scores), np.nan, result)


def ranks_within(scores: Floats, parts: Iterable[np.ndarray]) -> Floats:
    """Ranks inside each part (positions of a group of cities, or of one year); NaN for cities in none."""
    result = np.full(scores.shape, np.nan)
    for part in parts:
        result[..., part] = ranks(scores[..., part])
    return result
