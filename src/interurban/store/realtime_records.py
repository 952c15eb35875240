"""Partitions of service days, bundles of messages and coverage, in the catalogue."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Row, delete, insert, select, update

from interurban.model.realtime import (
    MINUTES_PER_DAY,
    Bundle,
    BundleForm,
    Coverage,
    DayFile,
    DayPartition,
    MinuteState,
)
from interurban.store import schema
from interurban.store.database import Database

if TYPE_CHECKING:
    from interurban.store.day_partitions import DayPart

_WORST_TO_BEST = "".join(MinuteState)


class RealtimeRecords:
    """Service days, bundles and coverage; part of the catalogue."""

    database: Database
    clock: Callable[[], dt.datetime]

    def record_day_part(self, connection: Connection, part: DayPart, written_at: dt.datetime) -> None:
        """Name the files of a part in an open transaction; see `DayPartitions.register`."""
        partition_id = _partition_id(connection, part, written_at)
        t = schema.day_file
        if part.replaces:
            connection.execute(delete(t).where(t.c.partition_id == partition_id))
        there = set(connection.execute(select(t.c.path).where(t.c.partition_id == partition_id)).scalars())
        rows = [{**dataclasses.asdict(file), "partition_id": partition_id} for file in part.files if file.path not in there]
        if rows:
            connection.execute(insert(t), rows)

    def forget_days(self, connection: Connection, source_id: int, layer: str) -> None:
        """Forget all partitions of a source's layer in an open transaction; their files are unregistered then."""
        t, file = schema.day_partition, schema.day_file
        ids = select(t.c.id).where((t.c.source_id == source_id) & (t.c.layer == layer))
        connection.execute(delete(file).where(file.c.partition_id.in_(ids)))
        connection.execute(delete(t).where((t.c.source_id == source_id) & (t.c.layer == layer)))

    def list_day_partitions(
        self, source_id: int | None = None, layer: str | None = None, service_date: dt.date | None = None
    ) -> list[DayPartition]:
        """Partitions with their files, by source, service date and layer; those asked for where something is given."""
        t, file = schema.day_partition, schema.day_file
        query = select(t, *file.columns).outerjoin(file, file.c.partition_id == t.c.id)
        for column, value in ((t.c.source_id, source_id), (t.c.layer, layer), (t.c.service_date, service_date)):
            if value is not None:
                query = query.where(column == value)
        rows = self.database.rows(query.order_by(t.c.source_id, t.c.service_date, t.c.layer, file.c.table, file.c.path))
        return [_partition(list(group)) for _, group in groupby(rows, key=lambda row: row.id)]

    def list_bundles(self, source_id: int | None = None) -> list[Bundle]:
        """Bundles of one source, or of all, in the order of source, day and part."""
        t = schema.bundle
        query = select(t).order_by(t.c.source_id, t.c.day, t.c.part)
        if source_id is not None:
            query = query.where(t.c.source_id == source_id)
        return [Bundle(**{**row._mapping, "form": BundleForm(row.form)}) for row in self.database.rows(query)]

    def put_bundle(self, connection: Connection, bundle: Bundle) -> None:
        """Write down how far a bundle has come, in an open transaction."""
        t = schema.bundle
        row = dataclasses.asdict(bundle) | {"form": bundle.form.value}
        same = (t.c.source_id == bundle.source_id) & (t.c.day == bundle.day) & (t.c.part == bundle.part)
        if not connection.execute(update(t).where(same).values(row)).rowcount:
            connection.execute(insert(t), row)

    def land_again(self, source_id: int, layer: str) -> None:
        """Forget what a source's bundles have left in the lake, so that the next landing begins from the first."""
        t = schema.bundle
        with self.database.writing() as connection:
            self.forget_days(connection, source_id, layer)
            connection.execute(update(t).where(t.c.source_id == source_id).values(landed=0))

    def add_coverage(self, source_id: int, minute: int, state: MinuteState | str) -> None:
        """Say how a minute went; of several tries in a minute the best stays.

        Args:
            source_id: the feed.
            minute: minutes since 1970 UTC.
            state: how it went.
        """
        self.add_coverages([(source_id, minute, state)])

    def add_coverages(self, minutes: Iterable[tuple[int, int, MinuteState | str]]) -> None:
        """Say how minutes of feeds went, all in one transaction; see `add_coverage`."""
        by_day: dict[tuple[int, dt.date], list[tuple[int, str]]] = {}
        for source_id, minute, state in minutes:
            day = dt.datetime.fromtimestamp(minute * 60, dt.UTC).date()
            by_day.setdefault((source_id, day), []).append((minute % MINUTES_PER_DAY, str(MinuteState(state))))
        with self.database.writing() as connection:
            for (source_id, day), states in sorted(by_day.items()):
                _cover(connection, source_id, day, states)

    def list_coverage(self, source_id: int, day: dt.date | None = None) -> list[Coverage]:
        """Coverage of a feed by UTC day: of one day (nothing where nobody asked on it), or of all."""
        t = schema.coverage
        query = select(t).where(t.c.source_id == source_id).order_by(t.c.day)
        if day is not None:
            query = query.where(t.c.day == day)
        return [Coverage(**row._mapping) for row in self.database.rows(query)]


def _partition_id(connection: Connection, part: DayPart, written_at: dt.datetime) -> int:
    t = schema.day_partition
    key = {"source_id": part.source_id, "service_date": part.service_date, "layer": part.layer}
    values = {
        "inputs_hash": part.inputs_hash, "method_version": part.method_version, "counts": dict(part.counts), "written_at": written_at,
    }
    same = (t.c.source_id == part.source_id) & (t.c.service_date == part.service_date) & (t.c.layer == part.layer)
    found = connection.execute(select(t.c.id).where(same)).scalar_one_or_none()
    if found is None:
        return int(connection.execute(insert(t).returning(t.c.id), key | values).scalar_one())
    connection.execute(update(t).where(same), values)
    return int(found)


def _partition(rows: list[Row[tuple[object, ...]]]) -> DayPartition:
    names = [column.name for column in schema.day_partition.columns]
    values = {name: rows[0]._mapping[schema.day_partition.c[name]] for name in names}
    file = schema.day_file.c
    columns = [file[field.name] for field in dataclasses.fields(DayFile)]
    files = (DayFile(*(row._mapping[column] for column in columns)) for row in rows if row._mapping[file.path] is not None)
    return DayPartition(**values, files=tuple(files))


def _cover(connection: Connection, source_id: int, day: dt.date, states: list[tuple[int, str]]) -> None:
    t = schema.coverage
    same = (t.c.source_id == source_id) & (t.c.day == day)
    there = connection.execute(select(t.c.minutes).where(same)).scalar_one_or_none()
    minutes = list(there or MinuteState.NOT_ASKED.value * MINUTES_PER_DAY)
    for place, state in states:
        minutes[place] = max(minutes[place], state, key=_WORST_TO_BEST.index)
    row = {"source_id": source_id, "day": day, "minutes": "".join(minutes)}
    connection.execute(update(t).where(same).values(row) if there else insert(t).values(row))
