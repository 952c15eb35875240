"""The body of an answer, written to a file as it comes: counted, hashed, unpacked, never beyond its limit."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from interurban.collect.faults import failed, refused

_PIECE_BYTES = 1 << 18
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


def save_body(chunks: Iterable[bytes], headers: Mapping[str, str], target: Path, max_bytes: int) -> tuple[int, str]:
    """Write a body to `target`, undoing gzip; its size in bytes as written, and its SHA-256 in hexadecimal.

    Memory stays bounded whatever the body unpacks to. What was in `target` is replaced.

    Raises:
        Refused: too_large, by the length announced or by what came.
        FetchError: encoding_unsupported, encoding_damaged, truncated_body (transient), target_not_writable.
    """
    check_announced(headers, max_bytes)
    digest = hashlib.sha256()
    size_bytes = 0
    try:
        with target.open("wb") as file:
            for piece in unpacked(chunks, headers.get("content-encoding", ""), max_bytes):
                size_bytes += len(piece)
                digest.update(piece)
                file.write(piece)
    except OSError as error:
        raise failed("target_not_writable", is_local=True, reason=error.strerror) from error
    return size_bytes, digest.hexdigest()


def check_announced(headers: Mapping[str, str], max_bytes: int) -> None:
    """Refuse a body whose announced length is beyond the limit: Refused, too_large."""
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > max_bytes:
        raise refused("too_large", found=int(announced), allowed=max_bytes)


def unpacked(chunks: Iterable[bytes], encoding: str, max_bytes: int) -> Iterator[bytes]:
    """The pieces of a body with gzip undone, until more than `max_bytes` have come, packed or unpacked.

    Raises:
        Refused: too_large.
        FetchError: encoding_unsupported, encoding_damaged, truncated_body (transient).
    """
    size_bytes = 0
    for piece in _decoded(_limited(chunks, max_bytes), encoding):
        size_bytes += len(piece)
        if size_bytes > max_bytes:
            raise refused("too_large", found=size_bytes, allowed=max_bytes)
        yield piece


def _limited(chunks: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    """The chunks, until more has come over the wire than may be stored: endless gzip members can unpack to nothing."""
    received_bytes = 0
    for chunk in chunks:
        received_bytes += len(chunk)
        if received_bytes > max_bytes:
            raise refused("too_large", found=received_bytes, allowed=max_bytes)
        yield chunk


def _decoded(chunks: Iterable[bytes], encoding: str) -> Iterable[bytes]:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return chunks
    if name in ("gzip", "x-gzip"):
        return _gunzipped(chunks)
    raise failed("encoding_unsupported", encoding=encoding)


def _gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Unpacked pieces of at most 256 KiB; a body may consist of several gzip members."""
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    is_inside = False
    for chunk in chunks:
        data = chunk
        while data:
            is_inside = True
            try:
                piece = unpacker.decompress(data, _PIECE_BYTES)
            except zlib.error as error:
                raise failed("encoding_damaged") from error
            data = unpacker.unconsumed_tail
            if unpacker.eof:
                data = unpacker.unused_data
                unpacker = zlib.decompressobj(_GZIP_WINDOW)
                is_inside = False
            if piece:
                yield piece
    yield from _rest(unpacker)
    if is_inside and not unpacker.eof:
        raise failed("truncated_body", is_transient=True)


def _rest(unpacker: zlib._Decompress) -> Iterator[bytes]:
    """What the unpacker still holds when all input was taken."""
    try:
        while piece := unpacker.decompress(b"", _PIECE_BYTES):
            yield piece
    except zlib.error as error:
        raise failed("encoding_damaged") from error
