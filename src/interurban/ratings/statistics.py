"""What the data of a rating say about its structure: who says the same, who contradicts, what holds a pillar together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from interurban.errors import UsageError
from interurban.ratings.definition.records import Definition
from interurban.ratings.result import RatingResult
from interurban.ratings.steps.ahp import ahp, ahp_of_experts
from interurban.ratings.steps.correlate import correlations, covariances
from interurban.ratings.steps.numbers import Floats

__all__ = ["correlations", "covariances"]


@dataclass(frozen=True, slots=True)
class Flags:
    """Limits at which a correlation of two members of one node is worth a second look."""

    negative: float = -0.4  # at or below: they pull against each other
    weak: float = 0.3  # between -weak and weak: they have little to do with each other
    redundant: float = 0.92  # at or above: they say the same twice


@dataclass(frozen=True, slots=True)
class FlaggedPair:
    """Two members of one node, their correlation, and what it tells: "negative", "weak", "redundant" or ""."""

    node: str
    first: str
    second: str
    correlation: float
    flag: str


def flagged_pairs(result: RatingResult, flags: Flags | None = None) -> tuple[FlaggedPair, ...]:
    """Correlations of the scores of all pairs that belong to one node, lowest level first."""
    limits = flags or Flags()
    found = []
    for level, rules in enumerate(result.definition.levels):
        codes = result.definition.codes(level)
        for node, positions in zip(rules.parents, result.definition.children(level).values(), strict=True):
            r = correlations(_scores(result, [codes[i] for i in positions]))
            for a, i in enumerate(positions):
                for b in range(a + 1, len(positions)):
                    value = float(r[a, b])
                    found.append(FlaggedPair(node, codes[i], codes[positions[b]], value, _flag(value, limits)))
    return tuple(found)


def correlations_with_parent(result: RatingResult) -> dict[str, float]:
    """Correlation of every indicator and node with the node that it belongs to: below about 0.3 it hardly counts there."""
    found = {}
    for level in range(len(result.definition.levels)):
        codes = result.definition.codes(level)
        for node, positions in result.definition.children(level).items():
            for i in positions:
                found[codes[i]] = float(correlations(_scores(result, [codes[i], node]))[0, 1])
    return found


def rank_correlations(y: Floats) -> Floats:
    """Spearman's correlations (k, k) of (k, cities): those of the ranks, ties sharing the mean rank, over cities that have both."""
    from scipy.stats import rankdata

    k = len(y)
    found = np.ones((k, k))
    for a in range(k):
        for b in range(a + 1, k):
            both = ~np.isnan(y[a]) & ~np.isnan(y[b])
            pair = np.array([rankdata(y[a, both]), rankdata(y[b, both])])
            found[a, b] = found[b, a] = correlations(pair)[0, 1] if both.sum() > 1 else np.nan
    return found


def cronbach_alpha(y: Floats) -> float:
    """k/(k-1) (1 - sum of variances / sum of covariances): how far the children measure one thing.

    Covariances are over the cities that both have; over complete cities only, the answer is another.
    Source: L. J. Cronbach (1951), Psychometrika 16(3), doi 10.1007/BF02310555.
    """
    covariance = covariances(y)
    k = len(y)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())) if k > 1 else np.nan


def kmo(y: Floats) -> float:
    """Kaiser-Meyer-Olkin measure: sum of r^2 / (sum of r^2 + sum of partial r^2) off the diagonal; below 0.5 no factor is worth seeking.

    Missing: NaN where the correlation matrix has no inverse.
    Source: H. F. Kaiser (1974), Psychometrika 39(1), doi 10.1007/BF02291575.
    """
    r = correlations(y)
    if np.isnan(r).any() or np.linalg.cond(r) > 1e12:
        return np.nan
    inverse = np.linalg.inv(r)
    scale = np.sqrt(np.diag(inverse))
    partial = -inverse / np.outer(scale, scale)
    off = ~np.eye(len(r), dtype=np.bool_)
    return float((r[off] ** 2).sum() / ((r[off] ** 2).sum() + (partial[off] ** 2).sum()))


@dataclass(frozen=True, slots=True)
class Components:
    """Principal components of the correlation matrix: eigenvalues, shares of variance, loadings (children, components).

    `kaiser` is the number of eigenvalues above 1.
    """

    eigenvalues: Floats
    shares: Floats
    loadings: Floats
    kaiser: int


def principal_components(y: Floats) -> Components:
    """Components of (k, cities), largest first; each one's sign makes the sum of its loadings positive.

    Raises:
        UsageError: a correlation is not known (a constant child, or two without common cities).
    """
    r = correlations(y)
    if np.isnan(r).any():
        raise UsageError("principal components need all correlations; a child is constant or shares no cities with another")
    values, vectors = np.linalg.eigh(r)
    values, vectors = values[::-1], vectors[:, ::-1]
    vectors = vectors * np.where(vectors.sum(axis=0) < 0, -1.0, 1.0)
    return Components(values, values / values.sum(), vectors, int((values > 1 + 1e-12).sum()))


@dataclass(frozen=True, slots=True)
class Consistency:
    """Consistency ratio of the judgements about one node's children, of one expert (counted from 1) or of all together (0)."""

    node: str
    expert: int
    ratio: float


def consistency(definition: Definition) -> tuple[Consistency, ...]:
    """How far experts' pairwise judgements agree with themselves; above 0.1 they are worth asking again."""
    found = []
    for level in definition.levels:
        for node, matrices in level.weigh.options.get("judgements", {}).items():
            found.append(Consistency(node, 0, ahp_of_experts(np.array(matrices)).consistency_ratio))
            found += [Consistency(node, i, ahp(np.array(each)).consistency_ratio) for i, each in enumerate(matrices, 1)]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class DenominatorPair:
    """Correlation of an indicator with a denominator before (`raw`) and after denomination.

    High before: the indicator grows with the city and wants that denominator. High after: it was not the right one.
    """

    indicator: str
    denominator: str
    raw: float
    denominated: float


def indicator_and_denominator(result: RatingResult) -> tuple[DenominatorPair, ...]:
    """Every indicator against every denominator that the definition uses, over the cities that the rule chose."""
    plan = result.chosen
    names = sorted({each.denominator for each in plan.definition.indicators if each.denominator})
    after = result.output("denominate")
    found = []
    for i, indicator in enumerate(plan.definition.indicators):
        for name in names:
            size = plan.table.columns[name]
            raw, denominated = (float(correlations(np.array([values, size]))[0, 1]) for values in (plan.raw[i], after[i]))
            found.append(DenominatorPair(indicator.code, name, raw, denominated))
    return tuple(found)


def _scores(result: RatingResult, codes: Sequence[str]) -> Floats:
    return np.array([result.scores(code) for code in codes])


def _flag(value: float, flags: Flags) -> str:
    if value <= flags.negative:
        return "negative"
    if value >= flags.redundant:
        return "redundant"
    return "weak" if abs(value) < flags.weak else ""
