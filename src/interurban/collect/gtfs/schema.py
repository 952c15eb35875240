"""The tables of GTFS schedule: fields, their kinds, keys and references.

Source: GTFS schedule reference, https://gtfs.org/documentation/schedule/reference/ (revision 2026-08).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a field holds; each kind has one SQL type and one rule of what is well-formed."""

    ID = "id"
    TEXT = "text"
    URL = "url"
    EMAIL = "email"
    PHONE = "phone"
    TIMEZONE = "timezone"
    LANGUAGE = "language"
    COLOR = "color"
    CURRENCY = "currency"
    INTEGER = "integer"
    FLOAT = "float"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    DATE = "date"
    TIME = "time"
    ENUM = "enum"


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `required`: a row without it means nothing and is set aside. `allowed` lists the values of an enum."""

    name: str
    kind: Kind
    required: bool = False
    minimum: float | None = None
    allowed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One file. `key` identifies a row (empty: rows may repeat); `references` are (field, table, field there)."""

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    references: tuple[tuple[str, str, str], ...] = ()
    required: bool = False


def _fields(text: str) -> tuple[Field, ...]:
    """Read the compact notation below: `name kind`, `!` after the kind for required, `>=N` minimum, `a|b|c` or `a..c` enum values."""
    fields = []
    for line in text.strip().splitlines():
        name, kind, *rest = line.split()
        minimum, allowed = None, ()
        for word in rest:
            if word.startswith(">="):
                minimum = float(word[2:])
            elif ".." in word:
                low, high = word.split("..")
                allowed = tuple(range(int(low), int(high) + 1))
            else:
                allowed = tuple(int(v) for v in word.split("|"))
        fields.append(Field(name, Kind(kind.rstrip("!")), kind.endswith("!"), minimum, allowed))
    return tuple(fields)


_LIST = (
    TableSpec("agency", _fields("""
        agency_id id
        agency_name text
        agency_url url
        agency_timezone timezone
        agency_lang language
        agency_phone phone
        agency_fare_url url
        agency_email email
        cemv_support enum 0..2
    """), key=("agency_id",), required=True),
    TableSpec("stops", _fields("""
        stop_id id!
        stop_code text
        stop_name text
        tts_stop_name text
        stop_desc text
        stop_lat latitude
        stop_lon longitude
        zone_id id
        stop_url url
        location_type enum 0..4
        parent_station id
        stop_timezone timezone
        wheelchair_boarding enum 0..2
        level_id id
        platform_code text
        stop_access enum 0..1
    """), key=("stop_id",), references=(("parent_station", "stops", "stop_id"), ("level_id", "levels", "level_id")), required=True),
    TableSpec("routes", _fields("""
        route_id id!
        agency_id id
        route_short_name text
        route_long_name text
        route_desc text
        route_type integer >=0
        route_url url
        route_color color
        route_text_color color
        route_sort_order integer >=0
        continuous_pickup enum 0..3
        continuous_drop_off enum 0..3
        network_id id
        cemv_support enum 0..2
    """), key=("route_id",), references=(("agency_id", "agency", "agency_id"),), required=True),
    TableSpec("trips", _fields("""
        route_id id!
        service_id id!
        trip_id id!
        trip_headsign text
        trip_short_name text
        direction_id enum 0..1
        block_id id
        shape_id id
        wheelchair_accessible enum 0..2
        bikes_allowed enum 0..2
        cars_allowed enum 0..2
        safe_duration_factor float
        safe_duration_offset float
    """), key=("trip_id",), references=(("route_id", "routes", "route_id"), ("shape_id", "shapes", "shape_id")), required=True),
    TableSpec("stop_times", _fields("""
        trip_id id!
        arrival_time time
        departure_time time
        stop_id id
        location_group_id id
        location_id id
        stop_sequence integer! >=0
        stop_headsign text
        start_pickup_drop_off_window time
        end_pickup_drop_off_window time
        pickup_type enum 0..3
        drop_off_type enum 0..3
        continuous_pickup enum 0..3
        continuous_drop_off enum 0..3
        shape_dist_traveled float >=0
        timepoint enum 0..1
        pickup_booking_rule_id id
        drop_off_booking_rule_id id
    """), key=("trip_id", "stop_sequence"), references=(("trip_id", "trips", "trip_id"), ("stop_id", "stops", "stop_id")), required=True),
    TableSpec("calendar", _fields("""
        service_id id!
        monday enum! 0..1
        tuesday enum! 0..1
        wednesday enum! 0..1
        thursday enum! 0..1
        friday enum! 0..1
        saturday enum! 0..1
        sunday enum! 0..1
        start_date date!
        end_date date!
    """), key=("service_id",)),
    TableSpec("calendar_dates", _fields("""
        service_id id!
        date date!
        exception_type enum! 1..2
    """), key=("service_id", "date")),
    TableSpec("shapes", _fields("""
        shape_id id!
        shape_pt_lat latitude!
        shape_pt_lon longitude!
        shape_pt_sequence integer! >=0
        shape_dist_traveled float >=0
    """), key=("shape_id", "shape_pt_sequence")),
    TableSpec("frequencies", _fields("""
        trip_id id!
        start_time time!
        end_time time!
        headway_secs integer! >=1
        exact_times enum 0..1
    """), key=("trip_id", "start_time"), references=(("trip_id", "trips", "trip_id"),)),
    TableSpec("feed_info", _fields("""
        feed_publisher_name text
        feed_publisher_url url
        feed_lang language
        default_lang language
        feed_start_date date
        feed_end_date date
        feed_version text
        feed_contact_email email
        feed_contact_url url
    """)),
)

TABLES: dict[str, TableSpec] = {table.name: table for table in _LIST}
