"""The page of a search, as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from interurban.web.twins.shared import IndicatorNameTwin, NameTwin


@dataclass(frozen=True)
class FoundTwin:
    """What a search found."""

    cities: list[NameTwin]
    indicators: list[IndicatorNameTwin]
