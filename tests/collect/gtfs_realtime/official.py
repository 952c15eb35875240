"""What the official library makes of a message, as rows with the columns of our tables: the slow way, field by field."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import Message
from google.transit.gtfs_realtime_pb2 import FeedMessage

from interurban.collect.gtfs_realtime.columns import parse_date, parse_time

Row = dict[str, Any]
LARGEST = {"int8": 127, "int32": 2**31 - 1}


def official_tables(data: bytes) -> dict[str, list[Row]]:
    """Rows of the four tables of `Decoded`, by its names for them."""
    feed = FeedMessage.FromString(data)
    sent = moment(feed.header, "timestamp")
    entities = [entity for entity in feed.entity if not entity.is_deleted]
    updates = [entity.trip_update for entity in entities if entity.HasField("trip_update")]
    return {
        "vehicle_positions": [position_row(e.vehicle, sent) for e in entities if e.HasField("vehicle")],
        "trip_updates": [update_row(update, sent) for update in updates],
        "trip_update_stops": [stop_row(update, stop, sent) for update in updates for stop in update.stop_time_update],
        "alerts": [row for entity in entities if entity.HasField("alert") for row in alert_rows(entity, sent)],
    }


def value(message: Message, name: str) -> Any:
    return getattr(message, name) if message.HasField(name) else None


def text(message: Message, name: str) -> str | None:
    found = value(message, name)  # bytes where it is not UTF-8
    return (found.decode("utf-8", errors="replace") if isinstance(found, bytes) else found) or None


def number(message: Message, name: str, type_: str = "int32") -> int | None:
    found = value(message, name)
    return found if found is None or found <= LARGEST[type_] else None


def moment(message: Message, name: str) -> int | None:
    found = value(message, name)
    return found if found and 0 < found < 2**63 else None


def named(message: Message, name: str) -> str | None:
    found = value(message, name)
    return None if found is None else message.DESCRIPTOR.fields_by_name[name].enum_type.values_by_number[found].name


def trip_columns(holder: Message) -> Row:
    trip = holder.trip
    return {
        "trip_id_scheduled": text(trip, "trip_id"),
        "route_id": text(trip, "route_id"),
        "direction_id": number(trip, "direction_id", "int8"),
        "start_time": parse_time(text(trip, "start_time") or ""),
        "start_date": parse_date(text(trip, "start_date") or ""),
        "vehicle_id": text(holder.vehicle, "id"),
    }


def position_row(vehicle: Message, sent: int | None) -> Row:
    own = moment(vehicle, "timestamp")
    return {
        **trip_columns(vehicle),
        "vehicle_label": text(vehicle.vehicle, "label"),
        "event_timestamp": own or sent,
        "is_header_time": own is None,
        "latitude": value(vehicle.position, "latitude"),
        "longitude": value(vehicle.position, "longitude"),
        "heading": value(vehicle.position, "bearing"),
        "speed": value(vehicle.position, "speed"),
        "odometer": value(vehicle.position, "odometer"),
        "current_status": named(vehicle, "current_status"),
        "stop_id": text(vehicle, "stop_id"),
        "scheduled_stop_sequence": number(vehicle, "current_stop_sequence"),
        "schedule_relationship": named(vehicle.trip, "schedule_relationship"),
        "occupancy_status": named(vehicle, "occupancy_status"),
        "feed_timestamp": sent,
    }


def update_row(update: Message, sent: int | None) -> Row:
    return {
        **trip_columns(update),
        "trip_relationship": named(update.trip, "schedule_relationship"),
        "delay": value(update, "delay"),
        "update_timestamp": moment(update, "timestamp") or sent,
        "feed_timestamp": sent,
    }


def stop_row(update: Message, stop: Message, sent: int | None) -> Row:
    events = {
        f"{name}_{part}": moment(getattr(stop, name), part) if part == "time" else value(getattr(stop, name), part)
        for name in ("arrival", "departure")
        for part in ("time", "delay", "uncertainty")
    }
    whole = update_row(update, sent)
    del whole["delay"]
    return {
        **whole,
        "stop_sequence": number(stop, "stop_sequence"),
        "stop_id": text(stop, "stop_id"),
        **events,
        "stop_relationship": named(stop, "schedule_relationship"),
    }


def alert_rows(entity: Message, sent: int | None) -> list[Row]:
    alert = entity.alert
    header, description = (next(iter(getattr(alert, name).translation), None) for name in ("header_text", "description_text"))
    begins = [moment(period, "start") for period in alert.active_period]
    ends = [moment(period, "end") for period in alert.active_period]
    whole = {
        "alert_id": text(entity, "id"),
        "cause": named(alert, "cause"),
        "effect": named(alert, "effect"),
        "severity_level": named(alert, "severity_level"),
        "active_from": min(begins) if begins and all(begins) else None,
        "active_to": max(ends) if ends and all(ends) else None,
        "header_text": text(header, "text") if header else None,
        "description_text": text(description, "text") if description else None,
        "language": text(header, "language") if header else None,
        "feed_timestamp": sent,
    }
    nobody = {"agency_id": None, "route_id": None, "route_type": None, "trip_id_scheduled": None, "stop_id": None}
    return [{**whole, **informed_columns(each)} for each in alert.informed_entity] or [{**whole, **nobody}]


def informed_columns(informed: Message) -> Row:
    return {
        "agency_id": text(informed, "agency_id"),
        "route_id": text(informed, "route_id") or text(informed.trip, "route_id"),
        "route_type": value(informed, "route_type"),
        "trip_id_scheduled": text(informed.trip, "trip_id"),
        "stop_id": text(informed, "stop_id"),
    }
