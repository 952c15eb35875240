"""Archives of messages flattened to Parquet, one row per vehicle or per stop of a trip, columns named by their path.

The form is that of MBTA's LAMP (https://github.com/mbta/lamp): `vehicle.position.latitude`,
`trip_update.stop_time_update.arrival.time`, and the header's time in `feed_timestamp`. A column that is not there is NULL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from interurban.collect.gtfs_realtime.columns import parse_date, parse_time, parsed
from interurban.collect.gtfs_realtime.decode import Decoded, Header, decode
from interurban.errors import NotFound, UnreadableFeed
from interurban.locales import message

BATCH_ROWS = 1 << 17
_NOTHING = b"\x0a\x05\x0a\x032.0"  # the shortest message: a header with a version
_VEHICLE, _UPDATE, _STOP = "vehicle", "trip_update", "trip_update.stop_time_update"


def read_flat(path: Path) -> Iterator[Decoded]:
    """A flattened archive, batch after batch in the order of its rows; memory is that of one batch.

    A batch is shaped like a message but is none: its rows come from many messages, whose time stands in `feed_timestamp`;
    its header is empty, and `entities` counts rows. In `trip_updates` what repeats within a batch is there once.

    Missing: as in `decode`; a column that the file lacks is NULL throughout.
    Raises:
        NotFound: there is no such file.
        UnreadableFeed: not_flat: it is not Parquet, or has neither positions nor trip updates.
    """
    try:
        with pq.ParquetFile(path) as file:
            names = set(file.schema_arrow.names)
            read = next((read for column, read in _KINDS.items() if column in names), None)
            if read is None or "feed_timestamp" not in names:
                raise _not_flat(path, ", ".join([*_KINDS, "feed_timestamp"]))
            wanted = [name for name in file.schema_arrow.names if not pa.types.is_nested(file.schema_arrow.field(name).type)]
            for batch in file.iter_batches(BATCH_ROWS, columns=wanted):
                yield read(pa.table(batch))
    except FileNotFoundError as error:
        raise NotFound(message("fetch.file_not_found", file=path), file=str(path)) from error
    except (pa.ArrowException, OSError) as error:
        raise _not_flat(path, str(error)) from error


def _positions(rows: pa.Table) -> Decoded:
    own, sent = _moment(rows, f"{_VEHICLE}.timestamp"), _moment(rows, "feed_timestamp")
    table = pa.table(
        {
            **_trip_columns(rows, _VEHICLE),
            "vehicle_label": _text(rows, f"{_VEHICLE}.vehicle.label"),
            "event_timestamp": pc.coalesce(own, sent),
            "is_header_time": own.is_null(),
            "latitude": _number(rows, f"{_VEHICLE}.position.latitude", pa.float64()),
            "longitude": _number(rows, f"{_VEHICLE}.position.longitude", pa.float64()),
            "heading": _number(rows, f"{_VEHICLE}.position.bearing", pa.float64()),
            "speed": _number(rows, f"{_VEHICLE}.position.speed", pa.float64()),
            "odometer": _number(rows, f"{_VEHICLE}.position.odometer", pa.float64()),
            "current_status": _text(rows, f"{_VEHICLE}.current_status"),
            "stop_id": _text(rows, f"{_VEHICLE}.stop_id"),
            "scheduled_stop_sequence": _number(rows, f"{_VEHICLE}.current_stop_sequence", pa.int32()),
            "schedule_relationship": _text(rows, f"{_VEHICLE}.trip.schedule_relationship"),
            "occupancy_status": _text(rows, f"{_VEHICLE}.occupancy_status"),
            "feed_timestamp": sent,
        }
    )
    return _batch(rows.num_rows, vehicle_positions=table)


def _updates(rows: pa.Table) -> Decoded:
    own, sent = _moment(rows, f"{_UPDATE}.timestamp"), _moment(rows, "feed_timestamp")
    events = {
        f"{event}_{name}": _moment(rows, f"{_STOP}.{event}.time")
        if name == "time"
        else _number(rows, f"{_STOP}.{event}.{name}", pa.int32())
        for event in ("arrival", "departure")
        for name in ("time", "delay", "uncertainty")
    }
    about = {
        **_trip_columns(rows, _UPDATE),
        "trip_relationship": _text(rows, f"{_UPDATE}.trip.schedule_relationship"),
        "update_timestamp": pc.coalesce(own, sent),
        "feed_timestamp": sent,
    }
    stop = {
        "stop_sequence": _number(rows, f"{_STOP}.stop_sequence", pa.int32()),
        "stop_id": _text(rows, f"{_STOP}.stop_id"),
        **events,
        "stop_relationship": _text(rows, f"{_STOP}.schedule_relationship"),
    }
    updates = pa.table(about | {"delay": _number(rows, f"{_UPDATE}.delay", pa.int32())})
    updates = updates.group_by(updates.column_names, use_threads=False).aggregate([])
    has_stop = pc.or_(stop["stop_sequence"].is_valid(), stop["stop_id"].is_valid())
    stops = pa.table(about | stop).filter(has_stop)
    return _batch(rows.num_rows, trip_updates=updates, trip_update_stops=stops)


_KINDS = {f"{_VEHICLE}.position.latitude": _positions, f"{_UPDATE}.trip.trip_id": _updates}


def _trip_columns(rows: pa.Table, holder: str) -> dict[str, pa.ChunkedArray]:
    start_time, start_date = (_text(rows, f"{holder}.trip.{name}") for name in ("start_time", "start_date"))
    return {
        "trip_id_scheduled": _text(rows, f"{holder}.trip.trip_id"),
        "route_id": _text(rows, f"{holder}.trip.route_id"),
        "direction_id": _number(rows, f"{holder}.trip.direction_id", pa.int8()),
        "start_time": parsed(start_time, parse_time, pa.int32()),
        "start_date": parsed(start_date, parse_date, pa.date32()),
        "vehicle_id": _text(rows, f"{holder}.vehicle.id"),
    }


def _column(rows: pa.Table, name: str) -> pa.Array:
    """A column as one array; NULLs where the file has none."""
    return rows[name].combine_chunks() if name in rows.column_names else pa.nulls(rows.num_rows)


def _text(rows: pa.Table, name: str) -> pa.StringArray:
    values = _column(rows, name).cast(pa.string())
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, pa.string()), values)


def _number(rows: pa.Table, name: str, type_: pa.DataType) -> pa.Array:
    """Numbers of a column in another type; NULL where that would change the number."""
    values = _column(rows, name)
    kept = values.cast(type_, safe=False)
    if pa.types.is_floating(type_) or pa.types.is_null(values.type):
        return kept
    return pc.if_else(pc.equal(kept.cast(values.type, safe=False), values), kept, pa.scalar(None, type_))


def _moment(rows: pa.Table, name: str) -> pa.Int64Array:
    values = _number(rows, name, pa.int64())
    return pc.if_else(pc.greater(values, 0), values, pa.scalar(None, pa.int64()))


def _not_flat(path: Path, reason: str) -> UnreadableFeed:
    return UnreadableFeed(message("decode.not_flat", file=path.name, reason=reason), code="not_flat", file=str(path))


def _batch(rows: int, **tables: pa.Table) -> Decoded:
    nothing = decode(_NOTHING)
    same_columns = {name: table.select(getattr(nothing, name).column_names) for name, table in tables.items()}
    return replace(nothing, header=Header(), entities=rows, entity_hash="", **same_columns)
