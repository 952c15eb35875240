"""The comparison of cities, as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from interurban.web.twins.shared import RankedTwin


@dataclass(frozen=True)
class ComparedTwin:
    """Cities, and in words how they differ."""

    cities: list[str]
    sentences: list[str]


@dataclass(frozen=True)
class CompareTwin(ComparedTwin):
    """Cities side by side, by indicator and city."""

    figures: dict[str, dict[str, RankedTwin]]
