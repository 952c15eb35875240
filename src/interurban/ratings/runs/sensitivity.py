"""Where the uncertainty of a rating comes from, factor by factor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interurban.ratings.definition.records import Definition
from interurban.ratings.runs.run import Progress, Runs, run_design
from interurban.ratings.runs.sobol import SobolIndices, sobol_design, sobol_indices
from interurban.ratings.steps.numbers import Floats
from interurban.ratings.table import Table


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """Indices by factor for three outputs: the mean absolute rank shift (one column), each city's score, each city's rank.

    `factors` names the rows of the indices, `cities` the columns of `scores` and `ranks`.
    """

    factors: tuple[str, ...]
    cities: tuple[str, ...]
    rank_shift: SobolIndices
    scores: SobolIndices
    ranks: SobolIndices
    runs: Runs


def sensitivity(
    definition: Definition, table: Table, rows: int, seed: int, replicates: int = 500, progress: Progress | None = None
) -> Sensitivity:
    """Sobol's indices of the definition's factors from rows · (factors + 2) runs.

    Raises:
        UsageError: as `run_design`.
    """
    random = np.random.Generator(np.random.Philox(seed))
    inputs = len(definition.factors)
    runs = run_design(definition, table, sobol_design(inputs, rows, random), seed, progress=progress)
    shift = mean_rank_shift(runs.ranks, runs.nominal.ranks())[:, None]
    of_shift, of_scores, of_ranks = (sobol_indices(each, inputs, random, replicates) for each in (shift, runs.scores, runs.ranks))
    codes = tuple(factor.code for factor in definition.factors)
    return Sensitivity(codes, runs.nominal.plan.table.row_names(), of_shift, of_scores, of_ranks, runs)


def mean_rank_shift(ranks: Floats, nominal: Floats) -> Floats:
    """Mean over the cities of |rank - nominal rank|, by run; NaN where a city that has a nominal rank lacks one in the run."""
    rated = ~np.isnan(nominal)
    return np.asarray(np.abs(ranks[..., rated] - nominal[rated]).mean(axis=-1))
