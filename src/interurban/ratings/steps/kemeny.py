"""Kemeny's order: the one that agrees most with the comparisons of all pairs; compensation between indicators plays no part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interurban.ratings.steps.numbers import Floats, significant
from interurban.ratings.steps.outrank import copeland_of, outranking

EXACT_UP_TO = 12


@dataclass(frozen=True, slots=True)
class KemenyOrder:
    """Cities best first, the sum of O_ab over the pairs in that order, and a bound that no order exceeds.

    `exact`: the order is proved to be a best one; else `bound - agreement` says how much a better one could gain.
    """

    order: tuple[int, ...]
    agreement: float
    bound: float
    exact: bool


def kemeny(outranked: Floats) -> KemenyOrder:
    """The order that maximises the sum of O_ab over a before b.

    Cities fall into classes that no majority leads back from; a best order lists the classes one after another, so each is ordered
    by itself: exactly (dynamic programming over subsets) up to 12 cities, else from Copeland's order by moving single
    cities as long as that gains. Of several best orders the one nearest to Copeland's is taken.
    Source: J. G. Kemeny (1959), Daedalus 88(4); M. Truchon (1998), extended Condorcet criterion, Cahier 9813, Université Laval.
    """
    wins = np.where(np.isnan(outranked), 0.5, outranked)
    order: list[int] = []
    exact, slack = True, 0.0
    for members in _classes(wins):
        inside = wins[np.ix_(members, members)]
        if len(members) <= EXACT_UP_TO:
            placed = _best_order(inside)
        else:
            placed = _climb(inside)
            open_by = float(np.triu(np.maximum(inside, inside.T), 1).sum()) - _agreement(inside, placed)
            slack += open_by
            exact = exact and open_by <= 1e-9
        order += [int(members[i]) for i in placed]
    agreement = _agreement(wins, order)
    return KemenyOrder(tuple(order), agreement, agreement + slack, exact)


def kemeny_scores(y: Floats, weights: Floats) -> Floats:
    """Number of cities after each in Kemeny's order; cities that compare alike with all others share the better place."""
    tables = significant(outranking(y, weights))
    scores = np.empty(tables.shape[:-1])
    for at in np.ndindex(tables.shape[:-2]):
        scores[at] = _positions(tables[at])
    return np.where(np.isnan(y).all(axis=-2), np.nan, scores)


def _positions(outranked: Floats) -> Floats:
    n = outranked.shape[0]
    after = np.empty(n)
    order = kemeny(outranked).order
    for place, city in enumerate(order):
        above = order[place - 1] if place else city
        after[city] = after[above] if place and _alike(outranked, city, above) else n - 1 - place
    return after


def _alike(outranked: Floats, a: int, b: int) -> bool:
    others = np.setdiff1d(np.arange(len(outranked)), [a, b])
    return bool(outranked[a, b] == 0.5 and np.array_equal(outranked[a, others], outranked[b, others], equal_nan=True))


def _classes(wins: Floats) -> list[np.ndarray]:
    """Strongly connected classes of "at least half", best first."""
    from scipy.sparse.csgraph import connected_components

    _, label = connected_components(wins >= 0.5, directed=True, connection="strong")
    groups = [np.flatnonzero(label == each) for each in range(label.max() + 1)]
    # Between two classes all majorities point one way, so the leading class has the higher Copeland scores.
    scores = copeland_of(wins)
    return sorted(groups, key=lambda members: -scores[members].mean())


def _start(wins: Floats) -> list[int]:
    """Copeland's order; between equal scores the larger sum of O decides, then the place in the table."""
    return [int(i) for i in np.lexsort((np.arange(len(wins)), -significant(wins.sum(axis=1)), -copeland_of(wins)))]


def _best_order(wins: Floats) -> list[int]:
    start = _start(wins)
    inside = wins[np.ix_(start, start)]
    n = len(start)
    # gain[a, S]: what a gains by standing before all of S; built up bit by bit.
    best, last = np.zeros(1 << n), np.zeros(1 << n, np.int64)
    gains = np.zeros((n, 1 << n))
    for city in range(n):
        gains[:, 1 << city: 1 << (city + 1)] = gains[:, : 1 << city] + inside[:, city, None]
    for chosen in range(1, 1 << n):
        members = [city for city in range(n) if chosen >> city & 1]
        totals = [best[chosen ^ 1 << city] + gains[city, chosen ^ 1 << city] for city in members]
        # The first in Copeland's order among those that are as good.
        top = max(totals)
        pick = next(i for i, total in enumerate(totals) if total >= top - 1e-9)
        best[chosen], last[chosen] = totals[pick], members[pick]
    order, left = [], (1 << n) - 1
    while left:
        order.append(start[last[left]])
        left ^= 1 << int(last[left])
    return order


def _climb(wins: Floats) -> list[int]:
    order = _start(wins)
    moved = True
    while moved:
        moved = False
        for city in list(order):
            place = order.index(city)
            rest = [other for other in order if other != city]
            # Gain of standing at place p: the city before all from p on, all before p before it.
            gains = np.concatenate([[0.0], np.cumsum(wins[rest, city] - wins[city, rest])])
            target = int(np.argmax(gains))
            if gains[target] > gains[place] + 1e-9:
                rest.insert(target, city)
                order, moved = rest, True
    return order


def _agreement(wins: Floats, order: list[int]) -> float:
    return float(np.triu(wins[np.ix_(order, order)], 1).sum())
