"""Sobol's indices: which share of the variance of an output comes from which input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interurban.ratings.steps.numbers import Bools, Floats

FIRST_ORDER = "mean(f_B (f_ABi - f_A)) / V, f centred; A. Saltelli and others (2010), doi 10.1016/j.cpc.2009.09.018, (b) of table 2"
TOTAL_ORDER = "mean((f_A - f_ABi)^2) / (2 V); M. J. W. Jansen (1999), doi 10.1016/S0010-4655(98)00154-4, (f) of table 2 there"


@dataclass(frozen=True, slots=True, eq=False)
class SobolIndices:
    """First (`first`) and total (`total`) order by input and output (inputs, outputs), each with a bootstrap interval of 90 %.

    A first order index may come out below 0 by chance. `rows` is the number of rows of the design without a failed run, by output;
    outputs that do not vary have indices 0. The estimators are named in FIRST_ORDER and TOTAL_ORDER and go where the numbers go.
    """

    first: Floats
    first_low: Floats
    first_high: Floats
    total: Floats
    total_low: Floats
    total_high: Floats
    variance: Floats
    rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]]


def sobol_design(inputs: int, rows: int, random: np.random.Generator) -> Floats:
    """Uniform numbers (rows · (inputs + 2), inputs): A, B, then for each input i A with column i of B."""
    a, b = random.random((2, rows, inputs))
    blocks = [a, b]
    for i in range(inputs):
        mixed = a.copy()
        mixed[:, i] = b[:, i]
        blocks.append(mixed)
    return np.concatenate(blocks)


def sobol_indices(
    outputs: Floats, inputs: int, random: np.random.Generator, replicates: int = 500, *, centred: bool = True
) -> SobolIndices:
    """Indices from the outputs (runs, outputs) of `sobol_design`, in its order.

    V is the sample variance of f_A and f_B together. Centring f takes noise out of the first order and does nothing to the total
    order; without it the estimator is that of older programs. Intervals: rows drawn anew with replacement, A, B and all A_B together.
    """
    f = outputs.reshape(inputs + 2, -1, outputs.shape[-1])
    known: Bools = np.asarray(~np.isnan(f).any(axis=0))
    f = np.where(known, f, 0.0)
    rows = known.sum(axis=0)
    middle = np.divide(f[:2].sum(axis=(0, 1)), 2 * rows, out=np.zeros(rows.shape), where=rows > 0)
    f = np.where(known, f - middle, 0.0)
    moments = _moments(f, known)
    n = f.shape[1]
    counts = random.multinomial(n, np.full(n, 1 / n), size=replicates).astype(np.float64)
    shift = np.zeros_like(middle) if centred else middle
    least = 1e-24 * middle**2  # below is the rounding of an output that does not vary
    first, total, variance = _estimate(np.ones((1, n)), moments, shift, inputs, least, centred=centred)
    many_first, many_total, _ = _estimate(counts, moments, shift, inputs, least, centred=centred)
    first_low, first_high = np.quantile(many_first, [0.05, 0.95], axis=0)
    total_low, total_high = np.quantile(many_total, [0.05, 0.95], axis=0)
    return SobolIndices(first[0], first_low, first_high, total[0], total_low, total_high, variance[0], rows)


def _moments(f: Floats, known: Bools) -> Floats:
    """What the estimators sum over rows (rows, quantities · outputs), so that a replicate is one matrix product."""
    a, b, mixed = f[0], f[1], f[2:]
    change = mixed - a
    parts = [known[None], (a + b)[None], (a * a + b * b)[None], b * change, change, change * change]
    stacked = np.concatenate([np.asarray(part, dtype=np.float64) for part in parts])
    return np.ascontiguousarray(np.moveaxis(stacked, 0, 1).reshape(len(a), -1))


def _estimate(
    counts: Floats, moments: Floats, shift: Floats, inputs: int, least: Floats, *, centred: bool
) -> tuple[Floats, Floats, Floats]:
    """First and total order (replicates, inputs, outputs) and V (replicates, outputs) for rows counted so often."""
    sums = (counts @ moments).reshape(len(counts), 3 + 3 * inputs, -1)
    n = np.maximum(sums[:, 0], 1)
    mean = sums[:, 1] / (2 * n)
    variance = (sums[:, 2] - 2 * n * mean**2) / np.maximum(2 * n - 1, 1)
    products, changes, squares = (sums[:, 3 + i * inputs: 3 + (i + 1) * inputs] / n[:, None] for i in range(3))
    first = products - mean[:, None] * changes if centred else products + shift * changes
    varies = np.broadcast_to(variance[:, None] > least, first.shape)
    divisor = variance[:, None]
    return (
        np.divide(first, divisor, out=np.zeros(first.shape), where=varies),
        np.divide(squares, 2 * divisor, out=np.zeros(first.shape), where=varies),
        variance,
    )
