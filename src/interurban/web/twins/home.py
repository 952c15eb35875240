"""The first page, as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from interurban.web.twins.compare import ComparedTwin
from interurban.web.twins.rating import ScoreTwin
from interurban.web.twins.shared import NameTwin, RankedTwin


@dataclass(frozen=True)
class PlaceTwin(NameTwin):
    """A city on the map."""

    country: str
    population: float | None
    lat: float | None
    lon: float | None


@dataclass(frozen=True)
class FeaturedTwin:
    """A ranking to begin with."""

    indicator: str
    ranking: list[RankedTwin]


@dataclass(frozen=True)
class LeadersTwin:
    """The first cities of a rating, of `count` that it ranks."""

    id: str
    version: int
    ranking: list[ScoreTwin]
    count: int


@dataclass(frozen=True)
class NewsTwin:
    """Something new: values of an origin, a feed version, or a reconstructed service day."""

    date: str
    kind: Literal["values", "feed", "day"]
    cities: list[str]
    origin: str | None = None
    values: int | None = None
    ratings: list[str] | None = None
    source_id: int | None = None
    feed_version_id: int | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    service_date: str | None = None


@dataclass(frozen=True)
class HomeTwin:
    """The first page."""

    cities: list[PlaceTwin]
    observations: int
    indicators: list[str]
    featured: FeaturedTwin | None
    news: list[NewsTwin]
    compared: ComparedTwin | None
    rating: LeadersTwin | None
