"""What would it take: the smallest change of a city's values that brings it to a rank."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from interurban.errors import NotFound, UsageError
from interurban.ratings.questions.frozen import Frozen, freeze
from interurban.ratings.result import RatingResult
from interurban.ratings.steps.numbers import Bools, Floats, known_max, known_min

_GRID = 33  # points looked at together; four rounds narrow a change down to a millionth of what is possible
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Needed:
    """Raw values that bring a city to a rank, by indicator: (now, needed), and the root of the sum of squared relative changes.

    None of them lies beyond what is feasible. `rank` is the rank reached, at least as good as the one asked for.
    """

    city: str
    rank: float
    values: Mapping[str, tuple[float, float]]
    size: float


def smallest_change(
    result: RatingResult, city: str, rank: int, indicators: Sequence[str] = (), best: Mapping[str, float] | None = None,
    year: int | None = None,
) -> Needed | None:
    """The smallest relative change of some indicators together that brings the city to `rank` or better, scales frozen.

    The size of a change is sqrt(sum((new - old)^2 / old^2)); an old value of 0 is measured by the range of the indicator instead. With
    weighted means over linear scales the answer is the optimum (each indicator moves by its gain per relative change, as far as it
    can); otherwise the gains are taken anew along the way a few times, and the best answer found is given. It always holds: it
    is computed by the rating itself.

    Args:
        result: the rating.
        city: who wants to rise.
        rank: the rank to reach.
        indicators: which may change; none named: all.
        best: raw values that cannot be passed, by indicator. Otherwise the definition's `bounds`, or else the best value that any rated
            city has (per denominator).
        year: which of the city's rows, where the rating is of a panel.

    Missing: None where the rank is out of reach within what is feasible. An indicator without a value cannot change.

    Raises:
        NotFound: the city or an indicator is not in the rating.
        UsageError: `rank` is below 1.
    """
    if rank < 1:
        raise UsageError("a rank is 1 or more", rank=rank)
    held = freeze(result, city, year)
    codes = result.definition.codes(0)
    for code in (*indicators, *(best or {})):
        if code not in codes:
            raise NotFound(f"{code} is no indicator of {result.definition.id}", code=code, allowed=", ".join(codes))
    free = np.array([not indicators or code in indicators for code in codes], dtype=np.bool_)
    limits, sizes = feasible_best(held, best), _sizes(held)
    room = np.where(free, np.nan_to_num((limits - held.values) / sizes * result.plan.directions), 0.0)
    found = _least(held, np.maximum(room, 0.0), sizes * result.plan.directions, rank)
    if found is None:
        return None
    x = held.values + found * sizes * result.plan.directions
    values = {
        codes[i]: (float(held.values[i] * held.divisor[i]), float(x[i] * held.divisor[i])) for i in np.flatnonzero(found > 0)
    }
    return Needed(city, float(held.ranks(x[None])[0]), values, float(np.sqrt((found**2).sum())))


def feasible_best(held: Frozen, best: Mapping[str, float] | None = None) -> Floats:
    """The best value of each indicator (after denomination) that a change may reach."""
    plan, values = held.result.plan, held.result.imputed.values
    up = plan.directions > 0
    seen = np.where(up, known_max(values), known_min(values))
    bound = np.where(up, plan.bounds[1], plan.bounds[0]) / held.divisor
    found = np.where(np.isfinite(bound), bound, seen)
    for i, code in enumerate(held.result.definition.codes(0)):
        if best and code in best:
            found[i] = best[code] / held.divisor[i]
    return np.asarray(found)


def _sizes(held: Frozen) -> Floats:
    values = held.result.imputed.values
    span = known_max(values) - known_min(values)
    own = np.abs(held.values)
    return np.asarray(np.where(own > 0, own, np.where(span > 0, span, 1.0)))


def _least(held: Frozen, room: Floats, unit: Floats, rank: int) -> Floats | None:
    """Relative changes, each within its room, of the smallest size found that reaches the rank."""

    def reached(steps: Floats) -> Bools:
        return np.asarray(held.ranks(held.values + steps * unit) <= rank)

    if reached(np.zeros((1, len(room))))[0]:
        return np.zeros(len(room))
    if not reached(room[None])[0]:
        return None
    best, ends = None, room
    for _ in range(_ROUNDS):
        gains = _gains(held, ends, unit)
        if not (gains > 0).any():
            break
        # Far enough along the gains every indicator that helps is at its limit.
        far = float((room[gains > 0] / gains[gains > 0]).max())
        steps = _first(gains, room, reached, far)
        if steps is None:
            break
        if best is None or (steps**2).sum() < (best**2).sum():
            best = steps
        ends = np.where(steps > 0, steps, room * 1e-3)
    return room if best is None else best


def _gains(held: Frozen, ends: Floats, unit: Floats) -> Floats:
    """Gain of score per relative change, from here to `ends`, each indicator by itself."""
    moved = held.values + np.diag(ends * unit)
    scores = held.scores(np.concatenate([held.values[None], moved]))[:, held.row]
    gains = np.divide(scores[1:] - scores[0], ends, out=np.zeros_like(ends), where=ends > 0)
    return np.asarray(np.maximum(np.nan_to_num(gains), 0.0))


def _first(gains: Floats, room: Floats, reached: Callable[[Floats], Bools], far: float) -> Floats | None:
    """The first point along the gains, each within its room, at which the rank is reached, to a part in a million of the way."""
    low, high = 0.0, far
    found = None
    for _ in range(_ROUNDS):
        along = np.linspace(low, high, _GRID)
        points = np.minimum(along[:, None] * gains, room)
        hits = np.flatnonzero(reached(points))
        if not hits.size:
            return found
        found = points[hits[0]]
        low, high = along[max(hits[0] - 1, 0)], along[hits[0]]
    return found
