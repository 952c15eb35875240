"""The file in which messages of a feed and UTC day are kept as they came: a tar, each message compressed by itself.

Any tar that knows Zstandard reads it (`tar --zstd -xf`). Before each message stands a frame that decompressors step over; it holds a record
of the message, the length of what follows and checksums. By the records a growing file is read without decompressing it, and what a killed
process or a full disk left half-written is found. A record may stand alone: the message said nothing new, and its bytes are not kept twice.

A sealed bundle has the same records in one such frame and then the same tar compressed as a whole, to the same bytes whenever it is done.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import struct
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from interurban.errors import NodeError
from interurban.locales import message
from interurban.model.realtime import MessageOutcome

_MAGIC = 0x184D2A57  # the eighth of the sixteen numbers of a Zstandard frame that is to be skipped (RFC 8878, 3.1.2)
_HEAD = struct.Struct("<III")  # magic, length of what is skipped, CRC-32 of the record
_BLOCK_BYTES = 512  # of a tar
GARBAGE_SUFFIX = ".garbage"
"""Ends the names of what was no message."""
_GROWING_LEVEL, _SEALED_LEVEL = 3, 12  # above 12 Zstandard takes ten times as long for a few per cent
_SEALED_FRAME_BYTES = 64 << 20
_RECORDS_LIMIT_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a message: when it came, what became of it, its size and hash; from its header, how many entities, their hash.

    `feed_timestamp`, `entities` and `entity_hash` are None of garbage. `form` is "pb" or "json". `is_kept`: its bytes are in the bundle.
    """

    received_at: int
    outcome: MessageOutcome
    bytes: int
    sha256: str
    form: str
    is_kept: bool
    feed_timestamp: int | None = None
    entities: int | None = None
    entity_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record's message lies in a growing bundle: offset, length (0: it is not kept) and CRC-32 of its frame."""

    record: Record
    offset: int
    length: int
    crc: int

    @property
    def end(self) -> int:
        """Where the next record begins."""
        return self.offset + self.length


def appended(record: Record, data: bytes, position: int) -> bytes:
    """The bytes to append to a growing bundle for its record number `position`."""
    frame = _compressed(_member(record, data, position), _GROWING_LEVEL) if record.is_kept else b""
    return _skipped([record], len(frame), zlib.crc32(frame)) + frame


def places(path: Path) -> tuple[list[Place], int]:
    """Records of a growing bundle in order, and where the sound part of the file ends; what lies behind was being written.

    Raises:
        NodeError: damage inside the file: sound records follow it. Nothing is cut then.
    """
    found: list[Place] = []
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        end = 0
        while (place := _place_at(file, end, size)) is not None:
            found.append(place)
            end = place.end
        if found and zlib.crc32(_frame(file, found[-1])) != found[-1].crc:  # all before it was on the disk when it was begun
            found.pop()
            end = found[-1].end if found else 0
        file.seek(end)
        if end < size and _has_record(file.read(), end, file, size):
            raise NodeError(message("realtime.damaged_bundle", path=str(path), byte=end), path=str(path), byte=end)
    return found, end


def read_growing(path: Path, from_position: int = 0) -> Iterator[tuple[int, Record, bytes | None]]:
    """(position, record, message or None where it is not kept) of a growing bundle, in order."""
    found, _ = places(path)
    with path.open("rb") as file:
        for position, place in enumerate(found[from_position:], from_position):
            data = None
            if place.record.is_kept:
                member = _decompressed(_frame(file, place), place.record.bytes + 2 * _BLOCK_BYTES)
                data = member[_BLOCK_BYTES : _BLOCK_BYTES + place.record.bytes]
            yield position, place.record, data


def write_sealed(growing: Path, target: Path) -> None:
    """Write a growing bundle as a sealed one; the same records and messages give the same bytes."""
    found, _ = places(growing)
    with target.open("wb") as out:
        out.write(_skipped([place.record for place in found], 0, 0))
        frame = bytearray()
        for position, record, data in read_growing(growing):
            if data is not None:
                frame += _member(record, data, position)
            while len(frame) >= _SEALED_FRAME_BYTES:
                out.write(_compressed(bytes(frame[:_SEALED_FRAME_BYTES]), _SEALED_LEVEL))
                del frame[:_SEALED_FRAME_BYTES]
        out.write(_compressed(bytes(frame) + bytes(2 * _BLOCK_BYTES), _SEALED_LEVEL))
        out.flush()
        os.fsync(out.fileno())


def sealed_records(path: Path) -> list[Record]:
    """Records of a sealed bundle, in order."""
    with path.open("rb") as file:
        head = file.read(_HEAD.size)
        _, length, _ = _HEAD.unpack(head)
        return _parsed(file.read(length - 4))[0]


def read_sealed(path: Path, from_position: int = 0) -> Iterator[tuple[int, Record, bytes | None]]:
    """(position, record, message or None where it is not kept) of a sealed bundle, in order; memory is that of one message."""
    import pyarrow as pa

    records = sealed_records(path)
    with pa.input_stream(str(path), compression="zstd") as stream:
        for position, record in enumerate(records):
            data = None
            if record.is_kept:
                stream.read(_BLOCK_BYTES)
                data = stream.read(record.bytes)
                stream.read(-record.bytes % _BLOCK_BYTES)
            if position >= from_position:
                yield position, record, data


def member_name(record: Record, position: int) -> str:
    """Name of a message in the tar: when it came, its number in the bundle, and what it is unless it is a good message."""
    moment = dt.datetime.fromtimestamp(record.received_at, dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    if record.outcome is MessageOutcome.GARBAGE:
        return f"{moment}-{position:06}{GARBAGE_SUFFIX}"
    return f"{moment}-{position:06}{'-older' if record.outcome is MessageOutcome.OLDER else ''}.{record.form}"


def _member(record: Record, data: bytes, position: int) -> bytes:
    info = tarfile.TarInfo(member_name(record, position))
    info.size, info.mtime = len(data), record.received_at
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % _BLOCK_BYTES)


def _skipped(records: Sequence[Record], frame_bytes: int, frame_crc: int) -> bytes:
    rows = [list(dataclasses.astuple(record)) for record in records]
    text = json.dumps([frame_bytes, frame_crc, rows], separators=(",", ":")).encode()
    if len(records) != 1:
        text = _compressed(text, _SEALED_LEVEL)
    return _HEAD.pack(_MAGIC, len(text) + 4, zlib.crc32(text)) + text


def _parsed(text: bytes) -> tuple[list[Record], int, int]:
    if not text.startswith(b"["):
        text = _decompressed(text, _RECORDS_LIMIT_BYTES)
    frame_bytes, frame_crc, rows = json.loads(text)
    return [Record(row[0], MessageOutcome(row[1]), *row[2:]) for row in rows], frame_bytes, frame_crc


def _place_at(file: BinaryIO, start: int, size: int) -> Place | None:
    """The record that begins at `start`; None where there is none that is whole."""
    file.seek(start)
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    magic, length, crc = _HEAD.unpack(head)
    if magic != _MAGIC or not _HEAD.size - 8 < length <= size - start:
        return None
    text = file.read(length - 4)
    if len(text) < length - 4 or zlib.crc32(text) != crc:
        return None
    records, frame_bytes, frame_crc = _parsed(text)
    place = Place(records[0], start + 8 + length, frame_bytes, frame_crc)
    return place if place.end <= size else None


def _frame(file: BinaryIO, place: Place) -> bytes:
    file.seek(place.offset)
    return file.read(place.length)


def _has_record(tail: bytes, start: int, file: BinaryIO, size: int) -> bool:
    """Whether a sound record begins somewhere in the tail of the file."""
    at = tail.find(struct.pack("<I", _MAGIC), 1)
    while at >= 0:
        if _place_at(file, start + at, size) is not None:
            return True
        at = tail.find(struct.pack("<I", _MAGIC), at + 1)
    return False


def _compressed(data: bytes, level: int) -> bytes:
    import pyarrow as pa

    packed: bytes = pa.Codec("zstd", compression_level=level).compress(data, asbytes=True)
    return packed


def _decompressed(data: bytes, limit: int) -> bytes:
    """What some frames hold, at most `limit` bytes of it."""
    import pyarrow as pa

    with pa.input_stream(pa.py_buffer(data), compression="zstd") as stream:
        unpacked: bytes = stream.read(limit)
        return unpacked
