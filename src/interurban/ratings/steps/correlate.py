"""Covariances and correlations between indicators, over the cities that have both."""

from __future__ import annotations

import numpy as np

from interurban.ratings.steps.numbers import Floats, known_mean


def covariances(y: Floats) -> Floats:
    """Covariance matrix (…, k, k) of (…, k, cities), divisor n - 1, each pair over the cities that have both.

    Missing: NaN for pairs with fewer than two common cities.
    """
    known = (~np.isnan(y)).astype(np.float64)
    apart = np.nan_to_num(y - known_mean(y)[..., None], nan=0.0)
    n = known @ np.swapaxes(known, -1, -2)
    sums = apart @ np.swapaxes(known, -1, -2)  # sum of i over the cities that have j too
    cross = apart @ np.swapaxes(apart, -1, -2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n > 1, (cross - sums * np.swapaxes(sums, -1, -2) / n) / (n - 1), np.nan)


def correlations(y: Floats) -> Floats:
    """Pearson's correlations (…, k, k) of (…, k, cities), each over the cities that have both; NaN where one of them is constant."""
    known = (~np.isnan(y)).astype(np.float64)
    apart = np.nan_to_num(y - known_mean(y)[..., None], nan=0.0)
    across = np.swapaxes(known, -1, -2)
    n, sums, squares = known @ across, apart @ across, (apart * apart) @ across
    cross = apart @ np.swapaxes(apart, -1, -2)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.maximum(squares - sums**2 / n, 0)  # of i over the cities that have j too
        r = (cross - sums * np.swapaxes(sums, -1, -2) / n) / np.sqrt(spread * np.swapaxes(spread, -1, -2))
    return np.clip(np.where((n > 1) & np.isfinite(r), r, np.nan), -1, 1)
