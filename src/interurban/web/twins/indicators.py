"""The list of indicators, as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from interurban.web.twins.shared import IndicatorNameTwin


@dataclass(frozen=True)
class IndicatorRowTwin(IndicatorNameTwin):
    """A definition in the catalogue, with how many cities have it."""

    theme: str
    definition: str
    unit: str
    direction: str
    version: int
    cities: int
