"""The spool: messages of a feed as they come, safe on the disk before anybody is told that they were accepted.

`spool/<source>/<UTC day>.<part>.tar.zst` grows message by message until its day is over and everything in it has landed; then it is sealed
into the archive. A message that comes for a sealed day begins the day's next part.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from bisect import bisect_right, insort
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.collect.gtfs_realtime.bundle_file import (
    Record,
    appended,
    places,
    read_growing,
    read_sealed,
    sealed_records,
    write_sealed,
)
from interurban.errors import DataError, Defect, NodeError
from interurban.locales import message
from interurban.model.realtime import Bundle, BundleForm, MessageOutcome
from interurban.store.locks import file_lock, flush_folder

if TYPE_CHECKING:
    from interurban.collect.gtfs_realtime.decode import Decoded, Summary
    from interurban.store.node import Node

GARBAGE_KEPT_BYTES = 1 << 20
GARBAGE_KEPT_PER_PART = 100
"""What is no message is kept for whoever looks into it, within these bounds; beyond them it is counted."""

_SAYS_SOMETHING = (MessageOutcome.NEW, MessageOutcome.UNCHANGED)


@dataclass(slots=True)
class _Growing:
    """What must be known of a growing part to append to it: its number, size and records, and the last of them that said something."""

    part: int
    end: int = 0
    count: int = 0
    garbage: int = 0
    last: Record | None = None

    def add(self, record: Record, end: int) -> None:
        self.end, self.count = end, self.count + 1
        self.garbage += record.outcome is MessageOutcome.GARBAGE and record.is_kept
        if record.outcome in _SAYS_SOMETHING and (self.last is None or record.received_at >= self.last.received_at):
            self.last = record


@dataclass(slots=True)
class _History:
    """All of a day's records, for messages that come out of order or once more: loaded when first needed."""

    known: set[tuple[int, str]] = field(default_factory=set)
    said: list[tuple[int, int, Record]] = field(default_factory=list)

    def add(self, record: Record) -> None:
        self.known.add((record.received_at, record.sha256))
        if record.outcome in _SAYS_SOMETHING:
            insort(self.said, (record.received_at, len(self.known), record), key=lambda each: each[:2])


class Spool:
    """The spool of one source; any number of processes may append to it. Memory is small unless messages come out of order."""

    def __init__(self, node: Node, source_id: int) -> None:
        self.source_id = source_id
        self.folder = node.folder / "spool" / str(source_id)
        self._node = node
        self._lock = node.folder / "locks" / f"spool-{source_id}.lock"
        self._days: dict[dt.date, _Growing] = {}
        self._histories: dict[dt.date, _History] = {}

    def accept(self, data: bytes, received_at: int, form: str = "pb") -> MessageOutcome:
        """Keep a message; it is on the disk when this returns.

        Args:
            data: the bytes as they came.
            received_at: when they came, in seconds since 1970 UTC.
            form: "pb" or "json".

        Returns:
            What became of it. A message is compared with the one that came before it: the same entities are unchanged, whatever the header
            says, and a header that goes back in time is older. Of an unchanged message the bytes are not kept again.
        Raises:
            NodeError: the disk is full or cannot be written; nothing of the message is there then.
        """
        with self._held():
            outcome = self._append(data, received_at, form)
            self._histories.clear()
            return outcome

    def accept_once(self, data: bytes, received_at: int, form: str = "pb") -> MessageOutcome | None:
        """Keep a message unless these bytes are there with this moment already (None); see `accept`."""
        with self._held():
            day = utc_day(received_at)
            if (received_at, hashlib.sha256(data).hexdigest()) in self._history(day).known:
                return None
            return self._append(data, received_at, form)

    def add_file(self, day: dt.date, sha256: str, size: int) -> bool:
        """Take an archived file of rows that never were messages into the day's bundles; whether it was not there yet."""
        with self._held():
            bundles = self._node.catalogue.list_bundles(self.source_id)
            if any(bundle.sha256 == sha256 for bundle in bundles):
                return False
            taken = [bundle.part for bundle in bundles if bundle.day == day] + [part for each, part in self._files() if each == day]
            bundle = Bundle(self.source_id, day, max(taken, default=-1) + 1, BundleForm.FILE, 0, sha256, size)
            with self._node.catalogue.database.writing() as connection:
                self._node.catalogue.put_bundle(connection, bundle)
            self._days.pop(day, None)
        return True

    def parts(self) -> list[Bundle]:
        """The source's bundles of messages with the growing ones, by day and part; of those `landed` is 0 until something has landed."""
        known = {(b.day, b.part): b for b in self._node.catalogue.list_bundles(self.source_id) if b.form is BundleForm.MESSAGES}
        growing = {key: Bundle(self.source_id, *key) for key in self._files() if key not in known}
        return [bundle for _, bundle in sorted((known | growing).items())]

    def messages(self, day: dt.date, from_position: int = 0, part: int = 0) -> Iterator[tuple[int, Record, bytes | None]]:
        """(position, record, message or None where its bytes are not kept again) of a day's part, in the order they were accepted."""
        bundle = next((each for each in self.parts() if (each.day, each.part) == (day, part)), None)
        if bundle is None:
            return iter(())
        if bundle.sha256 is not None:
            return read_sealed(self._node.archive.path(bundle.sha256), from_position)
        return read_growing(self._path(day, part), from_position)

    def records(self, bundle: Bundle) -> list[Record]:
        """Records of a bundle in order, without its messages."""
        if bundle.sha256 is not None:
            return sealed_records(self._node.archive.path(bundle.sha256))
        path = self._path(bundle.day, bundle.part)
        return [place.record for place in places(path)[0]] if path.exists() else []

    def seal(self, bundle: Bundle) -> Bundle | None:
        """Put a growing bundle into the archive, compressed whole; None when it holds what has not landed."""
        path = self._path(bundle.day, bundle.part)
        with self._held():
            found, end = places(path)
        if len(found) != bundle.landed:
            return None
        with self._node.archive.aside() as aside:
            write_sealed(path, aside)
            size, sha256 = aside.stat().st_size, self._node.archive.put(aside)
        sealed = Bundle(self.source_id, bundle.day, bundle.part, bundle.form, bundle.landed, sha256, size)
        with self._held():
            if path.stat().st_size != end:  # a message came meanwhile
                return None
            with self._node.catalogue.database.writing() as connection:
                self._node.catalogue.put_bundle(connection, sealed)
            path.unlink()
            self._days.pop(bundle.day, None)
        return sealed

    def remove_sealed(self) -> None:
        """Remove growing files whose sealed bundle is in the archive: a process was killed before it could."""
        with self._held():
            for bundle in self._node.catalogue.list_bundles(self.source_id):
                if bundle.sha256 is not None and bundle.sha256 in self._node.archive:
                    self._path(bundle.day, bundle.part).unlink(missing_ok=True)

    def _append(self, data: bytes, received_at: int, form: str) -> MessageOutcome:
        day = utc_day(received_at)
        growing = self._growing(day)
        record = self._judged(data, received_at, form, growing)
        end = self._write(self._path(day, growing.part), growing.end, appended(record, data, growing.count))
        growing.add(record, end)
        if day in self._histories:
            self._histories[day].add(record)
        return record.outcome

    def _judged(self, data: bytes, received_at: int, form: str, growing: _Growing) -> Record:
        sha256 = hashlib.sha256(data).hexdigest()
        before = self._before(received_at, growing)
        if before is not None and before.sha256 == sha256:
            same = (before.feed_timestamp, before.entities, before.entity_hash)
            return Record(received_at, MessageOutcome.UNCHANGED, len(data), sha256, form, False, *same)
        try:
            said = summary_of(form, data)
        except DataError:
            is_kept = len(data) <= GARBAGE_KEPT_BYTES and growing.garbage < GARBAGE_KEPT_PER_PART
            return Record(received_at, MessageOutcome.GARBAGE, len(data), sha256, form, is_kept)
        feed_timestamp = said.header.feed_timestamp
        outcome = MessageOutcome.NEW
        if before is not None and before.entity_hash == said.entity_hash:
            outcome = MessageOutcome.UNCHANGED
        elif before is not None and feed_timestamp is not None and feed_timestamp < (before.feed_timestamp or feed_timestamp):
            outcome = MessageOutcome.OLDER
        is_kept = outcome is not MessageOutcome.UNCHANGED
        return Record(
            received_at, outcome, len(data), sha256, form, is_kept, feed_timestamp, said.entities, said.entity_hash,
        )

    def _before(self, received_at: int, growing: _Growing) -> Record | None:
        """The last message that said something and came no later."""
        if growing.last is not None and growing.last.received_at <= received_at:
            return growing.last
        for day in (utc_day(received_at), utc_day(received_at) - dt.timedelta(days=1)):
            said = self._history(day).said if growing.last is not None else []
            place = bisect_right(said, received_at, key=lambda each: each[0])
            if place:
                return said[place - 1][2]
        return None

    def _history(self, day: dt.date) -> _History:
        self._growing(day)  # another process may have appended
        if day not in self._histories:
            for old in [each for each in self._histories if abs((each - day).days) > 1]:
                del self._histories[old]
            history = _History()
            for record in self._records_of(day):
                history.add(record)
            self._histories[day] = history
        return self._histories[day]

    def _records_of(self, day: dt.date) -> list[Record]:
        return [record for bundle in self.parts() if bundle.day == day for record in self.records(bundle)]

    def _growing(self, day: dt.date) -> _Growing:
        """The part of a day that grows, as it is on the disk: what another process appended is read, what a killed one left is cut."""
        known = self._days.get(day)
        size = self._size(self._path(day, known.part)) if known else None
        if known is not None and size == (known.end or None):
            return known
        self._histories.pop(day, None)
        for old in [each for each in self._days if each < day - dt.timedelta(days=1)]:
            del self._days[old]
        sealed = {b.part for b in self._node.catalogue.list_bundles(self.source_id) if b.day == day and b.sha256 is not None}
        part = max([*sealed, *(part for each, part in self._files() if each == day)], default=0)
        self._days[day] = self._loaded(day, part + 1 if part in sealed else part)
        return self._days[day]

    def _loaded(self, day: dt.date, part: int) -> _Growing:
        growing, path = _Growing(part), self._path(day, part)
        found, end = places(path) if path.exists() else ([], 0)
        for place in found:
            growing.add(place.record, place.end)
        if path.exists() and end < path.stat().st_size:
            os.truncate(path, end)
        for each in (day, day - dt.timedelta(days=1)):
            if growing.last is None:
                said = [record for record in self._records_of(each) if record.outcome in _SAYS_SOMETHING]
                growing.last = max(said, key=lambda record: record.received_at, default=None)
        return growing

    def _write(self, path: Path, start: int, what: bytes) -> int:
        """Append to a file that is sound up to `start`; its new end."""
        try:
            if not start:
                self.folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                _write_all(descriptor, what, start)
                os.fsync(descriptor)
            except OSError:
                with suppress(OSError):  # what cannot be cut now is cut by the next one to append
                    os.ftruncate(descriptor, start)
                raise
            finally:
                os.close(descriptor)
            if not start:
                flush_folder(self.folder)
        except OSError as error:
            self._days.clear()
            raise NodeError(message("store.cannot_write", path=str(path), reason=error.strerror), path=str(path)) from error
        return start + len(what)

    def _held(self) -> AbstractContextManager[None]:
        return file_lock(self._lock)

    def _path(self, day: dt.date, part: int) -> Path:
        return self.folder / f"{day.isoformat()}.{part}.tar.zst"

    def _files(self) -> Iterator[tuple[dt.date, int]]:
        for path in self.folder.glob("*.tar.zst"):
            day, part, *_ = path.name.split(".")
            yield dt.date.fromisoformat(day), int(part)

    @staticmethod
    def _size(path: Path) -> int | None:
        try:
            return path.stat().st_size
        except FileNotFoundError:
            return None


def decoded_as(form: str, data: bytes) -> Decoded:
    """A message decoded from its form, "pb" or "json"; DataError when it is none."""
    from interurban.collect.gtfs_realtime.decode import decode

    return decode(protobuf_of(form, data))


def summary_of(form: str, data: bytes) -> Summary:
    """What a message says of itself, from its form, "pb" or "json"; DataError when it is none."""
    from interurban.collect.gtfs_realtime.decode import summarise

    return summarise(protobuf_of(form, data))


def protobuf_of(form: str, data: bytes) -> bytes:
    """A message in protobuf, whatever its form, "pb" or "json"; DataError when what should be JSON is no message."""
    if form == "json":
        from interurban.collect.gtfs_realtime.json_form import protobuf_of_json

        return protobuf_of_json(data)
    if form != "pb":
        raise Defect(f"no form {form!r}")
    return data


def utc_day(moment_s: int) -> dt.date:
    """The UTC day of a moment in seconds since 1970."""
    return dt.datetime.fromtimestamp(moment_s, dt.UTC).date()


def _write_all(descriptor: int, what: bytes, start: int) -> None:
    done = 0
    while done < len(what):
        done += os.pwrite(descriptor, what[done:], start + done)
