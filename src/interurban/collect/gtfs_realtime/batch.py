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

    from interurban.collect.gtfs_realtime.decode import Decoded

MAX_BYTES = 32 << 20
MAX_MESSAGES = 2000

_TABLES = ("vehicle_locations", "trip_update_stops", "trip_updates", "alerts", "arrivals")


@dataclass
class Batch:
    """Messages of the feed `feed_id` to be landed together; `records` counts them, `bytes` those of messages with rows."""

    feed_id: int
    schedule: Schedule
    records: int = 0
    bytes: int = 0
    _messages: list[dict[str, Any]] = field(default_factory=list)
    _rows: dict[str, list[pa.Table]] = field(default_factory=lambda: {name: [] for name in _TABLES})

    def is_full(self) -> bool:
        """Whether to land before taking more."""
        return self.bytes >= MAX_BYTES or self.records >= MAX_MESSAGES

    def add(self, record: Record, decoded: Decoded | None) -> None:
        """Take a message; `decoded` only of one whose rows are to be landed."""
        said = {
            "received_at": record.received_at, "feed_timestamp": record.feed_timestamp, "entities": record.entities, "bytes": record.bytes,
            "source_sha256": record.sha256, "entity_hash": record.entity_hash, "outcome": record.outcome.value, "positions": 0,
            "trip_updates": 0, "alerts": 0,
        }  # fmt: skip
        if decoded is not None:
            self.bytes += record.bytes
            said |= {
                "feed_version": decoded.header.feed_version, "positions": decoded.vehicle_positions.num_rows,
                "trip_updates": decoded.trip_updates.num_rows, "alerts": decoded.alerts.num_rows,
            }  # fmt: skip
        self._take(said, _tables(decoded) if decoded is not None else {})

    def add_file_rows(self, sha256: str, tables: Mapping[str, pa.Table]) -> None:
        """Take rows of a file that never was a message: each tells by its `feed_timestamp` when it was said and came."""
        self._take({"source_sha256": sha256}, tables)

    def by_date(self) -> ByDate:
        """The rows as tables of the lake, by service date; of messages, by the UTC day in which they came."""
        import pyarrow as pa

        number = pa.field("number", pa.int64())
        messages = pa.schema([number, pa.field("feed_version", pa.string()), *schema("messages")])
        given = {"messages": pa.Table.from_pylist(self._messages, schema=messages)}
        for name, tables in self._rows.items():
            declared = pa.schema([*schema(name), number]).empty_table()
            given[name] = pa.concat_tables([declared, *tables], promote_options="default")
        return rows_by_date(given, self.schedule)

    def _take(self, said: dict[str, Any], tables: Mapping[str, pa.Table]) -> None:
        import pyarrow as pa

        from interurban.collect.gtfs_realtime.columns import written_out

        self._messages.append({"number": self.records, "feed_id": self.feed_id, **said})
        for name, table in tables.items():
            if table.num_rows:
                numbers = pa.repeat(pa.scalar(self.records, pa.int64()), table.num_rows)
                self._rows[name].append(written_out(table).append_column("number", numbers))
        self.records += 1


def _tables(decoded: Decoded) -> dict[str, pa.Table]:
    return {
        "vehicle_locations": decoded.vehicle_positions, "trip_update_stops": decoded.trip_update_stops,
        "trip_updates": decoded.trip_updates, "alerts": decoded.alerts,
    }  # fmt: skip


def batches(records: Iterable[tuple[Record, Decoded | None]], feed_id: int, schedule: Schedule) -> Iterator[Batch]:
    """Messages in batches, in order."""
    batch = Batch(feed_id, schedule)
    for record, decoded in records:
        batch.add(record, decoded)
        if batch.is_full():
            yield batch
            batch = Batch(feed_id, schedule)
    if batch.records:
        yield batch
