"""How uncertain the scores and ranks of a rating are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interurban.errors import NotFound
from interurban.ratings.definition.records import Definition
from interurban.ratings.runs.run import Progress, Runs, run_design
from interurban.ratings.steps.numbers import Bools, Floats
from interurban.ratings.table import Table

LOW, HIGH = 0.05, 0.95


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean, median, 5 % and 95 % quantile by row, over the runs in which the row has a score; NaN where it never has.

    Quantiles are of type 7 of Hyndman and Fan (1996), linear between order statistics.
    """

    mean: Floats
    median: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Uncertainty:
    """What many runs say of a rating. Published are intervals first, the point rank second."""

    runs: Runs

    @property
    def cities(self) -> tuple[str, ...]:
        """Names of the rows."""
        return self.runs.nominal.plan.table.row_names()

    def scores(self) -> Spread:
        """Distribution of the top scores."""
        return _spread(self.runs.scores)

    def ranks(self) -> Spread:
        """Distribution of the ranks."""
        return _spread(self.runs.ranks)

    def rank_at_most(self) -> Floats:
        """P(rank <= k) (rows, k = 1 … rows): share of all runs, so that a run without a score counts as not reached."""
        runs, rows = self.runs.ranks.shape
        ranks = np.nan_to_num(self.runs.ranks, nan=rows + 1).astype(np.int64)
        counts = np.zeros((rows, rows + 2), np.int64)
        np.add.at(counts, (np.broadcast_to(np.arange(rows), ranks.shape), ranks), 1)
        return np.asarray(np.cumsum(counts[:, 1:-1], axis=1) / runs)

    def above(self) -> Floats:
        """P(a above b) (rows a, rows b): share of the runs in which both have scores and a's is higher; ties are in neither direction."""
        ranks = self.runs.ranks
        result = np.empty((ranks.shape[1], ranks.shape[1]))
        for a in range(ranks.shape[1]):
            both = ~np.isnan(ranks) & ~np.isnan(ranks[:, [a]])
            n = both.sum(axis=0)
            result[a] = np.divide((ranks[:, [a]] < ranks).sum(axis=0), n, out=np.full(n.shape, np.nan), where=n > 0)
        return result

    def told_apart(self, certainty: float = HIGH) -> Bools:
        """Pairs of which one is above the other in at least this share of runs."""
        above = self.above()
        return np.asarray((above >= certainty) | (certainty <= above.T))

    def bands(self, certainty: float = HIGH) -> tuple[tuple[str, ...], ...]:
        """Groups of cities that cannot be told apart, best first.

        From the best mean rank down, a city joins the group as long as it cannot be told apart from the group's first; the first
        that can be opens the next group. Cities of neighbouring groups need not differ: that is what `told_apart` says.
        """
        apart, mean = self.told_apart(certainty), self.ranks().mean
        groups: list[list[int]] = []
        for row in np.lexsort((np.array(self.cities), mean)):
            if np.isnan(mean[row]):
                continue
            if groups and not apart[groups[-1][0], row]:
                groups[-1].append(int(row))
            else:
                groups.append([int(row)])
        return tuple(tuple(self.cities[row] for row in group) for group in groups)

    def of(self, city: str) -> Floats:
        """Ranks of one city in all runs."""
        if city not in self.cities:
            raise NotFound(f"{city} is not rated", city=city)
        return self.runs.ranks[:, self.cities.index(city)]


def uncertainty(
    definition: Definition, table: Table, runs: int, seed: int, frozen: Table | None = None, progress: Progress | None = None
) -> Uncertainty:
    """Run the rating `runs` times with everything that its factors say is uncertain drawn anew each time.

    The draws are independent between factors and runs; the same seed gives the same runs.

    Raises:
        UsageError: as `run_design`.
    """
    u = np.random.Generator(np.random.Philox(seed)).random((runs, len(definition.factors)))
    return Uncertainty(run_design(definition, table, u, seed, frozen, progress))


def _spread(values: Floats) -> Spread:
    if not np.isnan(values).any():
        low, median, high = np.quantile(values, [LOW, 0.5, HIGH], axis=0)
        return Spread(values.mean(axis=0), median, low, high)
    found = np.full((4, values.shape[1]), np.nan)
    for row, column in enumerate(values.T):
        known = column[~np.isnan(column)]
        if known.size:
            found[:, row] = known.mean(), *np.quantile(known, [0.5, LOW, HIGH])
    return Spread(*found)
