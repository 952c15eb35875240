"""What a factor does in a run, as a function of one uniform number.

A run is one vector u in [0, 1)^d, one number per factor. A factor with many parts (the noise of every cell) takes its u as the name of a
stream of random numbers: the same seed, factor and u give the same noise in whatever run and order, on any machine. So a design can
hold a factor while it moves the others, and runs can be made in blocks of any size.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from interurban.ratings.definition.records import Definition, Factor
from interurban.ratings.steps.budget import resampled_experts
from interurban.ratings.steps.numbers import Bools, Floats


def stream(seed: int, factor: int, u: float) -> np.random.Generator:
    """The random numbers of one factor at one u."""
    bits = int(np.float64(u).view(np.uint64))
    # The first word of the key tells seeds and factors apart, the second the values of u.
    return np.random.Generator(np.random.Philox(key=(bits << 64) | ((seed * 1_000_003 + factor) & 0xFFFF_FFFF_FFFF_FFFF)))


def normals(seed: int, factor: int, u: Floats, shape: tuple[int, ...]) -> Floats:
    """Standard normal numbers (runs, *shape), one stream per run."""
    drawn = np.empty((len(u), *shape))
    for run, each in enumerate(u):
        stream(seed, factor, each).standard_normal(out=drawn[run])
    return drawn


def noisy_inputs(raw: Floats, sd: Floats, noise: Floats, bounds: tuple[Floats, Floats]) -> Floats:
    """x + sd e, kept inside the indicator's bounds, in place of the standard normal `noise`; missing stays missing."""
    noise *= sd
    noise += raw
    if np.isfinite(bounds[0]).any() or np.isfinite(bounds[1]).any():
        np.clip(noise, bounds[0][:, None], bounds[1][:, None], out=noise)
    return noise


def noisy_weights(
    definition: Definition, factor: Factor, nominal: Sequence[Floats], streams: Sequence[np.random.Generator]
) -> dict[int, Floats]:
    """Weights (runs, members) of the factor's levels, about the nominal ones by level.

    Members that are not among its `nodes` (none named: all) keep theirs.
    """
    options = factor.options
    drawn = {}
    for level in options["levels"]:
        codes = definition.codes(level)
        moved = np.array([not options["nodes"] or code in options["nodes"] for code in codes], dtype=np.bool_)
        match options["how"]:
            case "noise":
                factors = 1 + options["spread"] * (2 * np.array([each.random(len(codes)) for each in streams]) - 1)
                drawn[level] = nominal[level] * np.where(moved, factors, 1.0)
            case "dirichlet":
                drawn[level] = _dirichlet(definition, level, nominal[level], moved, options["concentration"], streams)
            case _:
                drawn[level] = _experts(definition, level, nominal[level], moved, streams)
    return drawn


def _dirichlet(
    definition: Definition, level: int, nominal: Floats, moved: Bools, concentration: float, streams: Sequence[np.random.Generator]
) -> Floats:
    """Shares about the nominal ones, node by node; those that do not move keep their weight, and the others theirs together."""
    drawn = np.tile(nominal, (len(streams), 1))
    for positions in definition.children(level).values():
        at = np.array([i for i in positions if moved[i] and nominal[i] > 0], dtype=np.int64)
        if at.size > 1:
            total = nominal[at].sum()
            gammas = np.array([each.standard_gamma(concentration * nominal[at] / total) for each in streams])
            drawn[:, at] = total * gammas / gammas.sum(axis=1, keepdims=True)
    return drawn


def _experts(definition: Definition, level: int, nominal: Floats, moved: Bools, streams: Sequence[np.random.Generator]) -> Floats:
    drawn = np.tile(nominal, (len(streams), 1))
    codes, all_points = definition.codes(level), definition.levels[level].weigh.options["points"]
    for node, positions in definition.children(level).items():
        at = list(positions)
        if moved[at].all():
            points = np.array([all_points[node][codes[i]] for i in at]).T
            drawn[:, at] = resampled_experts(points, np.array([each.random(len(points)) for each in streams]))
    return drawn
