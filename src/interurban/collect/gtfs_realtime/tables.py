"""Columns of the collected tables of a service day, in their order; what each means stands in docs/lake.md."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_TRIP = {
    "feed_id": "int64", "feed_version_id": "int64", "service_date": "date32", "service_date_method": "string",
    "trip_id_scheduled": "string", "is_matched": "bool", "route_id": "string", "direction_id": "int8", "start_time": "int32",
    "start_date": "date32", "vehicle_id": "string",
}  # fmt: skip
_FROM = {"feed_timestamp": "int64", "received_at": "int64", "source_sha256": "string"}
_FROM_FIRST_TO_LAST = {
    "update_timestamp": "int64", "last_update_timestamp": "int64", "feed_timestamp": "int64", "last_feed_timestamp": "int64",
    "received_at": "int64", "source_sha256": "string",
}  # fmt: skip

COLUMNS: dict[str, dict[str, str]] = {
    "vehicle_locations": {
        **{name: kind for name, kind in _TRIP.items() if name != "vehicle_id"}, "vehicle_id": "string", "vehicle_label": "string",
        "event_timestamp": "int64", "is_header_time": "bool", "latitude": "float64", "longitude": "float64", "heading": "float64",
        "speed": "float64", "odometer": "float64", "current_status": "string", "stop_id": "string", "scheduled_stop_sequence": "int32",
        "schedule_relationship": "string", "occupancy_status": "string", "block_id": "string", **_FROM,
    },
    "trip_update_stops": {
        **_TRIP, "stop_sequence": "int32", "stop_id": "string", "arrival_time": "int64", "arrival_delay": "int32",
        "arrival_uncertainty": "int32", "departure_time": "int64", "departure_delay": "int32", "departure_uncertainty": "int32",
        "stop_relationship": "string", "trip_relationship": "string", **_FROM_FIRST_TO_LAST,
    },
    "trip_updates": {**_TRIP, "trip_relationship": "string", "delay": "int32", **_FROM_FIRST_TO_LAST},
    "alerts": {
        "feed_id": "int64", "service_date": "date32", "alert_id": "string", "cause": "string", "effect": "string",
        "severity_level": "string", "active_from": "int64", "active_to": "int64", "agency_id": "string", "route_id": "string",
        "route_type": "int32", "trip_id_scheduled": "string", "stop_id": "string", "header_text": "string", "description_text": "string",
        "language": "string", **_FROM,
    },
    "arrivals": {
        **_TRIP, "stop_sequence": "int32", "stop_id": "string", "actual_arrival_time": "int64", "schedule_arrival_time": "int64",
        "schedule_arrival_time_given": "int64", "is_schedule_day_shifted": "bool", **_FROM,
    },
    "messages": {
        "feed_id": "int64", "received_at": "int64", "feed_timestamp": "int64", "entities": "int64", "bytes": "int64",
        "source_sha256": "string", "entity_hash": "string", "outcome": "string", "positions": "int64", "trip_updates": "int64",
        "alerts": "int64", "unmatched_trip_ids": "int64", "trip_ids": "int64", "feed_version_id": "int64",
    },
}  # fmt: skip
"""Columns of each table by name, with their Arrow types."""


@cache
def schema(table: str) -> pa.Schema:
    """The Arrow schema of a collected table."""
    import pyarrow as pa

    return pa.schema([(name, pa.type_for_alias(kind)) for name, kind in COLUMNS[table].items()])
