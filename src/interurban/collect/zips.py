"""Opening a GTFS zip from outside: its usable members, what is odd about it, and their bytes within limits."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Self, cast

from interurban.collect.gtfs.schema import TABLES
from interurban.collect.zip_safety import (
    DAMAGE,
    MemberStream,
    ZipLimits,
    check_directory_size,
    check_readable,
    check_sizes,
    safe_name,
    unreadable,
)
from interurban.errors import NotFound
from interurban.locales import message
from interurban.model import Notice, Sample, Severity

_CORE = frozenset({"agency.txt", "stops.txt", "routes.txt", "trips.txt", "stop_times.txt"})
_JUNK = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
_BUFFER_BYTES = 1 << 18
_SAMPLES = 5

Entry = tuple[PurePosixPath, zipfile.ZipInfo]


@dataclass(frozen=True, slots=True)
class FeedZip:
    """An open feed: `members` by lower-case file name, `notices` on its packing, the `folder` it lies in ("": the top).

    Members are all files of the feed's folder, known to GTFS or not. Use it as a context manager, or `close` it.
    """

    members: Mapping[str, zipfile.ZipInfo]
    notices: tuple[Notice, ...]
    folder: str
    _archive: zipfile.ZipFile
    _opened: ExitStack

    def open(self, member: str) -> BinaryIO:
        """The bytes of a member, by its lower-case name; any number may be open at once.

        Raises:
            KeyError: there is no such member.
            UnreadableFeed: damaged_member, here or while reading: wrong checksum, or another size than stated.
        """
        return cast(BinaryIO, io.BufferedReader(MemberStream(self._archive, self.members[member]), _BUFFER_BYTES))

    def close(self) -> None:
        """Close the zip, and the files it is in."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_feed_zip(path: Path, limits: ZipLimits | None = None) -> FeedZip:
    """Open a GTFS zip, looking for the feed at its top, in a folder of it, or in the one zip inside it.

    Notices: files_in_folder, nested_zip, duplicate_member (the last one counts), unknown_file.

    Raises:
        NotFound: there is no such file, or it may not be read.
        UnreadableFeed: `code` is one of not_a_zip, html_instead_of_zip, truncated_zip, empty_zip, zip_bomb,
            unsafe_member_name, encrypted_zip, unsupported_compression, no_gtfs_files, nested_zip_too_deep,
            several_feeds.
    """
    with ExitStack() as opened:
        try:
            file = opened.enter_context(path.open("rb"))
        except OSError as error:
            text = message("fetch.file_not_readable", file=path, reason=error.strerror)
            raise NotFound(text, file=str(path)) from error
        return _open(file, limits or ZipLimits(), opened, is_nested=False)


def _open(file: BinaryIO, limits: ZipLimits, opened: ExitStack, *, is_nested: bool) -> FeedZip:
    check_directory_size(file, limits)
    try:
        archive = opened.enter_context(zipfile.ZipFile(file))
    except DAMAGE as error:
        raise _what_it_is(file) from error
    entries = _entries(archive, limits)
    folder = _feed_folder(entries)
    if folder is None:
        return _open_nested(archive, _nested_zip(entries, is_nested), limits, opened)
    members, duplicates = _members(entries, folder)
    for member in members.values():
        check_readable(member)
    notices = _notices(entries, folder, duplicates)
    return FeedZip(members, tuple(notices), "" if folder == PurePosixPath() else str(folder), archive, opened.pop_all())


def _what_it_is(file: BinaryIO) -> Exception:
    """The error for bytes that zipfile does not take."""
    file.seek(0)
    start = file.read(4096)
    if start.startswith(b"PK\x03\x04"):
        return unreadable("truncated_zip")
    text = start.decode("utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", errors="replace").lower()
    return unreadable("html_instead_of_zip" if "<html" in text or "<!doctype html" in text else "not_a_zip")


def _entries(archive: zipfile.ZipFile, limits: ZipLimits) -> list[Entry]:
    """Files of the zip with harmless names, in the order of its directory, without what file managers leave behind."""
    infos = archive.infolist()
    check_sizes(infos, limits)
    entries = [(safe_name(info), info) for info in infos if not info.orig_filename.endswith(("/", "\\"))]
    entries = [(name, info) for name, info in entries if not _is_junk(name)]
    if not entries:
        raise unreadable("empty_zip")
    return entries


def _is_junk(name: PurePosixPath) -> bool:
    return any(part.lower() in _JUNK or part.startswith(".") for part in name.parts)


def _key(name: PurePosixPath) -> str:
    return name.name.strip().lower()


def _feed_folder(entries: Sequence[Entry]) -> PurePosixPath | None:
    """The folder that holds the feed: the top if it has a core file, else the only one that has; None when none has.

    Raises:
        UnreadableFeed: several_feeds; choosing one of them silently would hide the others.
    """
    folders = {name.parent for name, _ in entries if _key(name) in _CORE}
    if PurePosixPath() in folders:
        return PurePosixPath()
    if len(folders) > 1:
        raise unreadable("several_feeds", found=len(folders), folders=", ".join(sorted(map(str, folders))[:_SAMPLES]))
    return next(iter(folders), None)


def _nested_zip(entries: Sequence[Entry], is_nested: bool) -> Entry:
    """The only zip among the entries of a zip without GTFS files that is not itself nested."""
    nested = [(name, info) for name, info in entries if name.suffix.lower() == ".zip"]
    names = ", ".join(str(name) for name, _ in nested[:_SAMPLES])
    if not nested:
        raise unreadable("no_gtfs_files", found=", ".join(str(name) for name, _ in entries[:_SAMPLES]))
    if is_nested:
        raise unreadable("nested_zip_too_deep", file=names)
    if len(nested) > 1:
        raise unreadable("several_feeds", found=len(nested), folders=names)
    return nested[0]


def _open_nested(archive: zipfile.ZipFile, entry: Entry, limits: ZipLimits, opened: ExitStack) -> FeedZip:
    name, info = entry
    check_readable(info)
    inner = cast(BinaryIO, opened.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115  closed with the rest of `opened`
    with MemberStream(archive, info) as stream:
        shutil.copyfileobj(stream, inner, _BUFFER_BYTES)
    feed = _open(inner, limits, opened, is_nested=True)
    notice = Notice("nested_zip", Severity.WARNING, samples=(Sample(value=str(name)),))
    return replace(feed, notices=(notice, *feed.notices))


def _members(entries: Sequence[Entry], folder: PurePosixPath) -> tuple[dict[str, zipfile.ZipInfo], Counter[str]]:
    """Members by name, and the names met more than once. The last one counts, as it does for programs that extract."""
    inside = [(_key(name), info) for name, info in entries if name.parent == folder]
    counts = Counter(key for key, _ in inside)
    return dict(inside), Counter({key: count - 1 for key, count in counts.items() if count > 1})


def _notices(entries: Sequence[Entry], folder: PurePosixPath, duplicates: Counter[str]) -> list[Notice]:
    notices = []
    if folder != PurePosixPath():
        notices.append(Notice("files_in_folder", Severity.WARNING, samples=(Sample(value=str(folder)),)))
    for file, count in duplicates.items():
        notices.append(Notice("duplicate_member", Severity.WARNING, file=file, count=count))
    known = {f"{table}.txt" for table in TABLES} | {"locations.geojson"}
    unknown = [name for name, _ in entries if name.parent != folder or _key(name) not in known]
    for name in dict.fromkeys(unknown):
        file = name.name if name.parent == folder else str(name)
        notices.append(Notice("unknown_file", Severity.INFO, file=file))
    return notices
