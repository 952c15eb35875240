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
    """One column. `required`: a row without it means nothing and is set aside. `allowed`: the values of an enum."""

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
    """Read the notation below: `name kind`, `!` for required, `>=N` for the minimum, `a|b|c` or `a..c` for an enum."""
    fields = []
    for line in text.strip().splitlines():
        name, kind, *rest = line.split()
        minimum: float | None = None
        allowed: tuple[int, ...] = ()
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
    """), key=("stop_id",), references=(
        ("parent_station", "stops", "stop_id"), ("level_id", "levels", "level_id"),
    ), required=True),
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
    """), key=("trip_id",), references=(
        ("route_id", "routes", "route_id"), ("shape_id", "shapes", "shape_id"),
    ), required=True),
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
    """), key=("trip_id", "stop_sequence"), references=(
        ("trip_id", "trips", "trip_id"), ("stop_id", "stops", "stop_id"),
    ), required=True),
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
    TableSpec("fare_attributes", _fields("""
        fare_id id!
        price float! >=0
        currency_type currency!
        payment_method enum 0..1
        transfers enum 0..2
        agency_id id
        transfer_duration integer >=0
    """), key=("fare_id",), references=(("agency_id", "agency", "agency_id"),)),
    TableSpec("fare_rules", _fields("""
        fare_id id!
        route_id id
        origin_id id
        destination_id id
        contains_id id
    """), key=("fare_id", "route_id", "origin_id", "destination_id", "contains_id"), references=(
        ("fare_id", "fare_attributes", "fare_id"), ("route_id", "routes", "route_id"),
        ("origin_id", "stops", "zone_id"), ("destination_id", "stops", "zone_id"),
        ("contains_id", "stops", "zone_id"),
    )),
    TableSpec("timeframes", _fields("""
        timeframe_group_id id!
        start_time time
        end_time time
        service_id id!
    """), key=("timeframe_group_id", "start_time", "end_time", "service_id")),
    TableSpec("rider_categories", _fields("""
        rider_category_id id!
        rider_category_name text
        is_default_fare_category enum 0..1
        eligibility_url url
    """), key=("rider_category_id",)),
    TableSpec("fare_media", _fields("""
        fare_media_id id!
        fare_media_name text
        fare_media_type enum 0..4
    """), key=("fare_media_id",)),
    TableSpec("fare_products", _fields("""
        fare_product_id id!
        fare_product_name text
        rider_category_id id
        fare_media_id id
        amount float!
        currency currency!
    """), key=("fare_product_id", "rider_category_id", "fare_media_id"), references=(
        ("rider_category_id", "rider_categories", "rider_category_id"),
        ("fare_media_id", "fare_media", "fare_media_id"),
    )),
    TableSpec("fare_leg_rules", _fields("""
        leg_group_id id
        network_id id
        from_area_id id
        to_area_id id
        from_timeframe_group_id id
        to_timeframe_group_id id
        fare_product_id id!
        rule_priority integer >=0
    """), key=(
        "network_id", "from_area_id", "to_area_id", "from_timeframe_group_id", "to_timeframe_group_id",
        "fare_product_id",
    ), references=(
        ("from_area_id", "areas", "area_id"), ("to_area_id", "areas", "area_id"),
        ("from_timeframe_group_id", "timeframes", "timeframe_group_id"),
        ("to_timeframe_group_id", "timeframes", "timeframe_group_id"),
        ("fare_product_id", "fare_products", "fare_product_id"),
    )),
    TableSpec("fare_leg_join_rules", _fields("""
        from_network_id id!
        to_network_id id!
        from_stop_id id
        to_stop_id id
    """), key=("from_network_id", "to_network_id", "from_stop_id", "to_stop_id"), references=(
        ("from_stop_id", "stops", "stop_id"), ("to_stop_id", "stops", "stop_id"),
    )),
    TableSpec("fare_transfer_rules", _fields("""
        from_leg_group_id id
        to_leg_group_id id
        transfer_count integer >=-1
        duration_limit integer >=1
        duration_limit_type enum 0..3
        fare_transfer_type enum! 0..2
        fare_product_id id
    """), key=(
        "from_leg_group_id", "to_leg_group_id", "fare_product_id", "transfer_count", "duration_limit",
    ), references=(
        ("from_leg_group_id", "fare_leg_rules", "leg_group_id"),
        ("to_leg_group_id", "fare_leg_rules", "leg_group_id"),
        ("fare_product_id", "fare_products", "fare_product_id"),
    )),
    TableSpec("areas", _fields("""
        area_id id!
        area_name text
    """), key=("area_id",)),
    TableSpec("stop_areas", _fields("""
        area_id id!
        stop_id id!
    """), key=("area_id", "stop_id"), references=(("area_id", "areas", "area_id"), ("stop_id", "stops", "stop_id"))),
    TableSpec("networks", _fields("""
        network_id id!
        network_name text
    """), key=("network_id",)),
    TableSpec("route_networks", _fields("""
        network_id id!
        route_id id!
    """), key=("route_id",), references=(("network_id", "networks", "network_id"), ("route_id", "routes", "route_id"))),
    TableSpec("transfers", _fields("""
        from_stop_id id
        to_stop_id id
        from_route_id id
        to_route_id id
        from_trip_id id
        to_trip_id id
        transfer_type enum 0..5
        min_transfer_time integer >=0
    """), key=("from_stop_id", "to_stop_id", "from_trip_id", "to_trip_id", "from_route_id", "to_route_id"), references=(
        ("from_stop_id", "stops", "stop_id"), ("to_stop_id", "stops", "stop_id"),
        ("from_route_id", "routes", "route_id"), ("to_route_id", "routes", "route_id"),
        ("from_trip_id", "trips", "trip_id"), ("to_trip_id", "trips", "trip_id"),
    )),
    TableSpec("pathways", _fields("""
        pathway_id id!
        from_stop_id id!
        to_stop_id id!
        pathway_mode enum! 1..7
        is_bidirectional enum! 0..1
        length float >=0
        traversal_time integer >=1
        stair_count integer
        max_slope float
        min_width float >=0
        signposted_as text
        reversed_signposted_as text
    """), key=("pathway_id",), references=(("from_stop_id", "stops", "stop_id"), ("to_stop_id", "stops", "stop_id"))),
    TableSpec("levels", _fields("""
        level_id id!
        level_index float
        level_name text
    """), key=("level_id",)),
    TableSpec("location_groups", _fields("""
        location_group_id id!
        location_group_name text
    """), key=("location_group_id",)),
    TableSpec("location_group_stops", _fields("""
        location_group_id id!
        stop_id id!
    """), key=("location_group_id", "stop_id"), references=(
        ("location_group_id", "location_groups", "location_group_id"), ("stop_id", "stops", "stop_id"),
    )),
    TableSpec("booking_rules", _fields("""
        booking_rule_id id!
        booking_type enum! 0..2
        prior_notice_duration_min integer
        prior_notice_duration_max integer
        prior_notice_last_day integer
        prior_notice_last_time time
        prior_notice_start_day integer
        prior_notice_start_time time
        prior_notice_service_id id
        message text
        pickup_message text
        drop_off_message text
        phone_number phone
        info_url url
        booking_url url
    """), key=("booking_rule_id",)),
    TableSpec("translations", _fields("""
        table_name text!
        field_name text!
        language language!
        translation text
        record_id text
        record_sub_id text
        field_value text
    """), key=("table_name", "field_name", "language", "record_id", "record_sub_id", "field_value")),
    # attribution_id is optional and several rows may lack it, so it cannot tell rows apart.
    TableSpec("attributions", _fields("""
        attribution_id id
        agency_id id
        route_id id
        trip_id id
        organization_name text!
        is_producer enum 0..1
        is_operator enum 0..1
        is_authority enum 0..1
        attribution_url url
        attribution_email email
        attribution_phone phone
    """), references=(
        ("agency_id", "agency", "agency_id"), ("route_id", "routes", "route_id"),
        ("trip_id", "trips", "trip_id"),
    )),
)

TABLES: dict[str, TableSpec] = {table.name: table for table in _LIST}

# Files of the reference that are not tables; they are kept as they are.
OTHER_FILES = ("locations.geojson",)
