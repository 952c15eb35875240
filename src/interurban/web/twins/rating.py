"""The pages of ratings, as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from interurban.ratings.questions.gains import Gain
from interurban.web.twins.shared import NameTwin


@dataclass(frozen=True)
class ScoreTwin:
    """A city in a rating: rank as an interval of 90 % of runs, point rank and score, of how much of the weight, by direction."""

    city: str
    name: str
    rank: int
    score: float
    known_share: float
    rank_low: float
    rank_high: float
    mean_rank: float
    parts: dict[str, float | None]
    scores: dict[str, float | None]


@dataclass(frozen=True)
class RatingNameTwin(NameTwin):
    """A rating that comes with the program."""

    version: int
    notes: str | None


@dataclass(frozen=True)
class LeftOutTwin:
    """A city without a score.

    `why` is "rule" (the definition's rule of cities), "screen" (too few indicators known; `known_share` is of these) or "floor" (too little
    of the weight known; `missing` are the directions without a score).
    """

    city: str
    name: str
    why: Literal["rule", "screen", "floor"]
    known_share: float | None
    missing: list[str]


@dataclass(frozen=True)
class WhatIfTwin:
    """Score and rank before and after other values, and all scores that moved; null where there is no score."""

    city: str
    score_before: float | None
    score_after: float | None
    rank_before: float | None
    rank_after: float | None
    moved: dict[str, tuple[float | None, float | None]]


@dataclass(frozen=True)
class RatedCityTwin:
    """One city in a rating: its values, what would move it most, what other values would give."""

    city: str
    values: dict[str, float | None]
    what_if: WhatIfTwin | None
    gains: list[Gain]


@dataclass(frozen=True)
class RatingTwin:
    """A rating, made with the published weights or the reader's own."""

    id: str
    version: int
    weights: dict[str, float]
    own_weights: dict[str, float]
    runs: int
    seed: int
    ranking: list[ScoreTwin]
    left_out: list[LeftOutTwin]
    groups_not_told_apart: list[list[str]]
    city: RatedCityTwin | None
