"""The fields of GTFS-Realtime that the platform reads, in numbers, and the names of their values.

Source: gtfs-realtime.proto (https://gtfs.org/documentation/realtime/proto/), version 2.0 with the fields adopted since.
A test holds this list against the official library. What is not here (shapes, replacement stops, carriages, extensions of
publishers) is stepped over, and stays in the archived message.
"""

from __future__ import annotations

from functools import cache

from interurban.kernels.wire import Field, Kind, WireSchema, unroll

INCREMENTALITY = {0: "FULL_DATASET", 1: "DIFFERENTIAL"}
TRIP_RELATIONSHIP = {
    0: "SCHEDULED", 1: "ADDED", 2: "UNSCHEDULED", 3: "CANCELED", 5: "REPLACEMENT", 6: "DUPLICATED", 7: "DELETED", 8: "NEW",
}  # fmt: skip
STOP_RELATIONSHIP = {0: "SCHEDULED", 1: "SKIPPED", 2: "NO_DATA", 3: "UNSCHEDULED"}
STOP_STATUS = {0: "INCOMING_AT", 1: "STOPPED_AT", 2: "IN_TRANSIT_TO"}
OCCUPANCY = {
    0: "EMPTY", 1: "MANY_SEATS_AVAILABLE", 2: "FEW_SEATS_AVAILABLE", 3: "STANDING_ROOM_ONLY", 4: "CRUSHED_STANDING_ROOM_ONLY",
    5: "FULL", 6: "NOT_ACCEPTING_PASSENGERS", 7: "NO_DATA_AVAILABLE", 8: "NOT_BOARDABLE",
}  # fmt: skip
CAUSE = {
    1: "UNKNOWN_CAUSE", 2: "OTHER_CAUSE", 3: "TECHNICAL_PROBLEM", 4: "STRIKE", 5: "DEMONSTRATION", 6: "ACCIDENT", 7: "HOLIDAY",
    8: "WEATHER", 9: "MAINTENANCE", 10: "CONSTRUCTION", 11: "POLICE_ACTIVITY", 12: "MEDICAL_EMERGENCY", 13: "SPECIAL_EVENT",
}  # fmt: skip
EFFECT = {
    1: "NO_SERVICE", 2: "REDUCED_SERVICE", 3: "SIGNIFICANT_DELAYS", 4: "DETOUR", 5: "ADDITIONAL_SERVICE", 6: "MODIFIED_SERVICE",
    7: "OTHER_EFFECT", 8: "UNKNOWN_EFFECT", 9: "STOP_MOVED", 10: "NO_EFFECT", 11: "ACCESSIBILITY_ISSUE",
}  # fmt: skip
SEVERITY = {1: "UNKNOWN_SEVERITY", 2: "INFO", 3: "WARNING", 4: "SEVERE"}

# Places of the rows in a message.
ENTITY = "entity"
TRIP_UPDATE = "entity.trip_update"
STOP = "entity.trip_update.stop_time_update"
VEHICLE = "entity.vehicle"
ALERT = "entity.alert"
PERIOD = "entity.alert.active_period"
INFORMED = "entity.alert.informed_entity"
HEADER_TEXT = "entity.alert.header_text.translation"
DESCRIPTION = "entity.alert.description_text.translation"


def _text(number: int, name: str, *, is_required: bool = False) -> Field:
    return Field(number, name, Kind.TEXT, is_required=is_required)


def _enum(number: int, name: str, values: dict[int, str]) -> Field:
    return Field(number, name, Kind.ENUM, values=tuple(values))


def _one(number: int, name: str, type_name: str, *, is_required: bool = False) -> Field:
    return Field(number, name, Kind.MESSAGE, type_name, is_required=is_required)


def _many(number: int, name: str, type_name: str) -> Field:
    return Field(number, name, Kind.MESSAGE, type_name, is_repeated=True)


# Of the fields that the reference calls required, only those are insisted on without which a message says nothing at all:
# a position without its longitude, or an update without its trip, costs its own values and not those of a whole fleet.
TYPES: dict[str, tuple[Field, ...]] = {
    "FeedMessage": (_one(1, "header", "FeedHeader", is_required=True), _many(2, "entity", "FeedEntity")),
    "FeedHeader": (
        _text(1, "gtfs_realtime_version", is_required=True),
        _enum(2, "incrementality", INCREMENTALITY),
        Field(3, "timestamp", Kind.INT64),
        _text(4, "feed_version"),
    ),
    "FeedEntity": (
        _text(1, "id", is_required=True),
        Field(2, "is_deleted", Kind.BOOL),
        _one(3, "trip_update", "TripUpdate"),
        _one(4, "vehicle", "VehiclePosition"),
        _one(5, "alert", "Alert"),
    ),
    "TripUpdate": (
        _one(1, "trip", "TripDescriptor"),
        _many(2, "stop_time_update", "StopTimeUpdate"),
        _one(3, "vehicle", "VehicleDescriptor"),
        Field(4, "timestamp", Kind.INT64),
        Field(5, "delay", Kind.INT32),
    ),
    "StopTimeUpdate": (
        Field(1, "stop_sequence", Kind.UINT32),
        _one(2, "arrival", "StopTimeEvent"),
        _one(3, "departure", "StopTimeEvent"),
        _text(4, "stop_id"),
        _enum(5, "schedule_relationship", STOP_RELATIONSHIP),
    ),
    "StopTimeEvent": (
        Field(1, "delay", Kind.INT32),
        Field(2, "time", Kind.INT64),
        Field(3, "uncertainty", Kind.INT32),
    ),
    "VehiclePosition": (
        _one(1, "trip", "TripDescriptor"),
        _one(2, "position", "Position"),
        Field(3, "current_stop_sequence", Kind.UINT32),
        _enum(4, "current_status", STOP_STATUS),
        Field(5, "timestamp", Kind.INT64),
        _text(7, "stop_id"),
        _one(8, "vehicle", "VehicleDescriptor"),
        _enum(9, "occupancy_status", OCCUPANCY),
    ),
    "Position": (
        Field(1, "latitude", Kind.FLOAT),
        Field(2, "longitude", Kind.FLOAT),
        Field(3, "bearing", Kind.FLOAT),
        Field(4, "odometer", Kind.DOUBLE),
        Field(5, "speed", Kind.FLOAT),
    ),
    "TripDescriptor": (
        _text(1, "trip_id"),
        _text(2, "start_time"),
        _text(3, "start_date"),
        _enum(4, "schedule_relationship", TRIP_RELATIONSHIP),
        _text(5, "route_id"),
        Field(6, "direction_id", Kind.UINT32),
    ),
    "VehicleDescriptor": (_text(1, "id"), _text(2, "label")),
    "Alert": (
        _many(1, "active_period", "TimeRange"),
        _many(5, "informed_entity", "EntitySelector"),
        _enum(6, "cause", CAUSE),
        _enum(7, "effect", EFFECT),
        _one(10, "header_text", "TranslatedString"),
        _one(11, "description_text", "TranslatedString"),
        _enum(14, "severity_level", SEVERITY),
    ),
    "TimeRange": (Field(1, "start", Kind.INT64), Field(2, "end", Kind.INT64)),
    "EntitySelector": (
        _text(1, "agency_id"),
        _text(2, "route_id"),
        Field(3, "route_type", Kind.INT32),
        _one(4, "trip", "TripDescriptor"),
        _text(5, "stop_id"),
    ),
    "TranslatedString": (_many(1, "translation", "Translation"),),
    "Translation": (_text(1, "text"), _text(2, "language")),
}


@cache
def feed_schema() -> WireSchema:
    """The reader's tables for a FeedMessage."""
    rows = (ENTITY, TRIP_UPDATE, STOP, VEHICLE, ALERT, PERIOD, INFORMED, HEADER_TEXT, DESCRIPTION)
    return unroll(TYPES, "FeedMessage", rows)
