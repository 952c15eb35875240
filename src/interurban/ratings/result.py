"""A rating that was made: every step with its parameters and output, and what one asks of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from interurban.errors import NotFound
from interurban.ratings.definition.records import Definition
from interurban.ratings.flow import LevelScores, Normalised, Treated
from interurban.ratings.plan import Plan, group_labels, parts_of
from interurban.ratings.steps.impute import Imputed
from interurban.ratings.steps.numbers import Floats, significant
from interurban.ratings.steps.rank import ranks_within
from interurban.ratings.steps.screen import Screened
from interurban.ratings.steps.treat import PLAIN, changed_cells
from interurban.ratings.steps.weigh import effective_weights
from interurban.ratings.table import Table


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step: its name, all that the definition says of it, and what came out."""

    name: str
    parameters: Mapping[str, Any]
    output: Any


@dataclass(frozen=True, slots=True)
class Cell:
    """A value that a step changed, in the indicator's own unit (after denomination); `how` says by what."""

    indicator: str
    city: str
    before: float | None
    after: float
    how: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A city that screening left out, and the shares that were too small."""

    city: str
    known_share: float
    non_zero_share: float


@dataclass(frozen=True, slots=True)
class WithoutScore:
    """A city of the table without a score.

    `why` is "rule" where the city rule leaves it out, "screen" where too few of its indicators are known, "floor" where too little of the
    weight is; `known_share` is the share of the weight that is known (None by the rule), `missing` the nodes below the top without a score.
    """

    city: str
    why: str
    known_share: float | None
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RatingResult:
    """Scores and ranks of the cities that were rated, with every step that led there.

    `table` is the whole input, `chosen` the plan over the rows that the city rule chose, `plan` the one over those that screening kept.
    """

    definition: Definition
    table: Table
    chosen: Plan
    plan: Plan
    steps: tuple[Step, ...]

    def output(self, step: str) -> Any:
        """What the step of this name gave."""
        return next(each.output for each in self.steps if each.name == step)

    @property
    def cities(self) -> tuple[str, ...]:
        """Cities that were rated, one per row."""
        return self.plan.table.cities

    @property
    def years(self) -> tuple[int, ...] | None:
        """Years of the rows, where the table is a panel."""
        return self.plan.table.years

    @property
    def imputed(self) -> Imputed:
        """Values after imputation."""
        found: Imputed = self.output("impute")
        return found

    @property
    def treated(self) -> Treated:
        """Values after treatment, with the treatments."""
        found: Treated = self.output("treat")
        return found

    @property
    def normalised(self) -> Normalised:
        """Scores of the indicators, with the scales."""
        found: Normalised = self.output("normalise")
        return found

    @property
    def levels(self) -> tuple[LevelScores, ...]:
        """Scores and weights of every level above the indicators."""
        return tuple(self.output(f"level {i}") for i in range(len(self.definition.levels)))

    def scores(self, code: str = "") -> Floats:
        """Scores of an indicator or node ("": the top), one per row, to 12 significant digits.

        Raises:
            NotFound: nothing of this name is in the rating.
        """
        code = code or self.definition.top
        for level in range(len(self.definition.levels) + 1):
            codes = self.definition.codes(level)
            if code in codes:
                values = self.normalised.values if level == 0 else self.levels[level - 1].values
                return significant(values[codes.index(code)])
        raise NotFound(f"{code} is neither an indicator nor a node of {self.definition.id}", code=code)

    def ranks(self, code: str = "") -> Floats:
        """Ranks by an indicator or node ("": the top), in each year apart; NaN where there is no score."""
        return ranks_within(self.scores(code), self.plan.years)

    def group_ranks(self, group: str, code: str = "") -> Floats:
        """Ranks inside each part of a group, in each year apart; NaN for cities in no part."""
        found = next((each for each in self.definition.groups if each.code == group), None)
        if found is None:
            raise NotFound(f"{group} is no group of {self.definition.id}", code=group)
        labels = group_labels(found, self.plan.table)
        years = self.years or ("",) * len(labels)
        keys = [None if label is None else (label, year) for label, year in zip(labels, years, strict=True)]
        return ranks_within(self.scores(code), parts_of(keys))

    def weights(self) -> Mapping[str, float]:
        """Weight of every indicator and node in its parent, as used."""
        used = [each.weights for each in self.levels]
        return {code: float(w) for level, weights in enumerate(used) for code, w in zip(self.definition.codes(level), weights, strict=True)}

    def effective_weights(self) -> Mapping[str, float]:
        """Share of every indicator and node in the top node."""
        shares = effective_weights(self.definition, [each.weights for each in self.levels])
        return {code: float(w) for level, part in enumerate(shares) for code, w in zip(self.definition.codes(level), part, strict=True)}

    def known_share(self) -> Floats:
        """Share of the weight of all indicators that rests on known values, one per row: imputed values are none."""
        shares = effective_weights(self.definition, [each.weights for each in self.levels])[0]
        return significant(shares @ ~np.isnan(self.plan.raw))

    def left_out(self) -> tuple[LeftOut, ...]:
        """Cities that screening left out."""
        screened: Screened = self.output("screen")
        names = self.chosen.table.row_names()
        return tuple(
            LeftOut(names[i], float(screened.known_share[i]), float(screened.non_zero_share[i])) for i in np.flatnonzero(~screened.keep)
        )

    def without_score(self) -> tuple[WithoutScore, ...]:
        """Every row of the table that has no score, with why: those below the floor first, then the screened, then those of the rule."""
        known, scores = self.known_share(), self.scores()
        below = self.definition.codes(len(self.definition.levels) - 1)
        parts = np.isnan([self.scores(code) for code in below])
        rows, chosen = self.plan.table.row_names(), set(self.chosen.table.row_names())
        floor = [
            WithoutScore(rows[i], "floor", float(known[i]), tuple(code for code, gone in zip(below, parts[:, i], strict=True) if gone))
            for i in np.flatnonzero(np.isnan(scores))
        ]
        screened = [WithoutScore(each.city, "screen", each.known_share, ()) for each in self.left_out()]
        ruled = [WithoutScore(row, "rule", None, ()) for row in self.table.row_names() if row not in chosen]
        return (*floor, *screened, *ruled)

    def imputed_cells(self) -> tuple[Cell, ...]:
        """Every value that was put in for a missing one."""
        how = self.definition.impute.name
        return tuple(
            Cell(code, city, None, float(self.imputed.values[i, j]), how) for i, j, code, city in self._cells(self.imputed.put_in)
        )

    def treated_cells(self) -> tuple[Cell, ...]:
        """Every value that treatment changed: clipped to a limit, or put through a curve."""
        before, after = self.imputed.values, self.treated.values
        bent = np.zeros(len(before), np.bool_)
        for at, treatment in self.treated.treatments:
            bent[at] = treatment.curve != PLAIN
        return tuple(
            Cell(code, city, float(before[i, j]), float(after[i, j]), "curve" if bent[i] else "limit")
            for i, j, code, city in self._cells(changed_cells(before, after))
        )

    def constant_indicators(self) -> tuple[str, ...]:
        """Indicators that tell no cities apart, and so have no scores: nothing known, or the same value everywhere."""
        empty = np.asarray(np.isnan(self.normalised.values).all(axis=-1))
        return tuple(code for code, is_empty in zip(self.definition.codes(0), empty, strict=True) if is_empty)

    def _cells(self, where: np.ndarray) -> list[tuple[int, int, str, str]]:
        codes, names = self.definition.codes(0), self.plan.table.row_names()
        return [(int(i), int(j), codes[i], names[j]) for i, j in zip(*np.nonzero(where), strict=True)]
