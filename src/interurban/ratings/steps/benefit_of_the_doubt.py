"""Benefit of the doubt: every city is judged by the weights that suit it best, as long as they put no city above 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from interurban.ratings.steps.numbers import Bools, Floats, significant


@dataclass(frozen=True, slots=True)
class Doubt:
    """Score of each city, the weights it got (children, cities), and which cities (columns) limit it (rows): its peers.

    NaN scores: no weights satisfy the limits on shares for this city, or a value is negative.
    """

    scores: Floats
    weights: Floats
    peers: Bools


def benefit_of_the_doubt(y: Floats, low_share: float = 0.0, high_share: float = 1.0, *, leave_one_out: bool = False) -> Doubt:
    """For city c the largest sum_j w_j y_cj with sum_j w_j y_ij <= 1 for all i and w >= 0.

    Limits on shares keep a city from being judged by one child alone: low <= w_j y_cj / sum_k w_k y_ck <= high, made linear by
    multiplying out. With `leave_one_out` the city's own limit is dropped: the leaders get scores above 1, and are told apart.

    Missing: a missing value counts as 0: nobody gets credit for what is not known.
    Source: L. Cherchye and others (2007), Social Indicators Research 82, doi 10.1007/s11205-006-9029-7.
    """
    values = np.nan_to_num(y, nan=0.0)
    k, n = values.shape
    scores, weights, peers = np.full(n, np.nan), np.full((k, n), np.nan), np.zeros((n, n), np.bool_)
    if (values < 0).any():
        return Doubt(scores, weights, peers)
    for city in np.flatnonzero(values.any(axis=0)):
        others = np.arange(n) != city if leave_one_out else np.ones(n, np.bool_)
        solution = _solve(values[:, city], values[:, others], _share_limits(values[:, city], low_share, high_share))
        if solution is not None:
            scores[city], weights[:, city], peers[city, others] = solution
    return Doubt(significant(scores), weights, peers)


def common_weights(y: Floats) -> Floats:
    """One set of weights for all: w >= 0 that makes the sum of all scores largest while none exceeds 1."""
    values = np.nan_to_num(y, nan=0.0)
    solution = _solve(values.sum(axis=1), values, np.empty((0, len(values))))
    return np.full(len(values), np.nan) if solution is None else significant(solution[1])


def doubt_scores(y: Floats, options: Mapping[str, Any]) -> Floats:
    """Scores alone of (…, children, cities), one linear program per city and run."""
    scores = np.empty((*y.shape[:-2], y.shape[-1]))
    for at in np.ndindex(y.shape[:-2]):
        if options["common"]:
            scores[at] = (np.nan_to_num(y[at]) * common_weights(y[at])[:, None]).sum(axis=0)
        else:
            low, high = float(options["low_share"]), float(options["high_share"])
            scores[at] = benefit_of_the_doubt(y[at], low, high, leave_one_out=bool(options["leave_one_out"])).scores
    return np.where(np.isnan(y).all(axis=-2), np.nan, scores)


def _share_limits(own: Floats, low: float, high: float) -> Floats:
    """Rows a of a · w <= 0 that keep every child's part of the city's score between the limits."""
    part, whole = np.diag(own), np.broadcast_to(own, (own.size, own.size))
    rows = [low * whole - part] if low > 0 else []
    rows += [part - high * whole] if high < 1 else []
    return np.concatenate(rows) if rows else np.empty((0, own.size))


def _solve(gain: Floats, limited: Floats, shares: Floats) -> tuple[float, Floats, Bools] | None:
    from scipy.optimize import linprog

    size = max(float(limited.max(initial=0)), 1e-300)  # on 0..1 the solver's tolerances mean the same for every scale
    rows = np.concatenate([limited.T / size, shares / size])
    bounds = np.concatenate([np.ones(limited.shape[1]), np.zeros(len(shares))])
    found = linprog(-gain / size, A_ub=rows, b_ub=bounds, bounds=(0, None), method="highs")
    if not found.success:
        return None
    return float(-found.fun), found.x / size, np.asarray(found.ineqlin.marginals[: limited.shape[1]] < -1e-9)
