"""What changed since: how much of a city's change of score is its own, and how much came from the others."""

from __future__ import annotations

from dataclasses import dataclass

from interurban.errors import UsageError
from interurban.ratings.questions.frozen import freeze
from interurban.ratings.result import RatingResult


@dataclass(frozen=True, slots=True)
class Change:
    """total = own + others. `own`: the city's new values under the old scales and weights; `others`: the scales and weights moved."""

    city: str
    before: float
    after: float
    own: float
    others: float
    rank_before: float
    rank_after: float


def changes(before: RatingResult, after: RatingResult) -> tuple[Change, ...]:
    """Every city that both ratings have, in the order of the later one; the two use one definition's indicators and tree.

    Under fixed goalposts and given weights all change is a city's own.

    Raises:
        UsageError: the ratings differ in their indicators or nodes, or one is of a panel.
    """
    depth = range(len(before.definition.levels))
    if len(after.definition.levels) != len(depth) or any(before.definition.codes(i) != after.definition.codes(i) for i in depth):
        raise UsageError("the two ratings have different indicators or nodes; a change between them has no meaning")
    if before.years is not None or after.years is not None:
        raise UsageError("compare ratings of one year each; a panel on one scale shows change by its scores already")
    found = []
    for row, city in enumerate(after.cities):
        if city not in before.cities:
            continue
        held = freeze(before, city)
        old = float(before.scores()[held.row])
        new = float(after.scores()[row])
        under_old = float(held.scores(after.imputed.values[:, row][None])[0, held.row])
        ranks = float(before.ranks()[held.row]), float(after.ranks()[row])
        found.append(Change(city, old, new, under_old - old, new - under_old, *ranks))
    return tuple(found)


def yearly_growth(first: float, last: float, years: float) -> float:
    """(last / first)^(1 / years) - 1, the compound annual growth rate.

    Raises:
        UsageError: a value is not above 0, or no time lies between them: growth by a factor is not defined there.
    """
    if first <= 0 or last <= 0 or years <= 0:
        raise UsageError("growth needs two values above 0 and some years between them", first=first, last=last, years=years)
    return float((last / first) ** (1 / years) - 1)
