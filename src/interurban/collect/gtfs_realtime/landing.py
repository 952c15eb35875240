"""Landing: what a feed's bundles hold beyond what has landed becomes rows of the lake, exactly once.

The rows of a batch of messages and how far they reach are registered in one transaction, so a process that is killed lands the batch
again or not at all. The lake can be deleted: the next landing begins from the first message and comes to the same rows, given the same
timetables.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.collect.gtfs.columns import literal
from interurban.collect.gtfs_realtime.batch import Batch, batches
from interurban.collect.gtfs_realtime.bundle_file import Record
from interurban.collect.gtfs_realtime.distinct import distinct_rows
from interurban.collect.gtfs_realtime.placing import ByDate
from interurban.collect.gtfs_realtime.row_files import row_file
from interurban.collect.gtfs_realtime.schedule import Schedule
from interurban.collect.gtfs_realtime.spool import Spool, protobuf_of
from interurban.collect.gtfs_realtime.tables import COLUMNS
from interurban.errors import Defect
from interurban.model.realtime import COLLECTED, Bundle, BundleForm, DayPartition, MessageOutcome
from interurban.store.day_partitions import DayPart
from interurban.store.engine import connect

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from interurban.store.editions import Writer
    from interurban.store.node import Node

MOST_FILES = 12
"""Files of a table of a day above which they are made one."""

SETTLED_AFTER_S = 6 * 3600
"""A UTC day is over so long after its end: what is late has come, and trips past midnight have ended."""


@dataclass(slots=True)
class Landed:
    """What a landing did: messages by outcome, rows written by table, service dates touched, bundles sealed."""

    messages: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    dates: set[dt.date] = field(default_factory=set)
    sealed: list[Bundle] = field(default_factory=list)


def land(node: Node, source_id: int, now_s: int | None = None) -> Landed:
    """Land what a source's bundles hold beyond what has landed; make many small files one, and seal the days that are over.

    Args:
        node: the node.
        source_id: a realtime source.
        now_s: the present moment, in seconds UTC; by default the catalogue's clock.

    Raises:
        NotFound: there is no such source.
        NodeError: the lake or the archive cannot be written, or another process lands this source for ten minutes.
    """
    source = node.catalogue.get_source(source_id)
    now_s = int(node.catalogue.clock().timestamp()) if now_s is None else now_s
    with node.source_lock(source_id):
        spool = Spool(node, source_id)
        spool.remove_sealed()
        if node.days.lost_files(source_id, COLLECTED):
            node.catalogue.land_again(source_id, COLLECTED)
        landed, schedule = Landed(), Schedule(node, source)
        for bundle in spool.parts():
            _land_messages(node, spool, bundle, schedule, landed)
        for bundle in node.catalogue.list_bundles(source_id):
            if bundle.form is BundleForm.FILE and not bundle.landed:
                _land_file(node, bundle, schedule, landed)
        _compact(node, source_id, now_s)
        landed.sealed += [sealed for bundle in spool.parts() if _is_over(bundle.day, now_s) and (sealed := _seal(spool, bundle))]
    return landed


def settle(node: Node, source_id: int, service_date: dt.date) -> DayPartition | None:
    """Make each table of a day one file of distinct rows; None when there is no such day."""
    with node.source_lock(source_id):
        partition = node.days.find(source_id, service_date, COLLECTED)
        return _merged(node, partition) if partition is not None and _has_parts(partition, 1) else partition


def unmatched_by_version(node: Node, source_id: int) -> dict[int | None, tuple[int, int]]:
    """Trip ids that messages named, and how many of them their version of the timetable did not know, by version.

    Each message counts its distinct trip ids; the same trip counts again with every message. None: no version was in force.
    """
    files = node.days.paths_there(source_id, COLLECTED, "messages")
    if not files:
        return {}
    query = f"""
        SELECT feed_version_id, sum(trip_ids)::BIGINT, sum(unmatched_trip_ids)::BIGINT FROM {_union(files)}
        GROUP BY 1 HAVING sum(trip_ids) > 0 ORDER BY 1 NULLS FIRST
    """
    with connect() as con:
        return {version: (trip_ids, unmatched) for version, trip_ids, unmatched in con.execute(query).fetchall()}


def _land_messages(node: Node, spool: Spool, bundle: Bundle, schedule: Schedule, landed: Landed) -> None:
    for batch in batches(_records(spool, bundle, landed), bundle.source_id, schedule):
        bundle = replace(bundle, landed=bundle.landed + batch.records)
        _write(node, bundle, batch.by_date(), landed)


def _records(spool: Spool, bundle: Bundle, landed: Landed) -> Iterator[tuple[Record, bytes | None]]:
    """What was recorded, with the message in protobuf where it was a new one."""
    for _, record, data in spool.messages(bundle.day, bundle.landed, bundle.part):
        landed.messages[record.outcome.value] += 1
        is_new = record.outcome is MessageOutcome.NEW and data is not None
        yield record, protobuf_of(record.form, data) if is_new and data is not None else None


def _land_file(node: Node, bundle: Bundle, schedule: Schedule, landed: Landed) -> None:
    """Land a file of rows that came whole: its parts become visible together."""
    path = node.archive.path(str(bundle.sha256))
    found = row_file(path)
    if found is None:
        raise Defect(f"no reader knows the archived file {bundle.sha256} any more", sha256=bundle.sha256)
    parts: list[DayPart] = []
    for tables in found[0].read(path, schedule.timezone):
        batch = Batch(bundle.source_id, schedule)
        batch.add_file_rows(str(bundle.sha256), tables)
        parts += _parts(node, bundle.source_id, batch.by_date(), landed)
    _register(node, replace(bundle, landed=1), parts)


def _write(node: Node, bundle: Bundle, rows: ByDate, landed: Landed) -> None:
    _register(node, bundle, _parts(node, bundle.source_id, rows, landed))


def _parts(node: Node, source_id: int, rows: ByDate, landed: Landed) -> list[DayPart]:
    for date, tables in rows.items():
        if tables.keys() - {"messages"}:  # these lie by when they came, which makes no service date
            landed.dates.add(date)
        landed.rows.update({name: table.num_rows for name, table in tables.items()})
    return [node.days.write(source_id, date, COLLECTED, tables) for date, tables in rows.items()]


def _register(node: Node, bundle: Bundle, parts: list[DayPart]) -> None:
    def advance(connection: Connection) -> None:
        node.catalogue.put_bundle(connection, bundle)

    node.days.register(parts, advance)


def _compact(node: Node, source_id: int, now_s: int) -> None:
    """Make one file of many, and of few once the day is over."""
    days = node.days.list(source_id, COLLECTED)
    many = [day for day in days if _has_parts(day, 1 if _is_over(day.service_date, now_s) else MOST_FILES)]
    for partition in many:
        _merged(node, partition)
    if many:
        node.days.remove_unregistered(source_id=source_id)


def _has_parts(partition: DayPartition, more_than: int) -> bool:
    return max(Counter(file.table for file in partition.files).values(), default=0) > more_than


def _merged(node: Node, partition: DayPartition) -> DayPartition:
    files = node.days.paths(partition.source_id, partition.service_date, COLLECTED)
    with connect("2GB") as con:

        def writer(table: str) -> Writer:
            rows = distinct_rows(table, _union(files[table])) if table in COLUMNS else f"SELECT * FROM {_union(files[table])}"
            return lambda path: con.execute(f"COPY ({rows}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")

        tables: Mapping[str, Writer] = {table: writer(table) for table in files}
        return node.days.replace(partition.source_id, partition.service_date, COLLECTED, tables)


def _union(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(literal(str(path)) for path in files)}], union_by_name = true)"


def _is_over(day: dt.date, now_s: int) -> bool:
    end = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC) + dt.timedelta(days=1)
    return now_s >= end.timestamp() + SETTLED_AFTER_S


def _seal(spool: Spool, bundle: Bundle) -> Bundle | None:
    return spool.seal(bundle) if bundle.sha256 is None else None
