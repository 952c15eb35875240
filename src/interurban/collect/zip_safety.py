"""What must hold before a zip from outside is read: bounded sizes, harmless names, a method we can undo."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from interurban.errors import UnreadableFeed
from interurban.locales import message

_END_RECORD = b"PK\x05\x06"
_END_RECORD_BYTES = 22
_LONGEST_COMMENT_BYTES = 65_535
_LOCAL_HEADER_BYTES = 30
_RATIO_FREE_BYTES = 1 << 20  # a nearly empty column compresses far; below this size nobody is harmed by it
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}

# Everything zipfile lets through when the directory or a member is damaged (found by mutating real archives).
DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, NotImplementedError, OverflowError)


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """What a zip may ask of us, in bytes; `max_ratio` is uncompressed over compressed size, for members above 1 MiB."""

    max_total_bytes: int = 16 << 30
    max_ratio: float = 250.0
    max_members: int = 2_000
    max_directory_bytes: int = 4 << 20


def unreadable(code: str, **fields: object) -> UnreadableFeed:
    """The error for a feed that cannot be read, with the text of `code` in the reader's language."""
    return UnreadableFeed(message(f"fetch.{code}", None, **fields), code=code, **fields)


def check_directory_size(file: BinaryIO, limits: ZipLimits) -> None:
    """Refuse a huge directory before zipfile makes an object of each entry in it.

    Raises:
        UnreadableFeed: zip_bomb. A file without an end record passes: opening it will say what it is.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END_RECORD_BYTES - _LONGEST_COMMENT_BYTES))
    tail = file.read()
    at = tail.rfind(_END_RECORD, 0, max(0, len(tail) - _END_RECORD_BYTES + len(_END_RECORD)))
    if at < 0:
        return
    directory_bytes = struct.unpack_from("<L", tail, at + 12)[0]
    zip64 = tail[max(0, at - 76) : at]  # record (56) and locator (20) stand right before the end record
    if zip64[:4] == b"PK\x06\x06":
        directory_bytes = struct.unpack_from("<Q", zip64, 40)[0]
    if directory_bytes > limits.max_directory_bytes:
        raise unreadable("zip_bomb", what="directory_bytes", found=directory_bytes, allowed=limits.max_directory_bytes)


def check_sizes(members: Sequence[zipfile.ZipInfo], limits: ZipLimits) -> None:
    """Refuse what would grow beyond the limits, judged by the directory, which zipfile never reads past.

    Raises:
        UnreadableFeed: zip_bomb, with `what`, `found` and `allowed`.
    """
    if len(members) > limits.max_members:
        raise unreadable("zip_bomb", what="members", found=len(members), allowed=limits.max_members)
    total_bytes = sum(member.file_size for member in members)
    if total_bytes > limits.max_total_bytes:
        raise unreadable("zip_bomb", what="total_bytes", found=total_bytes, allowed=limits.max_total_bytes)
    for member in members:
        if member.file_size > max(_RATIO_FREE_BYTES, limits.max_ratio * member.compress_size):
            ratio = round(member.file_size / max(1, member.compress_size))
            raise unreadable("zip_bomb", what="ratio", found=ratio, allowed=limits.max_ratio, file=member.filename)
    _check_overlap(members)


def _check_overlap(members: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse members that share bytes: one small kernel read many times is the strongest kind of bomb."""
    end = 0
    for member in sorted(members, key=lambda m: m.header_offset):
        if member.header_offset < 0:  # bytes before the directory are lost, so that it points before the start
            raise unreadable("truncated_zip")
        if member.header_offset < end:
            raise unreadable("zip_bomb", what="overlap", found=1, allowed=0, file=member.filename)
        end = member.header_offset + _LOCAL_HEADER_BYTES + member.compress_size


def safe_name(member: zipfile.ZipInfo) -> PurePosixPath:
    """The member's path with `/` between its parts.

    Raises:
        UnreadableFeed: unsafe_member_name for an absolute path, a drive, a `..`, a NUL or a symbolic link.
    """
    name = member.orig_filename.replace("\\", "/")
    path = PurePosixPath(name)
    is_link = stat.S_ISLNK(member.external_attr >> 16)
    if is_link or path.is_absolute() or ".." in path.parts or "\0" in name or name[1:2] == ":":
        raise unreadable("unsafe_member_name", file=name.replace("\0", "\\0"))
    return path


def check_readable(member: zipfile.ZipInfo) -> None:
    """Refuse a member whose bytes we cannot or will not undo.

    Raises:
        UnreadableFeed: encrypted_zip; or unsupported_compression (bzip2 and LZMA are left out on purpose: a few
            kilobytes of them can grow to gigabytes in one call that cannot be stopped).
    """
    if member.flag_bits & 0x1:
        raise unreadable("encrypted_zip", file=member.filename)
    if member.compress_type not in _METHODS:
        raise unreadable("unsupported_compression", file=member.filename, method=member.compress_type)


@contextmanager
def damage_named(file: str) -> Iterator[None]:
    """Turn what zipfile raises on damaged bytes into `damaged_member`."""
    try:
        yield
    except DAMAGE as error:
        raise unreadable("damaged_member", file=file) from error


class MemberStream(io.RawIOBase):
    """Bytes of one member, counted: more or fewer than the directory says is damage, as is a wrong checksum."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
        self._member = member
        self._left = member.file_size
        with damage_named(member.filename):
            self._stream = archive.open(member)

    def readable(self) -> bool:
        """Always: there is no other use."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Read up to the buffer's length; 0 at the end."""
        with damage_named(self._member.filename):
            data = self._stream.read(len(buffer))
            self._left -= len(data)
            if self._left < 0 or (not data and self._left and len(buffer)):
                raise zipfile.BadZipFile("size differs from the directory")
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Release the member; the archive stays open."""
        if not self.closed:
            self._stream.close()
        super().close()
