"""Weights by pairwise judgements of experts (analytic hierarchy process)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interurban.ratings.steps.numbers import Floats, significant

# Mean consistency index of random matrices of 1 to 9 rows (Saaty 1980).
RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45)


@dataclass(frozen=True, slots=True)
class Judged:
    """Weights (sum 1), the principal eigenvalue, and the consistency ratio: above 0.1 the judgements contradict each other."""

    weights: Floats
    eigenvalue: float
    consistency_ratio: float


def ahp(matrix: Floats) -> Judged:
    """Principal eigenvector of a reciprocal matrix; CR = ((lambda - n) / (n - 1)) / RI(n).

    Source: T. L. Saaty (1980), The Analytic Hierarchy Process, McGraw-Hill.
    Example:
        [[1, 3, 5], [1/3, 1, 3], [1/5, 1/3, 1]] gives 0.63699, 0.25828, 0.10473, CR 0.0332.
    """
    n = len(matrix)
    values, vectors = np.linalg.eig(matrix)
    first = int(np.argmax(values.real))
    weights = np.abs(vectors[:, first].real)
    largest = float(values[first].real)
    ratio = 0.0 if n < 3 else (largest - n) / (n - 1) / RANDOM_INDEX[n - 1]
    return Judged(significant(weights / weights.sum()), largest, ratio)


def ahp_of_experts(matrices: Floats) -> Judged:
    """Judgements of several experts (experts, n, n): the geometric mean of their matrices, which is reciprocal again."""
    return ahp(np.exp(np.log(matrices).mean(axis=0)))
