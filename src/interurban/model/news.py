"""What a node came to know lately."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recorded:
    """Public values of one origin that were recorded on a UTC day: `cities` has their number by city, `ratings` the indicators of ratings.

    What is derived from other values follows them by itself and is no news; neither is what the same feed gave, divided by a newer figure.
    """

    day: dt.date
    origin: str
    cities: Mapping[str, int]
    ratings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewFeedVersion:
    """A usable feed version as it came to be known."""

    at: dt.datetime
    city_id: str
    source_id: int
    feed_version_id: int
    valid_from: dt.date | None
    valid_to: dt.date | None


@dataclass(frozen=True, slots=True)
class NewServiceDay:
    """A service day as it was reconstructed."""

    at: dt.datetime
    city_id: str
    service_date: dt.date
