"""What moves a city most: the gain of every indicator by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interurban.ratings.questions.frozen import freeze
from interurban.ratings.questions.inverse import feasible_best
from interurban.ratings.result import RatingResult


@dataclass(frozen=True, slots=True)
class Gain:
    """One indicator: its raw value now, the score and rank after a small improvement, and at the best feasible value.

    `step_value` is the value after the improvement, `best` the best feasible one, both raw; gains are in points of the top score.
    """

    indicator: str
    value: float
    step_value: float
    step_gain: float
    step_rank: float
    best: float
    best_gain: float
    best_rank: float


def marginal_gains(result: RatingResult, city: str, step: float = 0.1, year: int | None = None) -> tuple[Gain, ...]:
    """Gain of improving each indicator by `step` of its value (by `step` of the way to the best where it is 0), largest first.

    Scales are frozen; no improvement goes beyond the best feasible value (the definition's bounds, or the best of all rated cities).

    Missing: indicators without a value are left out: nobody knows what they would improve from.
    """
    held = freeze(result, city, year)
    best, now, directions = feasible_best(held), held.values, result.plan.directions
    room = np.maximum(np.nan_to_num((best - now) * directions), 0.0)
    small = np.minimum(np.where(np.nan_to_num(now) != 0, step * np.abs(np.nan_to_num(now)), step * room), room)
    points = np.concatenate([now[None], now + np.diag(small * directions), now + np.diag(room * directions)])
    scores, ranks = held.scores(points)[:, held.row], held.ranks(points)
    n = len(now)
    found = []
    for i, code in enumerate(result.definition.codes(0)):
        if np.isnan(now[i]):
            continue
        first, second = 1 + i, 1 + n + i
        raw = [float(points[at, i] * held.divisor[i]) for at in (0, first, second)]
        found.append(
            Gain(
                code, raw[0], raw[1], float(scores[first] - scores[0]), float(ranks[first]),
                raw[2], float(scores[second] - scores[0]), float(ranks[second]),
            )
        )
    return tuple(sorted(found, key=lambda gain: (-gain.step_gain, -gain.best_gain, gain.indicator)))
