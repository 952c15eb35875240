"""Run a rating many times over, each time with the draws that one vector of uniform numbers stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from interurban.errors import UsageError
from interurban.ratings.definition.parse import changed
from interurban.ratings.definition.records import Definition
from interurban.ratings.flow import (
    apply_scales,
    apply_treatments,
    denominated,
    imputed,
    level_scores,
    level_weights,
    normalised,
    treated,
)
from interurban.ratings.plan import cells_of_class
from interurban.ratings.rate import rate
from interurban.ratings.result import RatingResult
from interurban.ratings.runs.draws import noisy_inputs, noisy_weights, normals, stream
from interurban.ratings.steps.numbers import Floats, significant
from interurban.ratings.steps.rank import ranks_within
from interurban.ratings.table import Table

CELLS_AT_ONCE = 1_000_000  # values held at a time: a few copies of them fit into the caches of a core
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """Scores and ranks (runs, rows) of all runs, the design `u` (runs, factors) behind them, and the rating without any noise."""

    nominal: RatingResult
    u: Floats
    seed: int
    scores: Floats
    ranks: Floats

    @property
    def failed_share(self) -> Floats:
        """Share of runs in which a city got no score, by row."""
        return np.asarray(np.isnan(self.scores).mean(axis=0))


def run_design(
    definition: Definition, table: Table, u: Floats, seed: int, frozen: Table | None = None, progress: Progress | None = None
) -> Runs:
    """One run per row of `u`.

    Args:
        definition: the rating, with its factors; column i of `u` is that of factor i.
        table: the data.
        u: numbers in [0, 1).
        seed: of the streams behind noise of many parts.
        frozen: a table whose treatments and scales are used instead of new ones for every run: a what-if with a scale that stays.
        progress: called with the number of runs done since the last call.

    Raises:
        UsageError: the definition has no factors; a choice changes which cities are rated; a city has no score at all.
    """
    factors = definition.factors
    if not factors or u.shape[1] != len(factors):
        raise UsageError("nothing is uncertain: the definition has no factors", place="factors", found=len(factors), allowed="at least one")
    nominal = rate(definition, table)
    scores = np.empty((len(u), len(nominal.cities)))
    for changes, rows in _combinations(definition, u):
        variant = rate(changed(definition, changes), table, reuse=nominal) if changes else nominal
        if variant.cities != nominal.cities:
            raise UsageError("a choice changes which cities are rated; ranks of different sets cannot be compared", choice=str(changes))
        base = rate(variant.definition, frozen) if frozen is not None else None
        size = max(1, CELLS_AT_ONCE // variant.plan.raw.size)
        for start in range(0, len(rows), size):
            block = rows[start: start + size]
            scores[block] = _block(variant, u[block], seed, base)
            if progress:
                progress(len(block))
    scores = significant(scores)
    return Runs(nominal, u, seed, scores, ranks_within(scores, nominal.plan.years))


def _combinations(definition: Definition, u: Floats) -> list[tuple[dict[str, object], npt.NDArray[np.int64]]]:
    """Changes to the definition by the choices, with the runs of each combination that occurs."""
    choices = [(i, factor) for i, factor in enumerate(definition.factors) if factor.kind == "choice"]
    if not choices:
        return [({}, np.arange(len(u)))]
    picks = np.stack([(u[:, i] * len(factor.options["values"])).astype(np.int64) for i, factor in choices], axis=1)
    found = []
    for combination in np.unique(picks, axis=0):
        values = {
            place: factor.options["values"][at]
            for (_, factor), at in zip(choices, combination, strict=True) for place in factor.options["places"]
        }
        found.append((values, np.flatnonzero((picks == combination).all(axis=1))))
    return found


def _block(variant: RatingResult, u: Floats, seed: int, base: RatingResult | None) -> Floats:
    """Top scores (runs, rows); without noise of inputs all steps up to normalisation are those of the variant itself."""
    plan = variant.plan
    kinds = {factor.kind for factor in plan.definition.factors}
    if kinds & {"inputs", "imputation"} or base is not None:
        values = _values(variant, u, seed)
        even = apply_treatments(base.treated.treatments, values) if base else treated(plan, values).values
        scores = apply_scales(base.normalised.scales, even) if base else normalised(plan, even).values
    else:
        scores = variant.normalised.values
    weights = _drawn_weights(variant, u, seed)
    for level in range(len(plan.definition.levels)):
        used = weights[level] if level in weights else level_weights(plan, level, scores)
        # How much must be known is a rule, and is not drawn: else a city near the limit would have a score in some runs only.
        scores = level_scores(plan, level, scores, used, variant.levels[level].weights if level in weights else None)
    return np.broadcast_to(scores[..., 0, :], (len(u), scores.shape[-1]))


def _values(variant: RatingResult, u: Floats, seed: int) -> Floats:
    """Values after imputation, with the noise of inputs and of what was put in."""
    plan = variant.plan
    factors = {factor.kind: i for i, factor in enumerate(plan.definition.factors) if factor.kind in ("inputs", "imputation")}
    raw = plan.raw
    if "inputs" in factors:
        at = factors["inputs"]
        raw = noisy_inputs(raw, _input_sd(variant), normals(seed, at, u[:, at], raw.shape), plan.bounds)
    whole = imputed(plan, denominated(plan, raw))
    if not factors or not whole.put_in.any():
        return whole.values
    # Without a factor of its own the noise of what was put in goes with the inputs, on a stream that no factor has.
    at = factors.get("imputation", factors.get("inputs", 0))
    cells = whole.put_in.reshape(-1, *raw.shape[-2:])[0]
    noise = np.zeros((len(u), *cells.shape))
    noise[:, cells] = normals(seed, at + len(u[0]), u[:, at], (int(cells.sum()),))
    return whole.values + whole.spread * noise


def _input_sd(variant: RatingResult) -> Floats:
    """Standard deviation of every raw value: a share of it by its confidence class, or what the definition says of the indicator."""
    sd = np.zeros(variant.plan.raw.shape)
    for name, cells in cells_of_class(variant.plan).items():
        sd[cells] = variant.definition.confidence[name]
    sd *= variant.plan.raw
    for i, each in enumerate(variant.definition.indicators):
        if each.noise_sd is not None:
            sd[i] = each.noise_sd
    return sd


def _drawn_weights(variant: RatingResult, u: Floats, seed: int) -> Mapping[int, Floats]:
    """Weights (runs, members) of the levels that a factor moves, about those of the variant; several factors of a level act in turn."""
    drawn: dict[int, Floats] = {}
    nominal = [each.weights for each in variant.levels]
    for i, factor in enumerate(variant.definition.factors):
        if factor.kind == "weights":
            streams = [stream(seed, i, each) for each in u[:, i]]
            for level, moved in noisy_weights(variant.definition, factor, nominal, streams).items():
                usual = np.where(nominal[level] > 0, nominal[level], 1)
                drawn[level] = drawn[level] * moved / usual if level in drawn else moved
    return drawn
