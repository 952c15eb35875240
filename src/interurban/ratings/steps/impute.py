"""Imputation: values put in for missing ones, always flagged, each with the spread that the uncertainty run gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from interurban.ratings.definition.methods import Method
from interurban.ratings.steps.numbers import Bools, Floats, known_max, known_mean, known_median, known_min, known_sd

Parts = Sequence[np.ndarray[tuple[int, ...], np.dtype[np.int64]]]  # positions that belong together, part by part


@dataclass(frozen=True, slots=True)
class Imputed:
    """Values with what was put in, where that is, and the standard deviation of what was put in (0 elsewhere)."""

    values: Floats
    put_in: Bools
    spread: Floats


@dataclass(frozen=True, slots=True)
class Structure:
    """What imputation needs to know of rows and columns: groups of cities, pillars of indicators, series of one city by year."""

    groups: Parts
    pillars: Parts
    directions: Floats
    series: Parts
    years: Floats


def impute(x: Floats, method: Method, structure: Structure) -> Imputed:
    """Put in values for the missing of (…, indicators, cities).

    Missing: what the method cannot tell (a group of which nothing is known, a year before any) stays missing.
    """
    missing = np.isnan(x)
    if method.name == "none" or not missing.any():
        return Imputed(x, np.zeros_like(missing), np.zeros_like(x))
    guess, spread = _GUESSES[method.name](x, structure)
    put_in = missing & ~np.isnan(guess)
    return Imputed(np.where(put_in, guess, x), put_in, np.where(put_in, np.nan_to_num(spread), 0.0))


def by_column(x: Floats, middle: Callable[[Floats], Floats], parts: Parts | None = None) -> tuple[Floats, Floats]:
    """The middle (mean or median) of the known values of the same indicator, of all cities or of the city's own group.

    The spread is the standard deviation of the values that the middle is taken of.
    """
    guess, spread = np.full_like(x, np.nan), np.full_like(x, np.nan)
    for part in [np.arange(x.shape[-1])] if parts is None else parts:
        known = x[..., part]
        guess[..., part] = middle(known)[..., None]
        spread[..., part] = known_sd(known)[..., None]
    return guess, spread


def by_row(x: Floats, structure: Structure) -> tuple[Floats, Floats]:
    """The city's mean over the other indicators of the pillar, all on 0..1 with their direction, put back on the indicator's scale.

    In a weighted arithmetic mean this says the same as leaving the indicator out ("shadow imputation"), where all weigh alike
    and are normalised by min-max.
    """
    low, span = known_min(x)[..., None], (known_max(x) - known_min(x))[..., None]
    flip = structure.directions[:, None] < 0
    unit = np.divide(x - low, span, out=np.full_like(x, np.nan), where=span > 0)
    unit = np.where(flip, 1 - unit, unit)
    guess = np.full_like(x, np.nan)
    for pillar in structure.pillars:
        guess[..., pillar, :] = known_mean(np.moveaxis(unit[..., pillar, :], -2, -1))[..., None, :]
    return np.where(flip, 1 - guess, guess) * span + low, np.broadcast_to(known_sd(x)[..., None], x.shape)


def over_years(x: Floats, structure: Structure, *, linear: bool) -> tuple[Floats, Floats]:
    """The same city in other years: the last value before, or the line between neighbours; outside them the nearest.

    "last" takes the nearest later value only before the first known one. The spread is the standard deviation of the city's
    known values, that of all values where it has fewer than two.
    """
    guess, spread = np.full_like(x, np.nan), np.broadcast_to(known_sd(x)[..., None], x.shape).copy()
    flat_x, flat_guess = x.reshape(-1, x.shape[-1]), guess.reshape(-1, x.shape[-1])
    for rows in structure.series:
        years = structure.years[rows]
        own = known_sd(x[..., rows])[..., None]
        spread[..., rows] = np.where(np.isnan(own), spread[..., rows], own)
        for values, guesses in zip(flat_x, flat_guess, strict=True):
            known = np.flatnonzero(~np.isnan(values[rows]))
            if known.size:
                guesses[rows] = _along(years, years[known], values[rows][known], linear=linear)
    return guess, spread


def _along(at: Floats, known_at: Floats, known: Floats, *, linear: bool) -> Floats:
    order = np.argsort(known_at)
    if linear:
        return np.asarray(np.interp(at, known_at[order], known[order]))
    return known[order][np.maximum(np.searchsorted(known_at[order], at, side="right") - 1, 0)]


_GUESSES: Mapping[str, Callable[[Floats, Structure], tuple[Floats, Floats]]] = {
    "mean": lambda x, _: by_column(x, known_mean),
    "median": lambda x, _: by_column(x, known_median),
    "group-mean": lambda x, structure: by_column(x, known_mean, structure.groups),
    "group-median": lambda x, structure: by_column(x, known_median, structure.groups),
    "pillar": by_row,
    "panel-last": lambda x, structure: over_years(x, structure, linear=False),
    "panel-linear": lambda x, structure: over_years(x, structure, linear=True),
}
