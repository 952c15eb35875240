"""What if a city had other values?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from interurban.errors import NotFound
from interurban.ratings.questions.frozen import freeze
from interurban.ratings.result import RatingResult
from interurban.ratings.runs.run import Progress
from interurban.ratings.runs.uncertainty import Uncertainty, uncertainty
from interurban.ratings.steps.numbers import significant


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Score and rank of a city before and after its values changed, and the scores of all indicators and nodes that moved.

    Missing: NaN where the city has no score.
    """

    city: str
    score_before: float
    score_after: float
    rank_before: float
    rank_after: float
    moved: Mapping[str, tuple[float, float]]


def what_if(result: RatingResult, city: str, values: Mapping[str, float], year: int | None = None) -> WhatIf:
    """The city with other raw values, while treatments, scales, weights and all other cities stay as they are.

    Args:
        result: the rating.
        city: whose values change.
        values: raw values (before denomination) by indicator; the others stay, imputed ones too.
        year: which of the city's rows, where the rating is of a panel.

    Raises:
        NotFound: the city is not rated, or an indicator is not in the rating.
    """
    held = freeze(result, city, year)
    codes = result.definition.codes(0)
    x = held.values.copy()
    _check_codes(result, values)
    for code, value in values.items():
        at = codes.index(code)
        x[at] = value / held.divisor[at]
    before, after = (held.all_scores(each[None]) for each in (held.values, x))
    moved: dict[str, tuple[float, float]] = {}
    for level, (old, new) in enumerate(zip(before, after, strict=True)):
        column = held.row if old.shape[-1] > 1 else 0
        pairs = zip(result.definition.codes(level), significant(old[0, :, column]), significant(new[0, :, column]), strict=True)
        moved |= {code: (float(a), float(b)) for code, a, b in pairs if a != b and not (np.isnan(a) and np.isnan(b))}
    scores = [float(held.scores(each[None])[0, held.row]) for each in (held.values, x)]
    ranks = [float(held.ranks(each[None])[0]) for each in (held.values, x)]
    return WhatIf(city, scores[0], scores[1], ranks[0], ranks[1], moved)


def what_if_interval(
    result: RatingResult, city: str, values: Mapping[str, float], runs: int, seed: int, year: int | None = None,
    progress: Progress | None = None,
) -> Uncertainty:
    """The uncertainty of all ranks if the city had these values, by the factors of the rating's definition.

    Treatments and scales stay those found on the true table, under each combination of choices.
    """
    held = freeze(result, city, year)
    _check_codes(result, values)
    rows = result.table.row_names()
    changed = result.table.with_values(rows.index(result.plan.table.row_names()[held.row]), {code: float(v) for code, v in values.items()})
    return uncertainty(result.definition, changed, runs, seed, frozen=result.table, progress=progress)


def _check_codes(result: RatingResult, values: Mapping[str, float]) -> None:
    codes = result.definition.codes(0)
    for code in values:
        if code not in codes:
            raise NotFound(f"{code} is no indicator of {result.definition.id}", code=code, allowed=", ".join(codes))


def reference_values(result: RatingResult, city: str, year: int | None = None) -> Mapping[str, float]:
    """The city's raw values as rated, imputed ones made raw again; NaN where nothing is known."""
    held = freeze(result, city, year)
    raw = np.where(np.isnan(held.values), np.nan, held.values * held.divisor)
    return dict(zip(result.definition.codes(0), raw.tolist(), strict=True))
