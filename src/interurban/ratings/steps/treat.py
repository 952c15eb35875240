"""Treatment of outliers: found on one set of values, applied to these or to others.

A `Treatment` holds what was found for each indicator: between which limits values are kept, and which curve they are then put
through. So a city's changed value can be treated as the values of the rating were, without moving them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from interurban.ratings.definition.methods import Method
from interurban.ratings.steps.numbers import Bools, Floats, known_max, known_mean, known_min, known_sd
from interurban.ratings.steps.outliers import has_outliers, skew_and_kurtosis

PLAIN, LOG, BOX_COX, SIGNED_LOG = range(4)
_FLOOR = 0.01  # share of the range that a logarithm's argument is kept above 0
_LAMBDAS = np.round(np.arange(-2.0, 2.01, 0.1), 10)


@dataclass(frozen=True, slots=True)
class Treatment:
    """What each indicator's values go through: clipped to `low`..`high`, then put through `curve`.

    All arrays have the shape of the values without the cities. `minimum` and `maximum` are those of the untreated values that
    the curve is made of; `power` is that of Box-Cox.
    """

    low: Floats
    high: Floats
    curve: np.ndarray[tuple[int, ...], np.dtype[np.int8]]
    minimum: Floats
    maximum: Floats
    power: Floats

    def apply(self, x: Floats) -> Floats:
        """`x` as this treatment changes it; outside the range that a logarithm was made for, values are those at its end."""
        # fmin and fmax would turn a missing value into the limit; minimum and maximum keep it missing.
        treated = np.minimum(np.maximum(x, self.low[..., None]), self.high[..., None])
        for curve, bend in _CURVES.items():
            at = self.curve == curve
            if at.any():
                at = np.broadcast_to(at, treated.shape[:-1])
                minimum, maximum, power = (np.broadcast_to(a, at.shape)[at][:, None] for a in (self.minimum, self.maximum, self.power))
                treated[at] = bend(treated[at], minimum, maximum, power)
        return treated


def untreated(x: Floats) -> Treatment:
    """The treatment that changes nothing."""
    shape = x.shape[:-1]
    return Treatment(
        np.full(shape, -np.inf), np.full(shape, np.inf), np.zeros(shape, np.int8), known_min(x), known_max(x), np.ones(shape)
    )


def fit_treatment(x: Floats, method: Method) -> Treatment:
    """The treatment that `method` finds for these values (…, indicators, cities)."""
    return _FITS[method.name](x, method.options)


def _nothing(x: Floats, _: Mapping[str, Any]) -> Treatment:
    return untreated(x)


def _winsorise(x: Floats, options: Mapping[str, Any]) -> Treatment:
    """Bring the most extreme values to their neighbours, one distinct value at a time, until the outlier test passes.

    If skew >= 0 all values equal to the largest take the next smaller one, else mirrored at the smallest. When `points` values
    have been changed, or two distinct ones are left, and the test still fails, the untouched values are put through the `otherwise`
    curve instead.
    Source: W. Becker and others (2022), COINr, JOSS 7(78), doi 10.21105/joss.04567, function winsorise and default treatment.
    """
    limits, points = (float(options["skew"]), float(options["kurtosis"])), int(options["points"])
    found = untreated(x)
    columns = x.reshape(-1, x.shape[-1])
    low, high, curve = found.low.reshape(-1), found.high.reshape(-1), found.curve.reshape(-1)
    skew, kurtosis = skew_and_kurtosis(columns)
    failing = np.flatnonzero(has_outliers(skew, kurtosis, *limits))
    skew, work, changed = skew[failing], columns[failing], np.zeros(failing.size, np.int64)
    while failing.size:
        upward = skew >= 0
        work = np.where(upward[:, None], work, -work)
        limit = known_max(np.where(work < known_max(work)[:, None], work, np.nan))
        # Of two values left the extreme one is not brought to the other: nothing would be told apart any more.
        able = (changed < points) & (limit > known_min(work))
        _settle_the_unable(failing[~able], low, high, curve, str(options["otherwise"]))
        failing, upward, work, limit = failing[able], upward[able], work[able], limit[able]
        work = np.minimum(work, limit[:, None])
        high[failing[upward]], low[failing[~upward]] = limit[upward], -limit[~upward]
        work = np.where(upward[:, None], work, -work)
        original = columns[failing]
        changed = ((work != original) & ~np.isnan(original)).sum(axis=-1)
        skew, kurtosis = skew_and_kurtosis(work)
        still = has_outliers(skew, kurtosis, *limits)
        failing, skew, work, changed = failing[still], skew[still], work[still], changed[still]
    return Treatment(
        low.reshape(found.low.shape), high.reshape(found.low.shape), curve.reshape(found.low.shape),
        found.minimum, found.maximum, _powers(x, curve.reshape(found.low.shape)),
    )


def _settle_the_unable(at: np.ndarray, low: Floats, high: Floats, curve: np.ndarray, otherwise: str) -> None:
    low[at], high[at] = -np.inf, np.inf
    curve[at] = {"none": PLAIN, "log": LOG, "box-cox": BOX_COX}[otherwise]


def _clip(x: Floats, options: Mapping[str, Any]) -> Treatment:
    """Clip to mean ± k standard deviations (divisor n - 1), as the Sustainable Cities Mobility Index of Arcadis (2017) does with k = 2."""
    found, width = untreated(x), float(options["deviations"])
    mean, sd = known_mean(x), np.nan_to_num(known_sd(x))
    return Treatment(mean - width * sd, mean + width * sd, found.curve, found.minimum, found.maximum, found.power)


def _bend(curve: int) -> Callable[[Floats, Mapping[str, Any]], Treatment]:
    def fit(x: Floats, options: Mapping[str, Any]) -> Treatment:
        found = untreated(x)
        bent = np.full(found.curve.shape, curve, np.int8)
        if options.get("only_outliers"):
            bent = np.where(has_outliers(*skew_and_kurtosis(x)), bent, PLAIN).astype(np.int8)
        return Treatment(found.low, found.high, bent, found.minimum, found.maximum, _powers(x, bent))

    return fit


_FITS: Mapping[str, Callable[[Floats, Mapping[str, Any]], Treatment]] = {
    "none": _nothing, "winsorise": _winsorise, "clip": _clip, "log": _bend(LOG), "box-cox": _bend(BOX_COX), "signed-log": _bend(SIGNED_LOG),
}


def _log(x: Floats, minimum: Floats, maximum: Floats, _: Floats) -> Floats:
    """log(x - min + 0.01 (max - min))."""
    span = maximum - minimum
    return np.log(np.maximum(x - minimum, 0) + _FLOOR * np.where(span > 0, span, 1))


def _box_cox(x: Floats, minimum: Floats, maximum: Floats, power: Floats) -> Floats:
    """(y^p - 1)/p, log y for p = 0, of y = 1 + (x - min)/(max - min)."""
    span = maximum - minimum
    log_y = np.log1p(np.maximum(x - minimum, 0) / np.where(span > 0, span, 1))
    safe = np.where(power == 0, 1, power)
    return np.where(power == 0, log_y, np.expm1(safe * log_y) / safe)


def _signed_log(x: Floats, *_: Floats) -> Floats:
    """sign(x) log(1 + |x|)."""
    return np.sign(x) * np.log1p(np.abs(x))


_CURVES: Mapping[int, Callable[[Floats, Floats, Floats, Floats], Floats]] = {LOG: _log, BOX_COX: _box_cox, SIGNED_LOG: _signed_log}


def _powers(x: Floats, curve: np.ndarray) -> Floats:
    """Power of Box-Cox by maximum likelihood among -2, -1.9 … 2, for the indicators that take that curve."""
    powers = np.ones(curve.shape)
    at = curve == BOX_COX
    if not at.any():
        return powers
    columns = x[at]
    minimum, maximum = known_min(columns)[:, None], known_max(columns)[:, None]
    n = (~np.isnan(columns)).sum(axis=-1)
    logs = np.nansum(_box_cox(columns, minimum, maximum, np.zeros_like(minimum)), axis=-1)
    likelihoods = []
    for power in _LAMBDAS:
        bent = _box_cox(columns, minimum, maximum, np.full_like(minimum, power))
        spread = np.nan_to_num(known_sd(bent))
        likelihoods.append(-n * np.log(np.maximum(spread, 1e-300)) + (power - 1) * logs)
    powers[at] = _LAMBDAS[np.argmax(likelihoods, axis=0)]
    return powers


def changed_cells(before: Floats, after: Floats) -> Bools:
    """Cells that a treatment changed; missing cells are not."""
    return np.asarray((before != after) & ~np.isnan(before))
