"""Screening: a city of which too little is known gets no score rather than a guess."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from interurban.ratings.steps.numbers import Bools, Floats


@dataclass(frozen=True, slots=True)
class Screened:
    """Which cities stay, the share of indicators known of each and the share of the known that are not 0."""

    keep: Bools
    known_share: Floats
    non_zero_share: Floats


def screen(x: Floats, known_share: float = 0.0, non_zero_share: float = 0.0) -> Screened:
    """Keep cities with at least these shares of their indicators (indicators, cities); both limits are included."""
    known = ~np.isnan(x)
    share = known.mean(axis=0)
    non_zero = np.divide((known & (x != 0)).sum(axis=0), known.sum(axis=0), out=np.zeros(x.shape[1]), where=known.any(axis=0))
    # 12 digits, so that 9 of 10 is not below 0.9 by the last bit of a division.
    keep = (np.round(share, 12) >= known_share) & (np.round(non_zero, 12) >= non_zero_share)
    return Screened(keep, share, non_zero)


def indicator_availability(x: Floats) -> Floats:
    """Share of cities of which each indicator is known."""
    return np.asarray((~np.isnan(x)).mean(axis=-1))
