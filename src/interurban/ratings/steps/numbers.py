"""Numbers as every step reads them: missing is NaN, and what agrees in 12 significant digits is equal."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

DIGITS = 12
_SMALLEST = -290  # below 10 to this power rounding is absolute: the scale would leave the range of a float
_POWERS = np.array([float(f"1e{power}") for power in range(309)])  # looked up: to raise to a power takes most of the time otherwise


def significant(x: npt.ArrayLike, digits: int = DIGITS) -> Floats:
    """`x` rounded to so many significant digits; 0, infinities and NaN stay.

    Two values that arithmetic in another order, or a table written with 15 digits, has set apart by a unit in the last place
    are equal again. Ranks, comparisons and published scores are made of these.

    Example:
        3.3999999999999999 and 3.4000000000000004 both give 3.4.
    """
    values = np.asarray(x, dtype=np.float64)
    size = np.abs(values)
    finite = np.isfinite(values) & (size > 0)
    exponent = np.floor(np.log10(size, out=np.zeros_like(size), where=finite))
    # Powers beyond 22 are no exact floats: dividing by the power keeps decimal numbers as they are written.
    power = (digits - 1 - np.maximum(exponent, _SMALLEST)).astype(np.int64)
    up, down = _POWERS[np.maximum(power, 0)], _POWERS[np.maximum(-power, 0)]
    with np.errstate(invalid="ignore", over="ignore"):
        rounded = np.rint(values / down * up) / up * down
    return np.where(finite & np.isfinite(rounded), rounded, values)


def known_count(x: Floats) -> npt.NDArray[np.int64]:
    """How many values along the last axis are not missing."""
    return np.asarray((~np.isnan(x)).sum(axis=-1), dtype=np.int64)


def known_mean(x: Floats) -> Floats:
    """Mean along the last axis of what is not missing; NaN where nothing is known."""
    n = known_count(x)
    total = np.nansum(x, axis=-1) if (n < x.shape[-1]).any() else x.sum(axis=-1)
    return np.asarray(np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0))


def known_sd(x: Floats) -> Floats:
    """Standard deviation (divisor n - 1) along the last axis of what is not missing; NaN for fewer than two values."""
    n = known_count(x)
    apart = x - known_mean(x)[..., None]
    squares = np.nansum(apart * apart, axis=-1)
    return np.asarray(np.sqrt(np.divide(squares, n - 1, out=np.full(n.shape, np.nan), where=n > 1)))


def known_min(x: Floats) -> Floats:
    """Smallest known value along the last axis; NaN where nothing is known."""
    return np.asarray(np.fmin.reduce(x, axis=-1))


def known_max(x: Floats) -> Floats:
    """Largest known value along the last axis; NaN where nothing is known."""
    return np.asarray(np.fmax.reduce(x, axis=-1))


def known_median(x: Floats) -> Floats:
    """Median along the last axis of what is not missing; NaN where nothing is known."""
    n = known_count(x)
    ordered = np.sort(x, axis=-1)  # NaN goes to the end
    low, high = np.maximum(n - 1, 0) // 2, np.maximum(n, 1) // 2
    pick = [np.take_along_axis(ordered, np.minimum(at, x.shape[-1] - 1)[..., None], axis=-1)[..., 0] for at in (low, high)]
    return np.where(n > 0, (pick[0] + pick[1]) / 2, np.nan)
