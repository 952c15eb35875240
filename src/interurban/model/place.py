"""Places that tables of others speak of, and which city of ours each of them is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A place as a source tells of it: everything by which a city can be found.

    `key` is what the source itself knows it by. `names` are in any language, `country` is ISO 3166-1 alpha-2, coordinates in degrees.
    None: the source does not say.
    """

    key: str
    names: tuple[str, ...] = ()
    country: str | None = None
    wikidata: str | None = None
    unlocode: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class PlaceMatch:
    """Which city a place is.

    `city_id` is None when it is none that we can be sure of; then `why` says so and `candidates` are the cities that it may be. Of a match
    `evidence` is what it rests on: "decision", "wikidata", "unlocode", "reviewed", or "coordinates" and "name" together.
    """

    place: Place
    city_id: str | None = None
    evidence: tuple[str, ...] = ()
    why: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceDecision:
    """A person's word on a place of an importer: it is this city, or none of ours (`city_id` None)."""

    importer: str
    place: str
    city_id: str | None
    decided_by: str
    decided_at: dt.datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """A place that waits for a person's word: what is known of it, and how many rows of its table speak of it. `id` 0: not kept yet."""

    importer: str
    match: PlaceMatch
    rows: int
    seen_at: dt.datetime
    id: int = 0
