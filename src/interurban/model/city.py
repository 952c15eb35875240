"""A city, and the figures that per-head and per-area indicators divide by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class City:
    """What is compared: a territory with a name, a clock and a boundary.

    `id` is ours: lower-case letters, digits, "-" and "_". `country` is ISO 3166-1 alpha-2, `timezone` an IANA name,
    `wikidata` an item such as "Q90", `unlocode` a UN/LOCODE such as "FRPAR", `boundary` GeoJSON text (a Polygon or
    MultiPolygon, alone or in a Feature or FeatureCollection) in WGS 84, `lat` and `lon` a point in its middle in degrees of WGS 84.
    None: not known.
    """

    id: str
    name_en: str
    country: str
    timezone: str
    name_ru: str | None = None
    name_zh: str | None = None
    wikidata: str | None = None
    unlocode: str | None = None
    boundary: str | None = None
    lat: float | None = None
    lon: float | None = None

    def name(self, language: str) -> str:
        """The name in `language` ("en", "ru", "zh"), the English one where that is not known."""
        return {"ru": self.name_ru, "zh": self.name_zh}.get(language) or self.name_en

    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude: those stated, else the middle of the boundary's extent; None where neither is known."""
        if self.lat is not None and self.lon is not None:
            return self.lat, self.lon
        shape = self.boundary_geometry()
        if shape is None:
            return None
        lons, lats = zip(*(point[:2] for polygon in shape["coordinates"] for point in polygon[0]), strict=True)
        return (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2

    def boundary_geometry(self) -> dict[str, Any] | None:
        """The boundary as one GeoJSON MultiPolygon, or None where it is not known."""
        if self.boundary is None:
            return None
        return {"type": "MultiPolygon", "coordinates": boundary_polygons(json.loads(self.boundary))}


class Figure(StrEnum):
    """What a city figure counts: inhabitants, or land area in square kilometres."""

    POPULATION = "population"
    AREA_KM2 = "area_km2"


@dataclass(frozen=True, slots=True)
class CityFigure:
    """One figure of a city for one year by one source; several years and sources stand beside each other.

    `source` names who published it, so that a reader can find it: a comparison states it with the year.
    """

    city_id: str
    figure: Figure
    year: int
    value: float
    source: str


def boundary_polygons(shape: Mapping[str, Any]) -> list[Any]:
    """Coordinates of every polygon of a GeoJSON object; ValueError when it is made of something else."""
    match shape["type"]:
        case "FeatureCollection":
            return [polygon for feature in shape["features"] for polygon in boundary_polygons(feature)]
        case "Feature":
            return boundary_polygons(shape["geometry"])
        case "Polygon":
            return [shape["coordinates"]]
        case "MultiPolygon":
            return list(shape["coordinates"])
    raise ValueError(shape["type"])
