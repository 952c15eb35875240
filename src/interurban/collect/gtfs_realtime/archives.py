"""Files inside a folder, a zip or a tar, each opened only when asked for, within limits: archives come from outside."""

from __future__ import annotations

import gzip
import io
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from interurban.collect.zip_safety import DAMAGE, MemberStream, ZipLimits, check_directory_size, check_readable, check_sizes, safe_name
from interurban.errors import UnreadableFeed
from interurban.locales import message

MAX_MESSAGE_BYTES = 256 << 20  # thirty times the largest message known; also of anything else that lies between messages
MAX_ARCHIVE_BYTES = 256 << 30  # unpacked
_ZIP_LIMITS = ZipLimits(max_total_bytes=MAX_ARCHIVE_BYTES, max_members=1_000_000, max_directory_bytes=128 << 20)
_HEADERS_BYTES = 1 << 20  # what a tar may say of one member beside its bytes
_START_BYTES = 512
_GZIP, _ZIP, _USTAR_AT = b"\x1f\x8b", b"PK\x03\x04", 257
_TAR_DAMAGE = (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class Member:
    """A file: its name with `/`, when it was last changed (None: the container does not tell reliably), and its bytes,
    unpacked if they are gzip or Zstandard.

    Raises (`read`):
        UnreadableFeed: archive_damaged, archive_cut_off, archive_too_large, or what `zip_safety` raises.
    """

    name: str
    modified_at: int | None
    read: Callable[[], bytes]


def kind_of(path: Path) -> str:
    """What a path is, by its first bytes: "folder", "zip", "tar", "packed_tar" or "file"."""
    if path.is_dir():
        return "folder"
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
    if start.startswith(_ZIP) or start.startswith(b"PK\x05\x06"):
        return "zip"
    if _is_tar(start):
        return "tar"
    if _is_packed(start):
        try:
            with opened(path) as stream:
                return "packed_tar" if _is_tar(stream.read(_START_BYTES)) else "file"
        except _TAR_DAMAGE:
            return "file"
    return "file"


def _is_tar(start: bytes) -> bool:
    return start[_USTAR_AT : _USTAR_AT + 5] == b"ustar"


def _is_zstd(start: bytes) -> bool:
    """A Zstandard frame, or one that is stepped over (RFC 8878, 3.1)."""
    return start[:4] == b"\x28\xb5\x2f\xfd" or (start[1:4] == b"\x2a\x4d\x18" and start[0] >> 4 == 5)


def _is_packed(start: bytes) -> bool:
    return start.startswith(_GZIP) or _is_zstd(start)


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked if it is gzip or Zstandard."""
    with path.open("rb") as file:
        start = file.read(_START_BYTES)
        file.seek(0)
        with _unpacking(file, start) as stream:
            yield stream


@contextmanager
def _unpacking(file: BinaryIO, start: bytes) -> Iterator[IO[bytes]]:
    if start.startswith(_GZIP):
        with gzip.GzipFile(fileobj=file) as stream:
            yield cast(IO[bytes], stream)
    elif _is_zstd(start):
        import pyarrow as pa

        with pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd") as stream:
            yield stream
    else:
        yield file


def unpacked(data: bytes, name: str) -> bytes:
    """A file's bytes, unpacked if they are gzip or Zstandard.

    Raises:
        UnreadableFeed: archive_damaged, archive_cut_off, or archive_too_large beyond MAX_MESSAGE_BYTES.
    """
    if not _is_packed(data[:4]):
        return data
    try:
        with _unpacking(io.BytesIO(data), data[:4]) as stream:
            return _read_within(stream, name)
    except _TAR_DAMAGE as error:
        raise _damaged(name, error) from error


def _read_within(stream: IO[bytes], name: str) -> bytes:
    data = stream.read(MAX_MESSAGE_BYTES + 1)
    if len(data) > MAX_MESSAGE_BYTES:
        raise _too_large(name, "max_message_bytes", MAX_MESSAGE_BYTES)
    return data


def zip_members(path: Path, resources: ExitStack) -> Iterator[Member]:
    """Files of a zip in the order of its directory; they can be read in any order while `resources` are open.

    A zip says local time without its zone, so that `modified_at` is None.

    Raises:
        UnreadableFeed: what `zip_safety` finds.
    """
    file = resources.enter_context(path.open("rb"))
    check_directory_size(file, _ZIP_LIMITS)
    try:
        archive = resources.enter_context(zipfile.ZipFile(file))
    except DAMAGE as error:
        raise _damaged(path.name, error) from error
    members = [member for member in archive.infolist() if not member.is_dir()]
    check_sizes(members, _ZIP_LIMITS)
    for member in members:
        check_readable(member)
        yield Member(str(safe_name(member)), None, _reader_of(archive, member))


def _reader_of(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        if member.file_size > MAX_MESSAGE_BYTES:
            raise _too_large(member.filename, "max_message_bytes", MAX_MESSAGE_BYTES)
        with MemberStream(archive, member) as stream:
            return unpacked(stream.read(), member.filename)

    return read


def tar_members(stream: IO[bytes], name: str, resources: ExitStack) -> Iterator[Member]:
    """Files of a tar in their order, links and devices passed over; they can be read in any order while `resources` are open.

    Raises:
        UnreadableFeed: archive_damaged.
    """
    try:
        archive = resources.enter_context(tarfile.open(fileobj=stream, mode="r:"))  # noqa: SIM115  closed with `resources`
        for member in archive:
            if member.isreg():
                yield Member(member.name, int(member.mtime), _tar_reader(archive, member))
    except _TAR_DAMAGE as error:
        raise _damaged(name, error) from error


def packed_tar_members(path: Path) -> Iterator[Member]:
    """Files of a compressed tar in their order, each of which can be read until the next is asked for.

    Raises:
        UnreadableFeed: archive_damaged or archive_cut_off; archive_too_large, also for anything in it larger than a message may be.
    """
    try:
        with opened(path) as stream:
            metered = _Metered(stream, path, MAX_MESSAGE_BYTES + _HEADERS_BYTES)
            with tarfile.open(fileobj=cast(IO[bytes], metered), mode="r|") as archive:
                for member in archive:
                    metered.left_to_next = MAX_MESSAGE_BYTES + _HEADERS_BYTES
                    if member.isreg():
                        yield Member(member.name, int(member.mtime), _tar_reader(archive, member))
                    archive.members = []  # type: ignore[attr-defined]  # tarfile keeps a record of every member it has passed
    except _TAR_DAMAGE as error:
        raise _damaged(path.name, error) from error


def _tar_reader(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        if member.size > MAX_MESSAGE_BYTES:
            raise _too_large(member.name, "max_message_bytes", MAX_MESSAGE_BYTES)
        try:
            stream = archive.extractfile(member)
            data = stream.read() if stream else b""
        except _TAR_DAMAGE as error:
            raise _damaged(member.name, error) from error
        return unpacked(data, member.name)

    return read


class _Metered:
    """An unpacked stream that gives only what its packed file may grow to, and between two members what a message may be."""

    def __init__(self, stream: IO[bytes], path: Path, left_to_next: int) -> None:
        self._stream = stream
        self._path = path
        self._left = min(MAX_ARCHIVE_BYTES, max(MAX_MESSAGE_BYTES, int(_ZIP_LIMITS.max_ratio * path.stat().st_size)))
        self.left_to_next = left_to_next

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.left_to_next -= len(data)
        self._left -= len(data)
        if self.left_to_next < 0:
            raise _too_large(self._path.name, "max_message_bytes", MAX_MESSAGE_BYTES)
        if self._left < 0:
            raise _too_large(self._path.name, "max_ratio", int(_ZIP_LIMITS.max_ratio))
        return data


def spilled(path: Path, resources: ExitStack) -> IO[bytes]:
    """A compressed tar, unpacked into a scratch file that vanishes with `resources`.

    Raises:
        UnreadableFeed: archive_damaged, archive_cut_off or archive_too_large.
    """
    scratch = resources.enter_context(cast(IO[bytes], tempfile.TemporaryFile()))  # noqa: SIM115  closed with `resources`
    try:
        with opened(path) as stream:
            shutil.copyfileobj(cast(IO[bytes], _Metered(stream, path, MAX_ARCHIVE_BYTES)), scratch, 1 << 20)
    except _TAR_DAMAGE as error:
        raise _damaged(path.name, error) from error
    scratch.seek(0)
    return scratch


def folder_files(path: Path) -> Iterator[Path]:
    """Files below a folder in the order of their names; links are not followed, names with a leading dot passed over."""
    for entry in sorted(path.iterdir()):
        if entry.name.startswith("."):
            continue
        mode = entry.lstat().st_mode
        if stat.S_ISDIR(mode):
            yield from folder_files(entry)
        elif stat.S_ISREG(mode):
            yield entry


def file_member(path: Path, name: str) -> Member:
    """A file as a member of its folder."""

    def read() -> bytes:
        try:
            with opened(path) as stream:
                return _read_within(stream, name)
        except (EOFError, zlib.error, ValueError, gzip.BadGzipFile, OSError) as error:
            raise _damaged(name, error) from error

    return Member(name, int(path.stat().st_mtime), read)


def _damaged(file: str, error: Exception) -> UnreadableFeed:
    is_cut_off = isinstance(error, EOFError) or str(error).startswith("Truncated")  # as gzip says it, and as Zstandard does
    if is_cut_off:
        return UnreadableFeed(message("decode.archive_cut_off", None, file=file), code="archive_cut_off", file=file)
    text = message("decode.archive_damaged", None, file=file, reason=str(error) or type(error).__name__)
    return UnreadableFeed(text, code="archive_damaged", file=file)


def _too_large(file: str, what: str, allowed: int) -> UnreadableFeed:
    text = message("decode.archive_too_large", None, file=file, what=what, allowed=allowed)
    return UnreadableFeed(text, code="archive_too_large", file=file, what=what, allowed=allowed)
