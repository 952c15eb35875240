"""Cities in the catalogue."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import RowMapping, insert, select, update

from interurban.errors import AlreadyExists, NotFound, UsageError
from interurban.locales import message
from interurban.model.city import City, boundary_polygons
from interurban.store import schema
from interurban.store.database import Database

_FORMS = {
    "id": r"[a-z0-9][a-z0-9_-]{0,63}",
    "country": r"[A-Z]{2}",
    "wikidata": r"Q[1-9][0-9]{0,14}",
    "unlocode": r"[A-Z]{2}[A-Z2-9]{3}",
}


class Cities:
    """Cities; part of the catalogue."""

    database: Database

    def add_city(self, city: City) -> City:
        """Add a city; adding the same one again changes nothing.

        Raises:
            UsageError: a field is not what it should be; `fields` has `field`, `value`, and `allowed`.
            AlreadyExists: a city of this id is there with other content; see `change_city`.
        """
        check_city(city)
        with self.database.writing() as connection:
            row = connection.execute(select(schema.city).where(schema.city.c.id == city.id)).mappings().first()
            if row is None:
                connection.execute(insert(schema.city), _city_row(city))
            elif _city(row) != city:
                raise AlreadyExists(message("store.city_exists", city=city.id), city=city.id)
        return city

    def change_city(self, city: City) -> City:
        """Give a city that is there new content; UsageError as in `add_city`, NotFound when it is not there."""
        check_city(city)
        with self.database.writing() as connection:
            changed = connection.execute(update(schema.city).where(schema.city.c.id == city.id), _city_row(city))
            if not changed.rowcount:
                raise _no_city(city.id)
        return city

    def find_city(self, city_id: str) -> City | None:
        """The city of this id, or None."""
        row = self.database.first(select(schema.city).where(schema.city.c.id == city_id))
        return _city(row._mapping) if row else None

    def get_city(self, city_id: str) -> City:
        """The city of this id; NotFound when there is none."""
        city = self.find_city(city_id)
        if city is None:
            raise _no_city(city_id)
        return city

    def list_cities(self) -> list[City]:
        """All cities, by id."""
        return [_city(row._mapping) for row in self.database.rows(select(schema.city).order_by(schema.city.c.id))]


def check_city(city: City) -> None:
    """See that every field is what it should be.

    Raises:
        UsageError: `fields` has `field`, `value`, and `allowed`.
    """
    for field, form in _FORMS.items():
        value = getattr(city, field)
        if value is not None and not re.fullmatch(form, value):
            raise _wrong(field, value, form)
    if not city.name_en.strip():
        raise _wrong("name_en", city.name_en, "text")
    if city.country not in _countries():
        raise _wrong("country", city.country, "ISO 3166-1 alpha-2")
    if not _is_timezone(city.timezone):
        raise _wrong("timezone", city.timezone, "IANA: Europe/Paris, Asia/Shanghai, America/Sao_Paulo …")
    if city.boundary is not None and not _is_boundary(city.boundary):
        raise _wrong("boundary", city.boundary[:80], "GeoJSON Polygon, MultiPolygon")
    _check_point(city.lat, city.lon)


def _check_point(lat: float | None, lon: float | None) -> None:
    """Both or neither, in degrees."""
    for field, value, most, other in (("lat", lat, 90, lon), ("lon", lon, 180, lat)):
        if value is None and other is None:
            continue
        if value is None or not -most <= value <= most:
            raise _wrong(field, str(value), f"-{most} … {most}")


def _wrong(field: str, value: str, allowed: str) -> UsageError:
    text = message("store.wrong_value", field=field, value=value, allowed=allowed)
    return UsageError(text, field=field, value=value, allowed=allowed)


def _no_city(city_id: str) -> NotFound:
    return NotFound(message("store.no_city", city=city_id), city=city_id)


@cache
def _countries() -> frozenset[str]:
    """Codes of ISO 3166-1, from the list that comes with the time zones."""
    text = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text(encoding="utf-8")
    return frozenset(line[:2] for line in text.splitlines() if not line.startswith("#"))


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder, such as "Europe"
        return False
    return True


def _is_boundary(text: str) -> bool:
    try:
        shapes = boundary_polygons(json.loads(text))
        return bool(shapes) and all(polygon and all(map(_is_ring, polygon)) for polygon in shapes)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError):
        return False


def _is_ring(ring: list[list[float]]) -> bool:
    inside = all(-180 <= point[0] <= 180 and -90 <= point[1] <= 90 for point in ring)
    return len(ring) >= 4 and ring[0] == ring[-1] and inside


def _city(row: RowMapping) -> City:
    return City(**row)


def _city_row(city: City) -> dict[str, object]:
    return {column.name: getattr(city, column.name) for column in schema.city.columns}
