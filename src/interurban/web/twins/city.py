"""The page of a city, as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from interurban.web.twins.shared import RankedTwin


@dataclass(frozen=True)
class DayFigureTwin:
    """A recorded value of a day with the number of its observation."""

    value: float
    observation: str


@dataclass(frozen=True)
class CityDayTwin:
    """A reconstructed day with what is recorded of it by indicator."""

    date: str
    figures: dict[str, DayFigureTwin]


@dataclass(frozen=True)
class RecordedRankTwin:
    """The rank that was last recorded."""

    rank: float
    time_period: str
    observation: str


@dataclass(frozen=True)
class PositionTwin:
    """Where a city stands in a rating among `count`."""

    rating: str
    version: int
    name: str
    rank: int
    rank_low: float
    rank_high: float
    score: float
    known_share: float
    count: int
    recorded: RecordedRankTwin | None


@dataclass(frozen=True)
class CityTwin:
    """All that is known of a city; `peers` are cities of similar size, `feeds` its sources of timetables."""

    id: str
    names: dict[str, str | None]
    country: str
    timezone: str
    wikidata: str | None
    unlocode: str | None
    point: tuple[float, float] | None
    figures: list[RankedTwin]
    peers: list[str]
    feeds: list[int]
    reconstructed_days: list[CityDayTwin]
    ratings: list[PositionTwin]
