"""One GTFS-Realtime message as tables: its bytes go through a compiled reader, never through an object per field."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from interurban.collect.gtfs_realtime import fields
from interurban.collect.gtfs_realtime.alerts import alert_table
from interurban.collect.gtfs_realtime.columns import Columns, repeat_rows
from interurban.collect.gtfs_realtime.fields import ALERT, ENTITY, STOP, TRIP_UPDATE, VEHICLE, feed_schema
from interurban.collect.gtfs_realtime.header import header_span
from interurban.errors import UnreadableFeed
from interurban.kernels.wire import Fault, Kind, Rows, WireFault, read_wire, text_place
from interurban.locales import message

_CODES = {
    Fault.VARINT_CUT_OFF: "varint_cut_off",
    Fault.VARINT_TOO_LONG: "varint_too_long",
    Fault.BAD_TAG: "bad_tag",
    Fault.GROUP: "group",
    Fault.WRONG_WIRE_TYPE: "wrong_wire_type",
    Fault.BEYOND_END: "beyond_end",
    Fault.FIELD_MISSING: "field_missing",
    Fault.TOO_LARGE: "too_large",
}


@dataclass(frozen=True, slots=True)
class Header:
    """What a message says of itself: `feed_timestamp` in seconds UTC; None for what it leaves out."""

    version: str | None = None
    incrementality: str | None = None
    feed_timestamp: int | None = None
    feed_version: str | None = None


@dataclass(frozen=True, slots=True)
class Decoded:
    """One message as tables with the columns of docs/lake.md, as far as a message tells them.

    `entities` counts all entities, of which `deleted` say only that something is no more and give no rows; `entity_hash` is
    a hash of everything but the header, by which frozen content is known. A trip update gives one row in `trip_updates` and
    one per stop in `trip_update_stops`; an alert one row per informed entity.
    """

    header: Header
    entities: int
    deleted: int
    entity_hash: str
    vehicle_positions: pa.Table
    trip_update_stops: pa.Table
    trip_updates: pa.Table
    alerts: pa.Table


def decode(data: bytes) -> Decoded:
    """A message in protobuf, the form that publishers serve.

    Missing: what the publisher left out is NULL, and so are an empty text, a time of 0, a date or time that is none, and an
    enum's number that the format does not know. A status or relationship left out is NULL and not the format's default.
    Raises:
        UnreadableFeed: the bytes are no GTFS-Realtime message; `code`, and the `byte` and `place` where it shows.
    """
    try:
        return _decoded(data, read_wire(data, feed_schema()))
    except WireFault as fault:
        code = _CODES[fault.fault]
        place = ".".join(part for part in (fault.message, fault.field) if part)
        text = message(f"decode.{code}", None, byte=fault.byte, place=place)
        raise UnreadableFeed(text, code=code, byte=fault.byte, place=place) from fault


def _decoded(data: bytes, found: Mapping[str, Rows]) -> Decoded:
    header = _header(data, found[""])
    is_deleted = found[ENTITY].raw("is_deleted") == 1
    updates, stops, vehicles = found[TRIP_UPDATE], found[STOP], found[VEHICLE]
    tables = {}
    if vehicles.count:
        batch = _vehicle_positions(Columns(data, vehicles), header)
        tables["vehicle_positions"] = _kept(batch, is_deleted[vehicles.raw("parent")])
    if updates.count:
        batch = _trip_updates(Columns(data, updates), header)
        is_gone = is_deleted[updates.raw("parent")]
        tables["trip_updates"] = _kept(batch, is_gone)
        if stops.count:
            tables["trip_update_stops"] = _kept(_trip_update_stops(data, stops, batch), is_gone[stops.raw("parent")])
    if found[ALERT].count:
        tables["alerts"] = alert_table(data, found, is_deleted, header.feed_timestamp)
    return Decoded(
        header=header,
        entities=found[ENTITY].count,
        deleted=int(np.count_nonzero(is_deleted)),
        entity_hash=_entity_hash(data),
        **(_empty_tables() | tables),
    )


@cache
def _empty_tables() -> dict[str, pa.Table]:
    """The four tables without a row; most messages have rows in one or two of them."""
    found = read_wire(b"\x0a\x05\x0a\x032.0", feed_schema())
    trips = _trip_updates(Columns(b"", found[TRIP_UPDATE]), Header())
    none = np.zeros(0, dtype=np.bool_)
    return {
        "vehicle_positions": _kept(_vehicle_positions(Columns(b"", found[VEHICLE]), Header()), none),
        "trip_updates": _kept(trips, none),
        "trip_update_stops": _kept(_trip_update_stops(b"", found[STOP], trips), none),
        "alerts": alert_table(b"", found, none, None),
    }


def _kept(batch: pa.RecordBatch, is_deleted: npt.NDArray[np.bool_]) -> pa.Table:
    return pa.Table.from_batches([batch.filter(pa.array(~is_deleted)) if is_deleted.any() else batch])


def _header(data: bytes, root: Rows) -> Header:
    """The header, without the arrays that one row is not worth."""
    incrementality, timestamp = (int(root.raw(f"header.{name}")[0]) for name in ("incrementality", "timestamp"))
    return Header(
        version=_text(data, root, "header.gtfs_realtime_version"),
        incrementality=fields.INCREMENTALITY.get(incrementality),
        feed_timestamp=timestamp if timestamp > 0 else None,
        feed_version=_text(data, root, "header.feed_version"),
    )


def _text(data: bytes, root: Rows, name: str) -> str | None:
    start, length = text_place(int(root.raw(name)[0]))
    return data[start : start + length].decode("utf-8", errors="replace") or None


def _entity_hash(data: bytes) -> str:
    """SHA-256 of the bytes around the header."""
    start, _, end = header_span(data)
    digest = hashlib.sha256(memoryview(data)[:start])
    digest.update(memoryview(data)[end:])
    return digest.hexdigest()


def _trip_columns(columns: Columns) -> dict[str, pa.Array]:
    """Which trip, and which of its runs, as all three tables name it."""
    return {
        "trip_id_scheduled": columns.text("trip.trip_id"),
        "route_id": columns.text("trip.route_id"),
        "direction_id": columns.integer("trip.direction_id", pa.int8()),
        "start_time": columns.time("trip.start_time"),
        "start_date": columns.date("trip.start_date"),
        "vehicle_id": columns.text("vehicle.id"),
    }


def _vehicle_positions(columns: Columns, header: Header) -> pa.RecordBatch:
    own = columns.moment("timestamp")
    return pa.RecordBatch.from_pydict(
        {
            **_trip_columns(columns),
            "vehicle_label": columns.text("vehicle.label"),
            "event_timestamp": _else_header(own, header),
            "is_header_time": own.is_null(),
            "latitude": columns.real("position.latitude"),
            "longitude": columns.real("position.longitude"),
            "heading": columns.real("position.bearing"),
            "speed": columns.real("position.speed"),
            "odometer": columns.real("position.odometer", Kind.DOUBLE),
            "current_status": columns.named("current_status", fields.STOP_STATUS),
            "stop_id": columns.text("stop_id"),
            "scheduled_stop_sequence": columns.integer("current_stop_sequence", pa.int32()),
            "schedule_relationship": columns.named("trip.schedule_relationship", fields.TRIP_RELATIONSHIP),
            "occupancy_status": columns.named("occupancy_status", fields.OCCUPANCY),
            "feed_timestamp": _repeated(header.feed_timestamp, len(own)),
        }
    )


def _trip_updates(columns: Columns, header: Header) -> pa.RecordBatch:
    own = columns.moment("timestamp")
    return pa.RecordBatch.from_pydict(
        {
            **_trip_columns(columns),
            "trip_relationship": columns.named("trip.schedule_relationship", fields.TRIP_RELATIONSHIP),
            "delay": columns.integer("delay", pa.int32()),
            "update_timestamp": _else_header(own, header),
            "feed_timestamp": _repeated(header.feed_timestamp, len(own)),
        }
    )


def _trip_update_stops(data: bytes, stops: Rows, trips: pa.RecordBatch) -> pa.RecordBatch:
    columns = Columns(data, stops)
    events = {
        f"{event}_{name}": columns.moment(f"{event}.time") if name == "time" else columns.integer(f"{event}.{name}", pa.int32())
        for event in ("arrival", "departure")
        for name in ("time", "delay", "uncertainty")
    }
    own = {
        "stop_sequence": columns.integer("stop_sequence", pa.int32()),
        "stop_id": columns.text("stop_id"),
        **events,
        "stop_relationship": columns.named("schedule_relationship", fields.STOP_RELATIONSHIP),
    }
    return pa.RecordBatch.from_pydict(repeat_rows(trips.drop_columns(["delay"]), stops.raw("parent")) | own)


def _else_header(own: pa.Int64Array, header: Header) -> pa.Int64Array:
    return own if header.feed_timestamp is None or not own.null_count else own.fill_null(header.feed_timestamp)


def _repeated(moment: int | None, count: int) -> pa.Int64Array:
    return pa.repeat(pa.scalar(moment, pa.int64()), count)
