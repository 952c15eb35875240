"""The page of the data to take along, as JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CitedTwin:
    """A source with its licence."""

    source: str
    licence: str | None


@dataclass(frozen=True)
class DataTwin:
    """What there is to take along."""

    observations: int
    cities: list[str]
    indicators: list[str]
    starts: str | None
    ends: str | None
    feeds: list[int]
    sources: list[CitedTwin]
