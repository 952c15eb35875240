"""Columns of the TIDES tables that we write, and our own beside them, with what each is taken from.

Source: https://tides-transit.org, tables trips_performed, stop_visits and vehicle_locations; their enumerations are written as the
standard writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file.

    `kind` is a type of Table Schema; `sql` an expression over our table (docs/lake.md) where the name there differs; `enum` our values by
    those of the standard.
    """

    name: str
    kind: str
    about: str
    sql: str | None = None
    enum: Mapping[str, str] = field(default_factory=dict)


_VISIT = {"Scheduled": "Scheduled", "Skipped": "Skipped", "Added": "Added", "Missing": "Missing"}
_TRIP = {each: each for each in ("Scheduled", "Added", "Unscheduled", "Canceled", "Duplicated")}
_STATUS = {"INCOMING_AT": "Incoming at", "STOPPED_AT": "Stopped at", "IN_TRANSIT_TO": "In transit to"}
_RELATION = {
    "SCHEDULED": "Scheduled", "ADDED": "Added", "NEW": "Added", "UNSCHEDULED": "Unscheduled", "CANCELED": "Canceled",
    "DUPLICATED": "Duplicated",
}  # fmt: skip
_DATE = Column("service_date", "date", "Service date.")
_PERFORMED = Column("trip_id_performed", "string", "Identifies the trip performed.")
_SCHEDULED = Column("trip_id_scheduled", "string", "GTFS trip_id of the scheduled trip; blank: not in the timetable.")
_VEHICLE = Column("vehicle_id", "string", "Vehicle as the publisher names it; blank where none was seen.")
_METHOD = Column("method_version", "integer", "Version of the method of reconstruction.")

TABLES: Mapping[str, tuple[Column, ...]] = {
    "trips_performed": (
        _DATE, _PERFORMED, _VEHICLE, _SCHEDULED,
        Column("route_id", "string", "GTFS route_id."),
        Column("shape_id", "string", "GTFS shape_id; blank: the lake numbers shapes by itself.", sql="NULL::VARCHAR"),
        Column("pattern_id", "string", "Our number of the stop pattern."),
        Column("direction_id", "integer", "GTFS direction_id."),
        Column("schedule_trip_start", "datetime", "Planned departure from the first stop."),
        Column("schedule_trip_end", "datetime", "Planned arrival at the last stop."),
        Column("actual_trip_start", "datetime", "Departure from the first stop, as far as known."),
        Column("actual_trip_end", "datetime", "Arrival at the last stop, as far as known."),
        Column("schedule_relationship", "string", "Status of the trip.", enum=_TRIP),
    ),
    "stop_visits": (
        _DATE, _PERFORMED,
        Column("trip_stop_sequence", "integer", "Order of the stop in the trip performed, from 1."),
        Column("scheduled_stop_sequence", "integer", "GTFS stop_sequence."),
        Column("vehicle_id", "string", "Vehicle as the publisher names it; blank where none was seen."),
        Column("dwell", "integer", "Seconds at the stop; blank at the first and last stop."),
        Column("stop_id", "string", "GTFS stop_id."),
        Column("timepoint", "boolean", "Whether punctuality is judged here.", "is_timepoint"),
        Column("schedule_arrival_time", "datetime", "Planned arrival."),
        Column("schedule_departure_time", "datetime", "Planned departure."),
        Column("actual_arrival_time", "datetime", "Arrival."),
        Column("actual_departure_time", "datetime", "Departure."),
        Column(
            "distance", "integer", "Metres from the previous stop along the shape.",
            "CAST(round(distance - lag(distance) OVER (PARTITION BY trip_id_performed ORDER BY trip_stop_sequence)) AS BIGINT)",
        ),
        Column("schedule_relationship", "string", "Status of the stop; Missing: nothing is known of it.", enum=_VISIT),
    ),
    "vehicle_locations": (
        Column(
            "location_ping_id", "string", "Unique within the file.",
            "feed_id || '-' || substr(sha256(filename), 1, 8) || '-' || file_row_number",
        ),
        _DATE,
        Column("event_timestamp", "datetime", "When the vehicle was there."),
        _SCHEDULED,
        Column("scheduled_stop_sequence", "integer", "GTFS stop_sequence of the stop that is served or approached."),
        _VEHICLE,
        Column("stop_id", "string", "GTFS stop_id of the stop that is served or approached."),
        Column("current_status", "string", "Status towards that stop.", enum=_STATUS),
        Column("latitude", "number", "Degrees north, WGS 84."),
        Column("longitude", "number", "Degrees east, WGS 84."),
        Column("heading", "number", "Degrees clockwise from true north."),
        Column("speed", "number", "Metres per second."),
        Column("odometer", "number", "Metres."),
        Column("schedule_relationship", "string", "Status of the trip as the vehicle says it.", enum=_RELATION),
    ),
}  # fmt: skip
"""Columns of TIDES by table, in its order."""

OURS: Mapping[str, tuple[Column, ...]] = {
    "trips_performed": (
        Column("is_observed", "boolean", "Whether a vehicle was seen on the trip."),
        Column("is_canceled", "boolean", "Whether the publisher canceled it; with is_observed it ran nevertheless."),
        Column("match_method", "string", "How the vehicle's trip was known: trip_id, start_time, block, route, nearest_start, none."),
        Column("match_score", "number", "How well it fits; less is better."),
        Column("positions", "integer", "Positions received."),
        Column("coverage", "number", "Share of its scheduled stops that are timed, 0-1."),
        _METHOD,
    ),
    "stop_visits": (
        _SCHEDULED,
        Column("arrival_lo", "datetime", "Last moment at which the vehicle is known not to have arrived."),
        Column("arrival_hi", "datetime", "First moment at which it is known to have arrived."),
        Column("departure_lo", "datetime", "Last moment at which it is known not to have departed."),
        Column("departure_hi", "datetime", "First moment at which it is known to have departed."),
        Column("method", "string", "What the actual times rest on: status, geometry, trip_update, interpolated; blank: not timed."),
        _METHOD,
    ),
    "vehicle_locations": (
        Column("vehicle_label", "string", "What passengers read on the vehicle."),
        Column("is_matched", "boolean", "Whether the timetable has the trip id; blank: none was given."),
        Column("route_id", "string", "GTFS route_id as published."),
        Column("direction_id", "integer", "GTFS direction_id as published."),
        Column("occupancy_status", "string", "GTFS-Realtime occupancy status."),
        Column("is_header_time", "boolean", "Whether the time is that of the message and not the vehicle's own."),
        Column("feed_timestamp", "datetime", "Time of the message."),
        Column("received_at", "datetime", "When the message was received."),
        Column("source_sha256", "string", "Hash of the message's bytes."),
    ),
}
"""Columns of ours by table, after those of TIDES."""
