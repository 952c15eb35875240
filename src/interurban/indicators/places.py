"""Which of our cities a place of somebody's table is: by identifiers and coordinates, never by its name alone.

A person's decision goes before everything. Then identifiers count (a Wikidata item, a UN/LOCODE, the source's own key where a person has
reviewed which item it is), then coordinates with a name that agrees. Whatever is less than that, or contradicts itself, is left to a
person: there are two Moscows, London is also in Ontario, a borough is not its city, and geocoders mistake São Paulo for Frei Paulo.
"""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from interurban.model.city import City
from interurban.model.place import Place, PlaceMatch

NEAR_KM = 30.0
"""Centres that sources give for one city lie this close; the next city of the same name does not."""
FAR_KM = 150.0
"""An identifier whose coordinates lie further than this from the city contradicts them."""

_EARTH_KM = 6371.0
_LETTERS = re.compile(r"[^\w]+")
# As statistical offices and reporters write countries; the rest are names of the Unicode CLDR.
_COUNTRIES = {
    "usa": "US", "united states of america": "US", "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB",
    "united kingdom of great britain and northern ireland": "GB", "russian federation": "RU", "iran islamic republic of": "IR",
    "republic of korea": "KR", "south korea": "KR", "viet nam": "VN", "china hong kong sar": "HK", "hong kong china": "HK",
    "china hong kong special administrative region": "HK", "taiwan greater china": "TW", "the netherlands": "NL", "czech republic": "CZ",
    "turkey": "TR", "türkiye": "TR", "cote d ivoire": "CI", "united republic of tanzania": "TZ", "bolivia plurinational state of": "BO",
    "venezuela bolivarian republic of": "VE", "cabo verde": "CV", "kingdom of denmark": "DK",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cities:
    """The node's cities, and by which of their marks they are found."""

    by_id: Mapping[str, City]
    centres: Mapping[str, tuple[float, float]]
    by_wikidata: Mapping[str, str]
    by_unlocode: Mapping[str, str]
    by_name: Mapping[str, tuple[str, ...]]


def known_cities(cities: Iterable[City]) -> Cities:
    """Cities made ready for matching."""
    listed = tuple(cities)
    names: dict[str, list[str]] = {}
    for city in listed:
        for name in {plain_name(each) for each in (city.name_en, city.name_ru, city.name_zh) if each}:
            names.setdefault(name, []).append(city.id)
    return Cities(
        {city.id: city for city in listed},
        {city.id: centre for city in listed if (centre := city.point())},
        {city.wikidata: city.id for city in listed if city.wikidata},
        {city.unlocode: city.id for city in listed if city.unlocode},
        {name: tuple(ids) for name, ids in names.items()},
    )


def match_place(place: Place, cities: Cities, reviewed: Mapping[str, str | None], decisions: Mapping[str, str | None]) -> PlaceMatch:
    """Which city a place is, and by what; or why that is not sure, and which it may be.

    Args:
        place: The place.
        cities: The cities it may be.
        reviewed: Wikidata items of places by their keys in this source (`reviewed_places`); None: known to be no city's.
        decisions: What persons decided on places of this source, by key; None: none of our cities.
    """
    if place.key in decisions:
        decided = decisions[place.key]
        return PlaceMatch(place, decided, ("decision",) if decided else (), "" if decided else "decided_none")
    if place.key in reviewed:
        item = reviewed[place.key]
        city = cities.by_wikidata.get(item or "")
        return PlaceMatch(place, city, ("reviewed",) if city else (), "" if city else "not_ours" if item else "reviewed_none")
    if place.wikidata or place.unlocode:
        return _by_identifiers(place, cities)
    return _by_coordinates(place, cities) if place.lat is not None and place.lon is not None else _by_name_only(place, cities)


@cache
def reviewed_places(importer: str) -> Mapping[str, str | None]:
    """The Wikidata item of each place of a source that a person has reviewed, by its key there; None for one that is no city."""
    text = files("interurban.indicators").joinpath("reviewed_places.csv").read_text(encoding="utf-8")
    return {row["place"]: row["wikidata"] or None for row in csv.DictReader(text.splitlines()) if row["source"] == importer}


def is_in_country_of(place: Place, city: City) -> bool:
    """Whether the source does not put the place in another country than the city's (Hong Kong goes by CN as by HK)."""
    return place.country in (None, city.country, (city.unlocode or "")[:2])


def plain_name(name: str) -> str:
    """A name without what spelling adds: accents, letter case, punctuation, what stands in brackets."""
    text = unicodedata.normalize("NFKD", re.sub(r"\([^)]*\)", " ", name).casefold())
    return " ".join(_LETTERS.sub(" ", "".join(each for each in text if not unicodedata.combining(each))).split())


@cache
def country_code(name: str) -> str | None:
    """ISO 3166-1 alpha-2 of a country as sources write it: a code, or a name in English, Russian or Chinese; None: not known."""
    if re.fullmatch("[A-Z]{2}", name):
        return name
    plain = plain_name(name.replace("(", " ").replace(")", " "))
    return _COUNTRIES.get(plain) or _territories().get(plain)


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Length of the great circle between two points, each latitude and longitude in degrees."""
    (lat_a, lon_a), (lat_b, lon_b) = (tuple(map(math.radians, point)) for point in (a, b))
    half = math.sin((lat_a - lat_b) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_a - lon_b) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def _by_identifiers(place: Place, cities: Cities) -> PlaceMatch:
    by_item = cities.by_wikidata.get(place.wikidata or "")
    by_code = cities.by_unlocode.get(place.unlocode or "")
    found = by_item or by_code
    if found is None:
        return PlaceMatch(place, why="not_ours")
    city = cities.by_id[found]
    if by_item and by_code and by_item != by_code:
        return PlaceMatch(place, why="identifiers_disagree", candidates=(by_item, by_code))
    if by_item is None and place.wikidata and city.wikidata:  # a district or an airport with the code of its city
        return PlaceMatch(place, why="identifiers_disagree", candidates=(found,))
    if not is_in_country_of(place, city):
        return PlaceMatch(place, why="other_country", candidates=(found,))
    if (_distance_km(place, found, cities) or 0) > FAR_KM:
        return PlaceMatch(place, why="far_from_city", candidates=(found,))
    return PlaceMatch(place, found, tuple(name for name, by in (("wikidata", by_item), ("unlocode", by_code)) if by))


def _by_coordinates(place: Place, cities: Cities) -> PlaceMatch:
    near = {city for city in cities.centres if (_distance_km(place, city, cities) or 0) <= NEAR_KM}
    named = _of_that_name(place, cities)
    both = tuple(sorted(near & named))
    if len(both) == 1:
        return PlaceMatch(place, both[0], ("coordinates", "name"))
    if both or near:
        return PlaceMatch(place, why="several_near" if both else "near_but_other_name", candidates=both or tuple(sorted(near)))
    # A namesake in another country, where its coordinates say it is, is simply another town.
    far = tuple(sorted(city for city in named if place.country in (None, cities.by_id[city].country) or city not in cities.centres))
    return PlaceMatch(place, why="name_far_away" if far else "not_ours", candidates=far)


def _by_name_only(place: Place, cities: Cities) -> PlaceMatch:
    named = tuple(sorted(city for city in _of_that_name(place, cities) if place.country in (None, cities.by_id[city].country)))
    return PlaceMatch(place, why="name_only" if named else "not_ours", candidates=named)


def _of_that_name(place: Place, cities: Cities) -> set[str]:
    return {city for name in place.names for city in cities.by_name.get(plain_name(name), ())}


def _distance_km(place: Place, city_id: str, cities: Cities) -> float | None:
    """Between a place and the centre of a city; None where one of them is not known."""
    centre = cities.centres.get(city_id)
    if place.lat is None or place.lon is None or centre is None:
        return None
    return distance_km((place.lat, place.lon), centre)


@cache
def _territories() -> Mapping[str, str]:
    from babel import Locale

    names: dict[str, str] = {}
    for language in ("zh", "ru", "en"):
        names |= {plain_name(name): code for code, name in Locale(language).territories.items() if re.fullmatch("[A-Z]{2}", code)}
    return names
