"""The baseline as records: cities and observations."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from interurban.indicators.catalogue import get_indicator
from interurban.indicators.units import convert
from interurban.model.city import City
from interurban.model.observation import Observation
from interurban.model.time_period import read_time_period
from interurban.store.code import code_version

GROUPS = ("brics", "capital", "megacity")
"""Members of BRICS (2025), capitals, agglomerations of ten million or more (UN, for 2020)."""


@dataclass(frozen=True, slots=True)
class BaselineCity:
    """A city of the baseline and the groups it belongs to."""

    city: City
    groups: tuple[str, ...]


@cache
def baseline_cities() -> Mapping[str, BaselineCity]:
    """The cities by id, in the order of their ids."""
    return {row["id"]: BaselineCity(_city(row), tuple(row["groups"].split())) for row in _rows("cities.csv")}


def baseline_observations(city_id: str | None = None) -> list[Observation]:
    """The figures of a city (None: of all) as observations in the units of their indicators, each with source, licence and year."""
    return [_observation(row) for row in _rows("figures.csv") if city_id in (None, row["city"])]


def _city(row: Mapping[str, str]) -> City:
    known = {name: row[name] or None for name in ("name_ru", "name_zh", "wikidata", "unlocode")}
    return City(row["id"], row["name_en"], row["country"], row["timezone"], lat=float(row["lat"]), lon=float(row["lon"]), **known)


def _observation(row: Mapping[str, str]) -> Observation:
    indicator = get_indicator(row["indicator"])
    frequency, first, last = read_time_period(row["period"])
    return Observation(
        row["city"], indicator.code, indicator.version, indicator.unit, convert(float(row["value"]), row["unit"], indicator.unit),
        row["status"], code_version(), mode=row["mode"], period_start=first, period_end=last, frequency=frequency, origin="imported",
        area_definition=row["area_definition"], confidence=row["confidence"], source=f"{row['source']}, {row['source_year']}",
        licence=row["licence"], comment=row["comment"] or None,
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = files("interurban.indicators.baseline").joinpath(name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())
