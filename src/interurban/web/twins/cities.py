"""The list of cities, as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from interurban.web.twins.shared import NameTwin


@dataclass(frozen=True)
class CityRowTwin(NameTwin):
    """A city in the list of all, `names` being its names in all languages, `indicators` the number it has."""

    names: str
    country: str
    population: float | None
    indicators: int
