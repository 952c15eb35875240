"""Make a rating: from a definition and a table to scores and ranks, with every step kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from interurban.errors import DataError
from interurban.ratings.definition.parse import changed
from interurban.ratings.definition.records import Definition
from interurban.ratings.flow import LevelScores, denominated, imputed, level_scores, level_weights, normalised, treated
from interurban.ratings.plan import Plan, make_plan
from interurban.ratings.result import RatingResult, Step
from interurban.ratings.steps.numbers import Floats
from interurban.ratings.steps.screen import screen
from interurban.ratings.table import Table


def rate(definition: Definition, table: Table, reuse: RatingResult | None = None) -> RatingResult:
    """The rating of the cities of a table by a definition.

    Steps in this order: choose cities, denominate, screen, impute, treat, normalise, then for every level from the bottom up weigh and
    aggregate. Nothing is left to chance: the same definition and table give the same result.

    Args:
        definition: how to rate.
        table: one row per city (and year).
        reuse: an earlier result of the same table, whose steps are taken over up to the first whose parameters differ.

    Missing: a value stays missing until imputation puts one in; what is still missing then is left out of its node, whose other
        children share its weight, and a node with too little has no score. A city that screening leaves out is no part of anything.

    Raises:
        DataError: the table lacks what the definition names, no city is left, or weights from the data are of no use.
    """
    chosen = make_plan(definition, table)
    work = _Work(definition, reuse if reuse is not None and reuse.table is table else None)
    values = work.step("denominate", _denomination(definition), lambda: denominated(chosen, chosen.raw))
    limits = definition.screen.options
    screened = work.step(
        "screen", _method(definition.screen),
        lambda: screen(values, limits.get("known", 0.0), limits.get("non_zero", 0.0)),
    )
    if not screened.keep.any():
        known, needed = float(screened.known_share.max()), limits.get("known", 0.0)
        text = f"no city has enough data to be rated: {needed:.0%} of the indicators must be known, of the best known city {known:.0%} are"
        raise DataError(text, code="too_little_known", known=f"{known:.0%}", needed=f"{needed:.0%}")
    plan = chosen if screened.keep.all() else make_plan(definition, chosen.table.rows(np.flatnonzero(screened.keep)))
    whole = work.step("impute", _imputation(definition), lambda: imputed(plan, values[:, screened.keep]))
    even = work.step("treat", _per_indicator(definition, "treat"), lambda: treated(plan, whole.values))
    scores = work.step("normalise", _per_indicator(definition, "normalise"), lambda: normalised(plan, even.values)).values
    for level in range(len(definition.levels)):
        scores = work.step(f"level {level}", _level(definition, level), _one_level(plan, level, scores)).values
    return RatingResult(definition, table, chosen, plan, tuple(work.done))


def rerun(result: RatingResult, changes: Mapping[str, Any]) -> RatingResult:
    """The rating with other values at some places of its definition, made again from the first step that these touch.

    Example:
        rerun(result, {"levels[1].weights.energy": 30, "normalise": {"method": "z"}})
    """
    return rate(changed(result.definition, changes), result.table, reuse=result)


@dataclass
class _Work:
    """Steps done so far, and the earlier result as long as it says the same."""

    definition: Definition
    reuse: RatingResult | None

    def __post_init__(self) -> None:
        self.done: list[Step] = []

    def step(self, name: str, parameters: Mapping[str, Any], make: Callable[[], Any]) -> Any:
        before = self.reuse.steps[len(self.done)] if self.reuse and len(self.done) < len(self.reuse.steps) else None
        if before is not None and before.name == name and before.parameters == parameters:
            self.done.append(before)
            return before.output
        self.reuse = None
        output = make()
        self.done.append(Step(name, parameters, output))
        return output


def _one_level(plan: Plan, level: int, scores: Floats) -> Callable[[], LevelScores]:
    def make() -> LevelScores:
        weights = level_weights(plan, level, scores)
        for node, positions in plan.definition.children(level).items():
            if np.isnan(weights[list(positions)]).any():
                method = plan.definition.levels[level].weigh.name
                place = f"levels[{level}].weigh"
                raise DataError(f"{place}: {method} gives {node} negative or no weights; choose another method", place=place, node=node)
        return LevelScores(level_scores(plan, level, scores, weights), weights)

    return make


def _method(method: Any) -> Mapping[str, Any]:
    return {"method": method.name, **method.options}


def _denomination(definition: Definition) -> Mapping[str, Any]:
    return {
        "cities": definition.cities,
        "indicators": tuple((each.code, each.denominator, each.scale) for each in definition.indicators),
    }


def _imputation(definition: Definition) -> Mapping[str, Any]:
    pillars = tuple((each.parent, each.higher_better) for each in definition.indicators) if definition.impute.name == "pillar" else ()
    wanted = definition.impute.options.get("group")
    return {**_method(definition.impute), "pillars": pillars, "groups": tuple(each for each in definition.groups if each.code == wanted)}


def _per_indicator(definition: Definition, step: str) -> Mapping[str, Any]:
    general = getattr(definition, step)
    marks = tuple((each.higher_better, each.goalposts, each.target, each.reference) for each in definition.indicators)
    return {
        "default": general,
        "indicators": tuple(getattr(each, step) or general for each in definition.indicators),
        "marks": marks if step == "normalise" else (),
        "base_year": definition.base_year,
    }


def _level(definition: Definition, level: int) -> Mapping[str, Any]:
    rules = definition.levels[level]
    return {
        "children": definition.children(level), "weights": definition.own_weights(level), "weigh": rules.weigh,
        "shares": definition.share_weights(level), "aggregate": rules.aggregate, "min_share": rules.min_share,
    }
