"""Snapshots, feed versions, their notices and their files in the lake, in the catalogue."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, delete, insert, select, update

from interurban.errors import NotFound
from interurban.locales import message
from interurban.model.feed_version import FeedVersion, FeedVersionStatus, LakeFile
from interurban.model.notice import Notice, Sample, Severity
from interurban.model.snapshot import Snapshot
from interurban.store import schema
from interurban.store.database import Database
from interurban.store.follow import following_feeds
from interurban.store.last_seen import versions_by_last_seen


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a feed version gave, beside its tables: its validity, rows per table and notices.

    `is_usable` is False when nothing of it can be used; it has no tables then.
    """

    is_usable: bool = True
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    notices: Sequence[Notice] = ()


class FeedVersions:
    """Snapshots and feed versions; part of the catalogue."""

    database: Database
    clock: Callable[[], dt.datetime]

    def add_snapshot(self, snapshot: Snapshot) -> tuple[Snapshot, FeedVersion]:
        """Register bytes that were fetched, and the feed version that they are, in one step.

        Bytes that the source gave before keep their first snapshot; content that it gave before, packed in any way,
        keeps its feed version. A version that is new is pending until `record_reading`.

        Raises:
            NotFound: there is no such source.
        """
        with self.database.writing() as connection, following_feeds(connection, self.clock):
            _see_source(connection, snapshot.source_id)
            kept = _kept_snapshot(connection, snapshot)
            t = schema.feed_version
            same = (t.c.source_id == kept.source_id) & (t.c.content_hash == kept.content_hash)
            if connection.execute(select(t.c.id).where(same)).first() is None:
                connection.execute(insert(t), {
                    "source_id": kept.source_id, "content_hash": kept.content_hash, "snapshot_id": kept.id,
                    "created_at": self.clock(), "status": FeedVersionStatus.PENDING.value, "counts": {},
                })
            return kept, _feed_version(connection.execute(versions_by_last_seen().where(same)).one())

    def list_snapshots(self, source_id: int) -> list[Snapshot]:
        """Every snapshot of a source, oldest first."""
        t = schema.snapshot
        rows = self.database.rows(select(t).where(t.c.source_id == source_id).order_by(t.c.fetched_at, t.c.id))
        return [Snapshot(**row._mapping) for row in rows]

    def get_snapshot(self, snapshot_id: int) -> Snapshot:
        """The snapshot of this id; NotFound when there is none."""
        row = self.database.first(select(schema.snapshot).where(schema.snapshot.c.id == snapshot_id))
        if row is None:
            raise NotFound(message("store.no_snapshot", snapshot=str(snapshot_id)), snapshot_id=snapshot_id)
        return Snapshot(**row._mapping)

    def record_reading(self, feed_version_id: int, reading: Reading, files: Sequence[LakeFile] = ()) -> FeedVersion:
        """Write down all that reading a version gave, in one step, in place of what an earlier reading gave.

        Raises:
            NotFound: there is no such feed version.
        """
        status = FeedVersionStatus.READY if reading.is_usable else FeedVersionStatus.UNUSABLE
        values = {
            "status": status.value, "valid_from": reading.valid_from, "valid_to": reading.valid_to,
            "counts": dict(reading.counts),
        }
        with self.database.writing() as connection:
            t = schema.feed_version
            if not connection.execute(update(t).where(t.c.id == feed_version_id), values).rowcount:
                raise _no_version(feed_version_id)
            _replace_notices(connection, feed_version_id, reading.notices)
            connection.execute(delete(schema.lake_file).where(schema.lake_file.c.feed_version_id == feed_version_id))
            if files:
                rows = [dataclasses.asdict(dataclasses.replace(f, feed_version_id=feed_version_id)) for f in files]
                connection.execute(insert(schema.lake_file), rows)
            return _feed_version(connection.execute(versions_by_last_seen().where(t.c.id == feed_version_id)).one())

    def find_feed_version(self, feed_version_id: int) -> FeedVersion | None:
        """The feed version of this id, or None."""
        row = self.database.first(versions_by_last_seen().where(schema.feed_version.c.id == feed_version_id))
        return _feed_version(row) if row else None

    def get_feed_version(self, feed_version_id: int) -> FeedVersion:
        """The feed version of this id; NotFound when there is none."""
        version = self.find_feed_version(feed_version_id)
        if version is None:
            raise _no_version(feed_version_id)
        return version

    def list_feed_versions(self, source_id: int | None = None) -> list[FeedVersion]:
        """Feed versions of one source or of all, the one last seen at its publisher last.

        A publisher who goes back to an earlier content has that version in front of everyone again: it is the newest once more.
        """
        query = versions_by_last_seen()
        if source_id is not None:
            query = query.where(schema.feed_version.c.source_id == source_id)
        return [_feed_version(row) for row in self.database.rows(query)]

    def version_in_force(self, source_id: int, date: dt.date) -> FeedVersion | None:
        """The version that describes the service of `date`, or None when none of the source does.

        Of the versions that are ready and whose validity contains the date, the one last seen at its publisher: a publication
        replaces the ones before it on every date that it covers, and they stay in force on the dates before it begins.
        The date of the fetch does not matter otherwise: a version fetched in June whose validity begins in May is in
        force in May.
        """
        t = schema.feed_version
        rows = self.database.rows(versions_by_last_seen().where(
            (t.c.source_id == source_id) & (t.c.status == FeedVersionStatus.READY.value)
            & (t.c.valid_from <= date) & (t.c.valid_to >= date),
        ))
        return _feed_version(rows[-1]) if rows else None

    def list_notices(self, feed_version_id: int) -> list[Notice]:
        """Notices of a feed version, in the order in which the reader gave them."""
        t = schema.notice
        rows = self.database.rows(select(t).where(t.c.feed_version_id == feed_version_id).order_by(t.c.position))
        return [_notice(row) for row in rows]

    def list_lake_files(self, feed_version_id: int | None = None) -> list[LakeFile]:
        """Files in the lake of one feed version or of all, by version and table."""
        t = schema.lake_file
        query = select(t).order_by(t.c.feed_version_id, t.c.table)
        if feed_version_id is not None:
            query = query.where(t.c.feed_version_id == feed_version_id)
        return [LakeFile(**row._mapping) for row in self.database.rows(query)]


def _see_source(connection: Connection, source_id: int) -> None:
    if connection.execute(select(schema.source.c.id).where(schema.source.c.id == source_id)).first() is None:
        raise NotFound(message("store.no_source", source=str(source_id)), source_id=source_id)


def _kept_snapshot(connection: Connection, snapshot: Snapshot) -> Snapshot:
    t = schema.snapshot
    same = (t.c.source_id == snapshot.source_id) & (t.c.sha256 == snapshot.sha256)
    row = connection.execute(select(t).where(same)).first()
    if row is None:
        values = {column.name: getattr(snapshot, column.name) for column in t.columns if column.name != "id"}
        connection.execute(insert(t), values)
        row = connection.execute(select(t).where(same)).one()
    return Snapshot(**row._mapping)


def _replace_notices(connection: Connection, feed_version_id: int, notices: Sequence[Notice]) -> None:
    connection.execute(delete(schema.notice).where(schema.notice.c.feed_version_id == feed_version_id))
    rows = [
        {**dataclasses.asdict(n), "feed_version_id": feed_version_id, "position": i, "severity": n.severity.value}
        for i, n in enumerate(notices)
    ]
    if rows:
        connection.execute(insert(schema.notice), rows)


def _no_version(feed_version_id: int) -> NotFound:
    return NotFound(message("store.no_feed_version", version=str(feed_version_id)), feed_version_id=feed_version_id)


def _feed_version(row: Row[tuple[object, ...]]) -> FeedVersion:
    values = {**row._mapping}
    return FeedVersion(**{**values, "status": FeedVersionStatus(str(values["status"]))})


def _notice(row: Row[tuple[object, ...]]) -> Notice:
    values = {name: value for name, value in row._mapping.items() if name not in ("feed_version_id", "position")}
    values |= {"severity": Severity(values["severity"]), "samples": tuple(Sample(**s) for s in values["samples"])}
    return Notice(**values)
