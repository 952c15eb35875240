"""Which of several claims to keep when each side may be used once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from interurban.kernels.projection import Ints


def assign(left: npt.ArrayLike, right: npt.ArrayLike, score: npt.ArrayLike, most: float) -> npt.NDArray[np.bool_]:
    """Choose among scored pairs so that nobody is in two of them and the sum of scores is least.

    Leaving one of the left unpaired costs `most`, so a pair with a higher score is never chosen, and a good pair is given up only
    where that brings more to others. Pairs that have nobody in common are settled apart.

    Shape: one bool per pair.
    Args:
        left: who claims, whole numbers.
        right: what is claimed, whole numbers.
        score: of each pair, 0 or more; of a repeated pair the least counts.
        most: what being left over costs.
    Missing: a pair with a NaN score is never chosen.
    Source: D. F. Crouse (2016), IEEE Trans. Aerospace and Electronic Systems 52(4), doi 10.1109/TAES.2016.140952, as SciPy has it.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    costs = np.asarray(score, dtype=np.float64)
    chosen = np.zeros(costs.size, dtype=np.bool_)
    usable = np.flatnonzero(costs <= most)
    if not usable.size:
        return chosen
    _, a = np.unique(np.asarray(left)[usable], return_inverse=True)
    _, b = np.unique(np.asarray(right)[usable], return_inverse=True)
    size = int(a.max() + b.max()) + 2
    _, part = connected_components(coo_matrix((np.ones(a.size), (a, b + a.max() + 1)), shape=(size, size)), directed=False)
    of_pair = part[a]
    order = np.argsort(of_pair, kind="stable")
    for own in np.split(order, np.flatnonzero(np.diff(of_pair[order])) + 1):
        chosen[usable[own[_best(a[own], b[own], costs[usable[own]], most)]]] = True
    return chosen


def _best(a: Ints, b: Ints, costs: npt.NDArray[np.float64], most: float) -> Ints:
    """Indices of the chosen pairs of one part."""
    from scipy.optimize import linear_sum_assignment

    if a.size == 1:
        return np.zeros(1, dtype=np.int64)
    rows, row = np.unique(a, return_inverse=True)
    columns, column = np.unique(b, return_inverse=True)
    # Beside the real ones, a column for each row that is left over.
    table = np.full((rows.size, columns.size + rows.size), most)
    table[:, : columns.size] = np.inf
    np.minimum.at(table, (row, column), costs)
    number = np.full(table.shape, -1, dtype=np.int64)
    worst_first = np.argsort(-costs, kind="stable")
    number[row[worst_first], column[worst_first]] = worst_first
    found: Ints = number[linear_sum_assignment(np.where(np.isfinite(table), table, rows.size * (most + 1)))]
    return found[found >= 0]
