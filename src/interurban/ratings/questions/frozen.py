"""One city's score when its values change and everything found from all cities stays: treatments, scales, weights, the others' scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interurban.errors import NotFound, UsageError
from interurban.ratings.flow import level_scores
from interurban.ratings.result import RatingResult
from interurban.ratings.steps.normalise import Scale
from interurban.ratings.steps.numbers import Floats, known_count, significant
from interurban.ratings.steps.rank import ranks

# With these a city's score is made of its own values alone; the others compare cities, and are computed for all of them.
_OF_OWN_VALUES = frozenset({"arithmetic", "geometric", "harmonic", "power", "minimum", "owa"})


@dataclass(frozen=True, slots=True, eq=False)
class Frozen:
    """A rating held still about one row: values (runs, indicators) of that row go in, scores come out."""

    result: RatingResult
    row: int

    @property
    def values(self) -> Floats:
        """The row's values as rated, after denomination and imputation, by indicator."""
        return np.asarray(self.result.imputed.values[:, self.row])

    @property
    def divisor(self) -> Floats:
        """What raw values of this row are divided by."""
        return np.asarray(self.result.plan.divisor[:, self.row])

    def all_scores(self, x: Floats) -> list[Floats]:
        """Scores (runs, members, rows) of every level, the indicators first, when the row has the values `x` (runs, indicators).

        With rules under which cities are not compared the rows are this one alone.
        """
        own = self._own_scores(x)[..., None]
        scores = own
        if not self._alone():
            scores = np.repeat(self.result.normalised.values[None], len(x), axis=0)
            scores[..., self.row] = own[..., 0]
        found = [scores]
        for level, made in enumerate(self.result.levels):
            scores = level_scores(self.result.plan, level, scores, made.weights)
            found.append(scores)
        return found

    def scores(self, x: Floats) -> Floats:
        """Top scores (runs, rows) of all cities, the row's own for the values `x`."""
        top = self.all_scores(x)[-1][:, 0, :]
        if self._alone():
            everyone = np.repeat(self.result.scores()[None], len(x), axis=0)
            everyone[:, self.row] = significant(top[:, 0])
            return everyone
        return significant(top)

    def ranks(self, x: Floats) -> Floats:
        """The row's rank (runs) among the rows of its year."""
        same = next(part for part in self.result.plan.years if self.row in part)
        scores = self.scores(x)[:, same]
        return np.asarray(ranks(scores)[:, int(np.flatnonzero(same == self.row)[0])])

    def _alone(self) -> bool:
        return all(level.aggregate.name in _OF_OWN_VALUES for level in self.result.definition.levels)

    def _own_scores(self, x: Floats) -> Floats:
        even = x[..., None].copy()
        for at, treatment in self.result.treated.treatments:
            even[:, at] = treatment.apply(x[:, at, None])
        scores = np.empty_like(even)
        for at, scale in self.result.normalised.scales:
            scores[:, at] = scale.apply(even[:, at])
            if scale.ordered is not None:
                scores[:, at] -= _own_place(scale, self.result.treated.values[at, self.row][:, None], even[:, at])
        return np.asarray(scores[..., 0])


def freeze(result: RatingResult, city: str, year: int | None = None) -> Frozen:
    """The rating held still about a city (and year).

    Raises:
        NotFound: the city is not rated.
        UsageError: the rating is of a panel and the year is not told.
    """
    years = result.years or (None,) * len(result.cities)
    rows = [i for i, (name, at) in enumerate(zip(result.cities, years, strict=True)) if name == city and year in (None, at)]
    if not rows:
        raise NotFound(f"{city} is not rated", city=city, year=year)
    if len(rows) > 1:
        raise UsageError(f"{city} is rated in several years; say which", city=city, allowed=str([years[i] for i in rows]))
    return Frozen(result, rows[0])


def _own_place(scale: Scale, before: Floats, after: Floats) -> Floats:
    """How much of a place is the row's own former value, which a value that moved beyond it must not count."""
    directions = scale.directions[:, None]
    beyond = significant(before * directions) < significant(after * directions)
    if scale.ordered is None or scale.method.name == "borda":
        return beyond.astype(np.float64)
    return np.asarray(beyond / np.maximum(known_count(scale.ordered) - 1, 1)[:, None])
