"""One GTFS-Realtime message as tables: its bytes go through a compiled reader, never through an object per field."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from interurban.collect.gtfs_realtime import fields
from interurban.collect.gtfs_realtime.alerts import alert_table
from interurban.collect.gtfs_realtime.columns import Columns, may_be_too_long, repeat_rows, taken
from interurban.collect.gtfs_realtime.fields import (
    ALERT,
    DESCRIPTION,
    ENTITY,
    HEADER_TEXT,
    INFORMED,
    STOP,
    TRIP_UPDATE,
    VEHICLE,
    feed_schema,
)
from interurban.collect.gtfs_realtime.header import header_span
from interurban.errors import UnreadableFeed
from interurban.kernels.wire import STRICTER, Fault, Kind, Rows, WireFault, read_wire, text_place
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

_ASKED_BYTES = 16 << 20  # of a message about which the official library is asked: it makes an object of each two bytes, if they say so


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


@dataclass(frozen=True, slots=True)
class Summary:
    """What `Decoded` says of a message beside its rows."""

    header: Header
    entities: int
    entity_hash: str


def summarise(data: bytes) -> Summary:
    """A message as `decode` reads it, without its tables, which are more work than all else of a small one.

    Raises:
        UnreadableFeed: as `decode`.
    """
    try:
        data, found = _read([data])
        if _may_be_too_large(found):
            _tables(data, found)
    except WireFault as fault:
        raise _unreadable(fault) from fault
    return Summary(_headers(data, found[""])[0], found[ENTITY].count, _entity_hash(data))


def decode(data: bytes) -> Decoded:
    """A message in protobuf, the form that publishers serve.

    Missing: what the publisher left out is NULL, and so are an empty text, a time of 0, a date or time that is none, and an
    enum's number that the format does not know. A status or relationship left out is NULL and not the format's default.
    Raises:
        UnreadableFeed: the bytes are no GTFS-Realtime message; `code`, and the `byte` and `place` where it shows.
    """
    try:
        data, found = _read([data])
        tables = _tables(data, found)
    except WireFault as fault:
        raise _unreadable(fault) from fault
    plain = {name: table.drop_columns(["message"]) for name, table in tables.items()}
    deleted = int(np.count_nonzero(found[ENTITY].raw("is_deleted") == 1))
    return Decoded(_headers(data, found[""])[0], found[ENTITY].count, deleted, _entity_hash(data), **(_empty_tables() | plain))


@dataclass(frozen=True, slots=True)
class Together:
    """The headers of several messages, and their rows by table as `Decoded` has them, each with the number of its `message`, from 0.

    Tables without rows are left out.
    """

    headers: Sequence[Header]
    tables: Mapping[str, pa.Table]


def decode_together(messages: Sequence[bytes]) -> Together:
    """Several messages as `decode` gives each.

    What a message costs beside its bytes, some fifty columns to make, is paid once for all of them.

    Raises:
        UnreadableFeed: one of them is no GTFS-Realtime message; as `decode`.
    """
    if not messages:
        return Together([], {})
    try:
        data, found = _read(messages)
        return Together(_headers(data, found[""]), _tables(data, found))
    except WireFault as fault:
        if fault.fault is not Fault.TOO_LARGE or len(messages) == 1:
            raise _unreadable(fault) from fault
    half = len(messages) // 2  # too much for one table of texts is mostly not too much for two
    return _joined(decode_together(messages[:half]), decode_together(messages[half:]))


def _read(messages: Sequence[bytes]) -> tuple[bytes, dict[str, Rows]]:
    """The messages one after the other, and the rows in them; what our reader alone refuses is put plainly by the official one."""
    plain: dict[int, bytes] = {}
    while True:
        every = [plain.get(number, data) for number, data in enumerate(messages)] if plain else messages
        data = b"".join(every)
        try:
            return data, read_wire(data, feed_schema(), np.cumsum([len(each) for each in every]).tolist())
        except WireFault as fault:
            number = fault.number
            if not messages[number]:
                raise _empty() from fault
            again = _put_plainly(messages[number]) if fault.fault in STRICTER and number not in plain else None
            if again is None:
                raise
            plain[number] = again


def _may_be_too_large(found: Mapping[str, Rows]) -> bool:
    """Whether texts that tables repeat row by row might fill the memory; `repeat_rows` counts and refuses them."""
    texts, rows = feed_schema().texts, found[INFORMED].count + found[ALERT].count
    repeated = {TRIP_UPDATE: found[STOP].count, ENTITY: rows, HEADER_TEXT: rows, DESCRIPTION: rows}
    return any(may_be_too_long(found[path].longest(texts[path]), count) for path, count in repeated.items())


def _put_plainly(data: bytes) -> bytes | None:
    """A message without fields that nobody knows, each part of it in one piece; None when it is none for the official library either."""
    from google.protobuf.message import DecodeError
    from google.transit.gtfs_realtime_pb2 import FeedMessage

    if len(data) > _ASKED_BYTES:
        return None
    try:
        feed = FeedMessage.FromString(data)
    except DecodeError:
        return None
    feed.DiscardUnknownFields()
    return bytes(feed.SerializeToString()) if feed.IsInitialized() else None  # it does not look into no bytes at all


def _joined(first: Together, second: Together) -> Together:
    tables = dict(first.tables)
    for name, table in second.tables.items():
        moved = table.set_column(table.schema.get_field_index("message"), "message", pc.add(table["message"], len(first.headers)))
        tables[name] = pa.concat_tables([tables[name], moved]) if name in tables else moved
    return Together([*first.headers, *second.headers], tables)


def _empty() -> UnreadableFeed:
    """No bytes at all: that says more than that the header is missing."""
    return UnreadableFeed(message("decode.empty_message", None), code="empty_message", byte=0)


def _unreadable(fault: WireFault) -> UnreadableFeed:
    code = _CODES[fault.fault]
    place = ".".join(part for part in (fault.message, fault.field) if part)
    text = message(f"decode.{code}", None, byte=fault.byte, place=place)
    return UnreadableFeed(text, code=code, byte=fault.byte, place=place)


def _tables(data: bytes, found: Mapping[str, Rows]) -> dict[str, pa.Table]:
    """Tables that have rows, each row with the number of its `message`."""
    is_deleted = found[ENTITY].raw("is_deleted") == 1
    updates, stops, vehicles, alerts = found[TRIP_UPDATE], found[STOP], found[VEHICLE], found[ALERT]
    tables = {}
    if vehicles.count:
        batch = _vehicle_positions(Columns(data, vehicles), _of_message(data, found, vehicles))
        tables["vehicle_positions"] = _kept(batch, is_deleted[vehicles.raw("parent")])
    if updates.count:
        batch = _trip_updates(Columns(data, updates), _of_message(data, found, updates))
        is_gone = is_deleted[updates.raw("parent")]
        tables["trip_updates"] = _kept(batch, is_gone)
        if stops.count:
            tables["trip_update_stops"] = _kept(_trip_update_stops(data, stops, batch), is_gone[stops.raw("parent")])
    if alerts.count:
        tables["alerts"] = alert_table(data, found, is_deleted, _of_message(data, found, alerts))
    return tables


def _of_message(data: bytes, found: Mapping[str, Rows], rows: Rows) -> dict[str, pa.Array]:
    """What a row that belongs to an entity has of its message."""
    message = found[ENTITY].raw("parent")[rows.raw("parent")]
    sent = Columns(data, found[""]).moment("header.timestamp")
    return {"feed_timestamp": taken(sent, message), "message": pa.array(message)}


@cache
def _empty_tables() -> dict[str, pa.Table]:
    """The four tables without a row; most messages have rows in one or two of them."""
    found = read_wire(b"\x0a\x05\x0a\x032.0", feed_schema())
    of_message = {"feed_timestamp": pa.nulls(0, pa.int64())}
    trips = _trip_updates(Columns(b"", found[TRIP_UPDATE]), of_message)
    none = np.zeros(0, dtype=np.bool_)
    return {
        "vehicle_positions": _kept(_vehicle_positions(Columns(b"", found[VEHICLE]), of_message), none),
        "trip_updates": _kept(trips, none),
        "trip_update_stops": _kept(_trip_update_stops(b"", found[STOP], trips), none),
        "alerts": alert_table(b"", found, none, of_message),
    }


def _kept(batch: pa.RecordBatch, is_deleted: npt.NDArray[np.bool_]) -> pa.Table:
    return pa.Table.from_batches([batch.filter(pa.array(~is_deleted)) if is_deleted.any() else batch])


def _headers(data: bytes, root: Rows) -> list[Header]:
    """The header of each message, without the arrays that one row is not worth."""
    versions, kinds, sent, feed_versions = (
        root.raw(f"header.{name}").tolist() for name in ("gtfs_realtime_version", "incrementality", "timestamp", "feed_version")
    )
    return [
        Header(_text(data, version), fields.INCREMENTALITY.get(kind), moment if moment > 0 else None, _text(data, feed_version))
        for version, kind, moment, feed_version in zip(versions, kinds, sent, feed_versions, strict=True)
    ]


def _text(data: bytes, place: int) -> str | None:
    start, length = text_place(place)
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


def _vehicle_positions(columns: Columns, of_message: Mapping[str, pa.Array]) -> pa.RecordBatch:
    own = columns.moment("timestamp")
    return pa.RecordBatch.from_pydict(
        {
            **_trip_columns(columns),
            "vehicle_label": columns.text("vehicle.label"),
            "event_timestamp": _else_header(own, of_message["feed_timestamp"]),
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
            **of_message,
        }
    )


def _trip_updates(columns: Columns, of_message: Mapping[str, pa.Array]) -> pa.RecordBatch:
    own = columns.moment("timestamp")
    return pa.RecordBatch.from_pydict(
        {
            **_trip_columns(columns),
            "trip_relationship": columns.named("trip.schedule_relationship", fields.TRIP_RELATIONSHIP),
            "delay": columns.integer("delay", pa.int32()),
            "update_timestamp": _else_header(own, of_message["feed_timestamp"]),
            **of_message,
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


def _else_header(own: pa.Int64Array, of_header: pa.Int64Array) -> pa.Int64Array:
    return pc.coalesce(own, of_header) if own.null_count else own
