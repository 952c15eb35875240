"""Weights of the children of every node of a level, by the level's method."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from interurban.ratings.definition.records import Definition
from interurban.ratings.steps.ahp import ahp_of_experts
from interurban.ratings.steps.budget import budget_weights
from interurban.ratings.steps.data_weights import critic_weights, entropy_weights
from interurban.ratings.steps.numbers import Floats
from interurban.ratings.steps.pca_weights import pca_weights
from interurban.ratings.steps.tuned import tuned_weights

# Weights that depend on the scores, and so on the run.
FROM_SCORES: Mapping[str, Callable[[Floats], Floats]] = {"pca": pca_weights, "entropy": entropy_weights, "critic": critic_weights}


def weigh(definition: Definition, level: int, scores: Floats) -> Floats:
    """Weights (…, children) for the scores (…, children, cities) of the level below.

    Missing: NaN where a method gives no usable weights (a negative one from PCA): the nodes of these children then have no score.
    """
    weights = np.asarray(definition.own_weights(level))
    method = definition.levels[level].weigh
    if method.name == "given":
        return weights
    varying = method.name in FROM_SCORES
    result = np.broadcast_to(np.ones_like(weights), (*scores.shape[:-2], weights.size) if varying else weights.shape).copy()
    for node, positions in definition.children(level).items():
        at = list(positions)
        if varying:
            found = FROM_SCORES[method.name](scores[..., at, :])
            result[..., at] = np.where((found < 0).any(axis=-1, keepdims=True), np.nan, found)
        elif method.name != "equal":
            result[at] = _agreed(definition, level, node, [definition.codes(level)[i] for i in at], scores[..., at, :])
    return result


def _agreed(definition: Definition, level: int, node: str, children: Sequence[str], scores: Floats) -> Floats:
    """Weights that experts gave, or that are tuned on the first run and then hold for all: they are part of the rating's rules."""
    method = definition.levels[level].weigh
    match method.name:
        case "ahp":
            return ahp_of_experts(np.array(method.options["judgements"][node])).weights
        case "budget":
            points = method.options["points"][node]
            return budget_weights(np.array([points[child] for child in children]).T)
    wanted = method.options["importances"][node]
    return tuned_weights(scores.reshape(-1, *scores.shape[-2:])[0], np.array([wanted[child] for child in children])).weights


def effective_weights(definition: Definition, weights: Sequence[Floats]) -> list[Floats]:
    """Share of every member of every level in the top node: products of w / sum of siblings' w down from the top.

    `weights` has one array per level, the lowest first; so has the answer, and each of its arrays sums to 1.
    """
    shares: list[Floats] = []
    above = np.ones(1)
    for level in reversed(range(len(definition.levels))):
        share = np.zeros(len(weights[level]))
        for node, positions in enumerate(definition.children(level).values()):
            at = list(positions)
            share[at] = above[node] * weights[level][at] / weights[level][at].sum()
        shares.insert(0, share)
        above = share
    return shares
