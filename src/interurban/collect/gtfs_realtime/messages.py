"""Archived messages in the order in which they came: from a file, a folder, a zip or a tar, packed or not."""

from __future__ import annotations

import datetime as dt
import heapq
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from interurban.collect.gtfs_realtime.archives import (
    Member,
    file_member,
    folder_files,
    kind_of,
    packed_tar_members,
    spilled,
    tar_members,
    zip_members,
)
from interurban.collect.gtfs_realtime.header import header_timestamp
from interurban.errors import NotFound, UnreadableFeed
from interurban.locales import message

Form = Literal["pb", "json"]

_SUFFIXES = re.compile(r"\.(pb|pbf|bin|protobuf|proto|json|garbage)(\.(gz|zst))?$", re.IGNORECASE)
_EPOCH = re.compile(r"(?<![0-9A-Za-z])(1\d{9})(\d{3})?(?![0-9A-Za-z])")
_UTC = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)[T_ ]?(\d\d)[:_-]?(\d\d)[:_-]?(\d\d)(?:\.\d+)?Z", re.IGNORECASE | re.ASCII)
_SOON_S = 3600  # a file written within an hour of its message's own time was written when the message came
_CLOCK_S = 60  # by which two clocks may differ


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One archived message, unpacked. `received_at`: seconds UTC when it came; None when nothing tells.

    `fault`: why a damaged one, whose `data` are empty, could not be unpacked.
    """

    name: str
    received_at: int | None
    data: bytes
    form: Form
    fault: UnreadableFeed | None = None


@dataclass(frozen=True, slots=True)
class _Stamp:
    """Where a message lies in its container, and its place in time; `order` is never None."""

    number: int
    received_at: int | None
    order: tuple[int, int]


def open_messages(path: Path) -> Iterator[RawMessage]:
    """The messages of an archive by the time they came.

    That time is told by a message's name (seconds or milliseconds since 1970, or a date and time that ends in Z), else by
    when its file was written if that was within an hour after the message's own time, else by the header. Local times in
    names are not taken: they lack their zone. Messages that nothing dates stay behind their neighbour by name. Damaged
    members come out as they are, or empty with their fault, so that they are counted as garbage.

    Args:
        path: a message; a folder, zip or tar of messages whose names end in .pb, .pbf, .bin, .protobuf, .json (also with
            .gz or .zst behind); tars also as .tar.gz or .tar.zst, our bundles among them. Folders may hold such archives.
    Raises:
        NotFound: there is no such file, or it may not be read.
        UnreadableFeed: no_messages; archive_damaged, archive_cut_off, archive_too_large, or what `zip_safety` raises of the archive.
    """
    try:
        found = _folder(path) if path.is_dir() else _archive(path)
        first = next(found, None)
    except OSError as error:
        raise NotFound(message("fetch.file_not_readable", file=path, reason=error.strerror), file=str(path)) from error
    if first is None:
        raise UnreadableFeed(message("decode.no_messages", file=path), code="no_messages", file=str(path))
    yield first
    yield from found


def _archive(path: Path) -> Iterator[RawMessage]:
    kind = kind_of(path)
    if kind == "zip":
        yield from _random_access(lambda resources: zip_members(path, resources))
    elif kind == "tar":
        yield from _random_access(lambda resources: tar_members(resources.enter_context(path.open("rb")), path.name, resources))
    elif kind == "packed_tar":
        yield from _packed_tar(path)
    else:
        yield from _random_access(lambda _: iter([file_member(path, path.name)]), is_any_name=True)


def _folder(path: Path) -> Iterator[RawMessage]:
    files = list(folder_files(path))
    loose = [file for file in files if _SUFFIXES.search(file.name)]
    archives = [file for file in files if file not in set(loose) and kind_of(file) in ("zip", "tar", "packed_tar")]
    members = [file_member(file, file.relative_to(path).as_posix()) for file in loose]
    found = [_random_access(lambda _: iter(members)), *(_archive(each) for each in archives)]
    yield from heapq.merge(*found, key=lambda raw: raw.received_at or 0)


def _random_access(members: Callable[[ExitStack], Iterable[Member]], *, is_any_name: bool = False) -> Iterator[RawMessage]:
    with ExitStack() as resources:
        found = [each for each in members(resources) if is_any_name or _SUFFIXES.search(each.name)]
        for stamp in _in_order(_stamps(found)):
            yield _message(found[stamp.number], stamp)


def _packed_tar(path: Path) -> Iterator[RawMessage]:
    """Read once for the times and once for the messages; unpacked to disk only if they are not in order."""
    stamps = list(_stamps(_messages_only(packed_tar_members(path))))
    if _in_order(stamps) == stamps:
        for member, stamp in zip(_messages_only(packed_tar_members(path)), stamps, strict=True):
            yield _message(member, stamp)
    else:
        yield from _random_access(lambda resources: tar_members(spilled(path, resources), path.name, resources))


def _messages_only(members: Iterable[Member]) -> Iterator[Member]:
    return (each for each in members if _SUFFIXES.search(each.name))


def _stamps(members: Iterable[Member]) -> Iterator[_Stamp]:
    last = 0
    for number, member in enumerate(members):
        received_at = time_in_name(member.name)
        if received_at is None:
            received_at = _time_of_message(member)
        last = last if received_at is None else received_at
        yield _Stamp(number, received_at, (last, number))


def _in_order(stamps: Iterable[_Stamp]) -> list[_Stamp]:
    return sorted(stamps, key=lambda stamp: stamp.order)


def _message(member: Member, stamp: _Stamp) -> RawMessage:
    data, fault = _read(member)
    return RawMessage(member.name, stamp.received_at, data, _form(member.name, data), fault)


def _read(member: Member) -> tuple[bytes, UnreadableFeed | None]:
    """The message; when it is damaged nothing, which the decoder will refuse and its caller count, and the fault."""
    try:
        return member.read(), None
    except UnreadableFeed as fault:
        return b"", fault


def _form(name: str, data: bytes) -> Form:
    """JSON by its name or first sign; protobuf begins with a line feed, the tag of its header."""
    is_json = re.search(r"\.json(\.\w+)?$", name, re.IGNORECASE) or data[:1] in (b"{", b"[", b"\xef")
    return "json" if is_json else "pb"


def time_in_name(name: str) -> int | None:
    """The moment that a file's name tells without doubt, in seconds UTC."""
    name = name.rpartition("/")[2]
    if epoch := _EPOCH.search(name):
        return int(epoch[1])
    if utc := _UTC.search(name):
        try:
            return int(dt.datetime(*(int(part) for part in utc.groups()), tzinfo=dt.UTC).timestamp())  # type: ignore[arg-type, misc]
        except ValueError:
            return None
    return None


def _time_of_message(member: Member) -> int | None:
    data, _ = _read(member)
    sent = _sent_at(data, _form(member.name, data))
    written = member.modified_at
    if sent is not None and written is not None and sent - _CLOCK_S <= written <= sent + _SOON_S:
        return written
    return sent


def _sent_at(data: bytes, form: Form) -> int | None:
    if form == "pb":
        return header_timestamp(data)
    try:
        feed = json.loads(data)
    except (ValueError, RecursionError):
        return None
    while isinstance(feed, dict) and not isinstance(feed.get("header"), dict):
        feed = next((each for each in feed.values() if isinstance(each, dict)), None)
    try:
        return int(float(feed["header"]["timestamp"])) or None if feed else None
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
