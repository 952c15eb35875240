"""Weights tuned so that the children matter as much as they are meant to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interurban.ratings.steps.correlate import covariances
from interurban.ratings.steps.numbers import Floats, significant


@dataclass(frozen=True, slots=True)
class Tuned:
    """Weights (sum 1, none negative), the correlations with the node that they give, and what remains of the squared difference.

    A `difference` clearly above 0: what was wanted cannot be had with weights that are not negative.
    """

    weights: Floats
    correlations: Floats
    difference: float


def tuned_weights(y: Floats, importances: Floats) -> Tuned:
    """w on the simplex so that the correlations of the children with their weighted mean are as `importances` to each other.

    Minimises sum_j (r_j / sum r - importance_j / sum importance)^2 by sequential quadratic programming from the middle and from near
    every corner; the best is taken. Nominal weights are no importances: a child that correlates with all others matters more
    than its weight says.
    Source: W. Becker and others (2017), Ecological Indicators 80, doi 10.1016/j.ecolind.2017.03.056; the bound at 0 is ours.
    """
    from scipy.optimize import minimize

    covariance = covariances(y)
    wanted = np.asarray(importances, dtype=np.float64) / np.sum(importances)
    k = len(wanted)

    def correlated(w: Floats) -> Floats:
        with_node = covariance @ w
        return np.asarray(with_node / np.sqrt(np.diag(covariance) * max(float(w @ with_node), 1e-300)))

    def difference(w: Floats) -> float:
        r = correlated(w)
        total = r.sum()
        return float(((r / total - wanted) ** 2).sum()) if total > 0 else 1e6

    starts = [np.full(k, 1 / k), *(np.full(k, 0.2 / k) + 0.8 * np.eye(k))]
    simplex = {"type": "eq", "fun": lambda w: w.sum() - 1}
    found = [
        minimize(difference, start, bounds=[(0, 1)] * k, constraints=[simplex], method="SLSQP", options={"ftol": 1e-15, "maxiter": 500})
        for start in starts
    ]
    best = min(found, key=lambda each: each.fun)
    weights = np.maximum(best.x, 0) / np.maximum(best.x, 0).sum()
    return Tuned(significant(weights), correlated(weights), difference(weights))
