"""The text of one GTFS file, made plain: UTF-8, no byte-order mark, line feeds only, header apart.

The publisher's bytes stay in the archive as they were; this is the copy that the table reader works on. Everything that had to be
mended is a notice.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from interurban.collect.gtfs.schema import TABLES
from interurban.model import Notice, Sample, Severity

CHUNK_BYTES = 4 << 20
MAX_HEADER_BYTES = 1 << 20


@dataclass(slots=True)
class PlainText:
    """One file ready for the table reader: data rows only in `path`, column names in `columns`."""

    name: str
    path: Path
    columns: tuple[str, ...] = ()
    has_rows: bool = False
    has_spaces: bool = False
    quotes_balanced: bool = True
    notices: list[Notice] = field(default_factory=list)


@dataclass(slots=True)
class _Seen:
    """What the bytes of a file turned out to hold."""

    quotes: int = 0
    stray_returns: int = 0
    spaces: bool = False
    rows: bool = False
    nul_bytes: int = 0


def make_plain(name: str, open_file: Callable[[], BinaryIO], folder: Path) -> PlainText:
    """Write the plain text of a file into `folder`.

    Args:
        name: The table's name, without `.txt`.
        open_file: Opens the publisher's bytes; called again when they turn out not to be UTF-8.
        folder: Where the plain copy goes.
    """
    plain = PlainText(name, folder / f"{name}.csv")
    with open_file() as source:
        start = source.read(4)
    encoding, mark = _encoding_of(start)
    if mark:
        plain.notices.append(_notice(plain, "byte_order_mark", Severity.INFO))
    try:
        _convert(plain, open_file, encoding, len(mark))
    except UnicodeDecodeError:
        plain.notices.append(_notice(plain, "not_utf8", Severity.WARNING, allowed="UTF-8"))
        # Windows-1252 is what publishers mean by "Latin-1"; its five undefined bytes become U+FFFD rather than an error.
        _convert(plain, open_file, "cp1252", 0)
    return plain


def _may_have_spaces(text: bytes) -> bool:
    """Whether values may begin or end with blanks; one memory scan settles it for most chunks."""
    if b" " not in text and b"\t" not in text:
        return False
    return text.startswith(b" ") or text.endswith(b" ") or any(m in text for m in (b", ", b" ,", b" \n", b"\n ", b"\t", b'" ', b' "'))


def _encoding_of(start: bytes) -> tuple[str, bytes]:
    for encoding, mark in (("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)):
        if start.startswith(mark):
            return encoding, mark
    return "utf-8", b""


def _convert(plain: PlainText, open_file: Callable[[], BinaryIO], encoding: str, skip: int) -> None:
    seen = _Seen()
    with open_file() as source, plain.path.open("wb") as target:
        source.read(skip)
        chunks = _plain_chunks(source, encoding, seen)
        header, rest = _split_header(chunks)
        plain.columns = _column_names(plain, header)
        while rest is not None:
            seen.quotes += rest.count(b'"')
            seen.spaces = seen.spaces or _may_have_spaces(rest)
            seen.rows = seen.rows or not (rest.isspace() or rest == b"")
            target.write(rest)
            rest = next(chunks, None)
    plain.has_rows, plain.has_spaces, plain.quotes_balanced = seen.rows, seen.spaces, seen.quotes % 2 == 0
    for code, count, severity in (
        ("carriage_return_inside", seen.stray_returns, Severity.WARNING),
        ("nul_byte", seen.nul_bytes, Severity.WARNING),
        ("unbalanced_quotes", seen.quotes % 2, Severity.ERROR),
    ):
        if count:
            plain.notices.append(_notice(plain, code, severity, count=count))


def _plain_chunks(source: BinaryIO, encoding: str, seen: _Seen) -> Iterator[bytes]:
    """Yield chunks of UTF-8 with line feeds only. A carriage return at a chunk's end waits for what follows it."""
    decoder = codecs.getincrementaldecoder(encoding)("strict" if encoding == "utf-8" else "replace")
    held = b""
    while True:
        block = source.read(CHUNK_BYTES)
        if encoding != "utf-8":
            text = held + decoder.decode(block, final=not block).encode()
        else:
            # Most chunks are ASCII; decoding only the others checks them at a fraction of the cost.
            if not block.isascii() or decoder.getstate()[0] or not block:
                decoder.decode(block, final=not block)
            text = held + block
        held = b""
        if b"\r" in text:
            if block:
                kept = text.rstrip(b"\r")
                held, text = text[len(kept) :], kept
            text = _without_returns(text, seen)
        if b"\0" in text:
            seen.nul_bytes += text.count(b"\0")
            text = text.replace(b"\0", b"")
        if text:
            yield text
        if not block:
            return


def _without_returns(text: bytes, seen: _Seen) -> bytes:
    text = text.replace(b"\r\n", b"\n")
    while b"\r\n" in text:
        seen.stray_returns += text.count(b"\r\n")
        text = text.replace(b"\r\n", b"\n")
    strays = text.count(b"\r")
    if strays and b"\n" not in text:
        return text.replace(b"\r", b"\n")  # an old Macintosh file: the carriage return is its line end
    seen.stray_returns += strays
    return text.replace(b"\r", b" ") if strays else text


def _split_header(chunks: Iterator[bytes]) -> tuple[bytes, bytes | None]:
    start = b""
    for chunk in chunks:
        start = (start + chunk).lstrip(b"\n")
        place = _end_of_record(start)
        if place >= 0:
            return start[:place], start[place + 1 :]
        if len(start) > MAX_HEADER_BYTES:
            break
    return start, None


def _end_of_record(text: bytes) -> int:
    """Place of the first line feed outside quotes; -1 when the record goes on."""
    place = text.find(b"\n")
    while place >= 0 and text.count(b'"', 0, place) % 2:
        place = text.find(b"\n", place + 1)
    return place


def _column_names(plain: PlainText, header: bytes) -> tuple[str, ...]:
    """Names as the reference spells them; blank and repeated ones get a name of their own and a notice."""
    spec = TABLES.get(plain.name)
    known = {f.name for f in spec.fields} if spec else set()
    given = next(csv.reader(io.StringIO(header.decode("utf-8", "replace"), newline="")), [])
    names: list[str] = []
    for number, raw in enumerate(given, start=1):
        name = raw.strip().strip("\ufeff").strip()
        if raw != name and "spaces_around_values" not in {n.code for n in plain.notices}:
            plain.notices.append(_notice(plain, "spaces_around_values", Severity.WARNING, value=raw))
        if name.lower() in known:
            name = name.lower()
        if not name:
            name = f"column_{number}"
            plain.notices.append(_notice(plain, "blank_column_name", Severity.WARNING, field=name))
        elif name in names:
            plain.notices.append(_notice(plain, "duplicate_column_name", Severity.ERROR, field=name))
            name = f"{name}_{number}"
        elif known and name not in known:
            plain.notices.append(_notice(plain, "unknown_column", Severity.INFO, field=name))
        # DuckDB folds case: two names that differ only by case need telling apart as well.
        names.append(name if name.lower() not in {n.lower() for n in names} else f"{name}_{number}")
    return tuple(names)


def _notice(
    plain: PlainText,
    code: str,
    severity: Severity,
    *,
    field: str | None = None,
    value: str | None = None,
    count: int = 1,
    allowed: str | None = None,
) -> Notice:
    samples = (Sample(None, value),) if value is not None else ()
    return Notice(code, severity, f"{plain.name}.txt", field, count, allowed, samples)
