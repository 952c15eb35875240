"""Decoded messages taken together, as many as memory holds in comfort, and made rows of the lake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from interurban.collect.gtfs_realtime.bundle_file import Record
from interurban.collect.gtfs_realtime.placing import ByDate, rows_by_date
from interurban.collect.gtfs_realtime.schedule import Schedule
from interurban.collect.gtfs_realtime.tables import schema

if TYPE_CHECKING:
    import pyarrow as pa

Message = bytes
MAX_BYTES = 32 << 20
MAX_MESSAGES = 2000

# Tables of decoded messages, what they are called in the lake, and the column of `messages` that counts their rows.
_OF_DECODED = {
    "vehicle_positions": ("vehicle_locations", "positions"), "trip_update_stops": ("trip_update_stops", None),
    "trip_updates": ("trip_updates", "trip_updates"), "alerts": ("alerts", "alerts"),
}  # fmt: skip
_TABLES = ("vehicle_locations", "trip_update_stops", "trip_updates", "alerts", "arrivals")


@dataclass
class Batch:
    """Messages of the feed `feed_id` to be landed together; `records` counts them, `bytes` those of messages with rows."""

    feed_id: int
    schedule: Schedule
    records: int = 0
    bytes: int = 0
    _messages: list[dict[str, Any]] = field(default_factory=list)
    _data: dict[int, Message] = field(default_factory=dict)
    _rows: dict[str, list[pa.Table]] = field(default_factory=lambda: {name: [] for name in _TABLES})

    def is_full(self) -> bool:
        """Whether to land before taking more."""
        return self.bytes >= MAX_BYTES or self.records >= MAX_MESSAGES

    def add(self, record: Record, data: Message | None) -> None:
        """Take a message; `data`, in protobuf, only of one whose rows are to be landed."""
        said = {
            "received_at": record.received_at, "feed_timestamp": record.feed_timestamp, "entities": record.entities, "bytes": record.bytes,
            "source_sha256": record.sha256, "entity_hash": record.entity_hash, "outcome": record.outcome.value, "positions": 0,
            "trip_updates": 0, "alerts": 0,
        }  # fmt: skip
        if data is not None:
            self.bytes += record.bytes
            self._data[self.records] = data
        self._take(said, {})

    def add_file_rows(self, sha256: str, tables: Mapping[str, pa.Table]) -> None:
        """Take rows of a file that never was a message: each tells by its `feed_timestamp` when it was said and came."""
        self._take({"source_sha256": sha256}, tables)

    def by_date(self) -> ByDate:
        """The rows as tables of the lake, by service date; of messages, by the UTC day in which they came."""
        import pyarrow as pa

        self._decode()
        number = pa.field("number", pa.int64())
        messages = pa.schema([number, pa.field("feed_version", pa.string()), *schema("messages")])
        given = {"messages": pa.Table.from_pylist(self._messages, schema=messages)}
        for name, tables in self._rows.items():
            declared = pa.schema([*schema(name), number]).empty_table()
            given[name] = pa.concat_tables([declared, *tables], promote_options="default")
        return rows_by_date(given, self.schedule)

    def _decode(self) -> None:
        """Make the messages taken so far rows, all of them together."""
        if not self._data:
            return
        from interurban.collect.gtfs_realtime.decode import decode_together

        numbers = list(self._data)
        decoded = decode_together(list(self._data.values()))
        self._data.clear()
        for number, header in zip(numbers, decoded.headers, strict=True):
            self._messages[number]["feed_version"] = header.feed_version
        for name, (rows, counted) in _OF_DECODED.items():
            if name in decoded.tables:
                self._add_rows(rows, counted, decoded.tables[name], numbers)

    def _add_rows(self, name: str, counted: str | None, table: pa.Table, numbers: list[int]) -> None:
        import numpy as np
        import pyarrow as pa

        from interurban.collect.gtfs_realtime.columns import written_out

        message = table["message"].to_numpy()
        if counted:
            for number, count in zip(numbers, np.bincount(message, minlength=len(numbers)).tolist(), strict=True):
                self._messages[number][counted] = count
        number = pa.array(np.array(numbers, dtype=np.int64)[message])
        self._rows[name].append(written_out(table.drop_columns(["message"])).append_column("number", number))

    def _take(self, said: dict[str, Any], tables: Mapping[str, pa.Table]) -> None:
        import pyarrow as pa

        from interurban.collect.gtfs_realtime.columns import written_out

        self._messages.append({"number": self.records, "feed_id": self.feed_id, **said})
        for name, table in tables.items():
            if table.num_rows:
                numbers = pa.repeat(pa.scalar(self.records, pa.int64()), table.num_rows)
                self._rows[name].append(written_out(table).append_column("number", numbers))
        self.records += 1


def batches(records: Iterable[tuple[Record, bytes | None]], feed_id: int, schedule: Schedule) -> Iterator[Batch]:
    """Messages in batches, in order; see `Batch.add`."""
    batch = Batch(feed_id, schedule)
    for record, data in records:
        batch.add(record, data)
        if batch.is_full():
            yield batch
            batch = Batch(feed_id, schedule)
    if batch.records:
        yield batch
