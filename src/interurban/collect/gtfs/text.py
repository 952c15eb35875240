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

from interurban.collect.gtfs.quotes import Mended, split_header, with_sound_quotes
from interurban.collect.gtfs.schema import TABLES
from interurban.model import Notice, Sample, Severity

CHUNK_BYTES = 4 << 20
MAX_LINE_BYTES = 32 << 20
MAX_COLUMNS = 2000
MAX_NAME_CHARACTERS = 200

# What the reader adds to tables, and the database's own name of a row's place; a publisher's column of that name gets a number.
RESERVED_NAMES = frozenset({
    "rowid", "mode", "route_key", "stop_key", "service_key", "trip_key", "shape_key", "pattern_key", "parent_key", "is_estimated",
    "distance_m", "distance_estimate_m", "stop_times_count", "first_departure", "last_departure", "last_arrival",
})  # fmt: skip


@dataclass(slots=True)
class PlainText:
    """One file ready for the table reader: data rows only in `path`, column names in `columns`."""

    name: str
    path: Path
    columns: tuple[str, ...] = ()
    separator: str = ","
    has_rows: bool = False
    has_spaces: bool = False
    notices: list[Notice] = field(default_factory=list)


@dataclass(slots=True)
class _Seen:
    """What the bytes of a file turned out to hold."""

    returns_end_lines: bool | None = None
    stray_returns: int = 0
    nul_bytes: int = 0
    spaces: bool = False
    rows: bool = False
    mended: Mended = field(default_factory=Mended)


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
    marked = [_notice(plain, "byte_order_mark", Severity.INFO)] if mark else []
    plain.notices += marked
    try:
        _convert(plain, open_file, encoding, len(mark))
    except UnicodeDecodeError:
        plain.notices = [*marked, _notice(plain, "not_utf8", Severity.WARNING, allowed="UTF-8")]
        # Windows-1252 is what publishers mean by "Latin-1"; its five undefined bytes become U+FFFD rather than an error.
        _convert(plain, open_file, "cp1252", len(mark))
    return plain


def _may_have_spaces(text: bytes) -> bool:
    """Whether values may begin or end with blanks; one memory scan settles it for most chunks."""
    if b" " not in text and b"\t" not in text:
        return False
    return text[:1] == b" " or text[-1:] == b" " or any(m in text for m in (b", ", b" ,", b" \n", b"\n ", b"\t", b'" ', b' "'))


def _encoding_of(start: bytes) -> tuple[str, bytes]:
    for encoding, mark in (("utf-8", codecs.BOM_UTF8), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-16-be", codecs.BOM_UTF16_BE)):
        if start.startswith(mark):
            return encoding, mark
    return "utf-8", b""


def _convert(plain: PlainText, open_file: Callable[[], BinaryIO], encoding: str, skip: int) -> None:
    seen = _Seen()
    with open_file() as source, plain.path.open("wb") as target:
        source.read(skip)
        header, rows = split_header(_whole_lines(_plain_chunks(source, encoding, seen)), seen.mended)
        plain.separator = _separator(header, plain.name)
        plain.columns = _column_names(plain, header)
        for chunk in with_sound_quotes(rows, plain.separator.encode(), len(plain.columns), seen.mended):
            seen.spaces = seen.spaces or _may_have_spaces(chunk)
            seen.rows = seen.rows or not chunk.isspace()
            target.write(chunk)
    plain.has_rows, plain.has_spaces = seen.rows, seen.spaces or plain.separator != ","
    if plain.separator != ",":
        plain.notices.append(_notice(plain, "other_separator", Severity.ERROR, value=plain.separator, allowed=","))
    for code, count, severity in (
        ("carriage_return_inside", seen.stray_returns, Severity.WARNING),
        ("nul_byte", seen.nul_bytes, Severity.WARNING),
    ):
        if count:
            plain.notices.append(_notice(plain, code, severity, count=count))
    if seen.mended.lines:
        samples = tuple(Sample(None, text) for text in seen.mended.samples)
        plain.notices.append(Notice("unbalanced_quotes", Severity.ERROR, f"{plain.name}.txt", count=seen.mended.lines, samples=samples))


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
    if b"\r\n" in text:
        # Line by line, because replacing again and again takes forever on a long run of carriage returns.
        stripped = [line.rstrip(b"\r") for line in text.split(b"\n")[:-1]]
        end = text[text.rindex(b"\n") + 1 :]
        seen.stray_returns += len(text) - len(end) - sum(map(len, stripped)) - len(stripped)
        text = b"\n".join([*stripped, end])
    strays = text.count(b"\r")
    if not strays:
        return text
    if seen.returns_end_lines is None:
        seen.returns_end_lines = strays > text.count(b"\n")  # an old Macintosh file
    if seen.returns_end_lines:
        return text.replace(b"\r", b"\n")
    seen.stray_returns += strays
    return text.replace(b"\r", b" ")


def _whole_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same text cut at line ends; a line longer than any row may be is cut wherever it is."""
    held: list[bytes] = []
    held_bytes = 0
    for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        if not end and held_bytes > MAX_LINE_BYTES:
            end = len(chunk)
        if end:
            yield b"".join([*held, chunk[:end]])
            held, held_bytes = [], 0
        held.append(chunk[end:])
        held_bytes += len(chunk) - end
    if held_bytes:
        yield b"".join(held)


def _separator(header: bytes, name: str) -> str:
    """The comma, unless the header only makes sense with another sign between its names."""
    spec = TABLES.get(name)
    known = {f.name for f in spec.fields} if spec else set()
    for separator in (";", "\t"):
        names = [part.strip(' "').lower() for part in header.decode("utf-8", "replace").split(separator)]
        if b"," not in header and len(known.intersection(names)) > 1:
            return separator
    return ","


def _column_names(plain: PlainText, header: bytes) -> tuple[str, ...]:
    """Names as the reference spells them; those that are blank, repeated or ours get a name of their own and a notice."""
    spec = TABLES.get(plain.name)
    known = {f.name for f in spec.fields} if spec else set()
    text = io.StringIO(header.decode("utf-8", "replace"), newline="")
    given = next(csv.reader(text, delimiter=plain.separator, skipinitialspace=True), [])
    if len(given) > MAX_COLUMNS:
        plain.notices.append(_notice(plain, "too_many_columns", Severity.ERROR, count=len(given), allowed=f"≤ {MAX_COLUMNS}"))
        return ()
    spaced = [raw for raw in header.decode("utf-8", "replace").split(plain.separator) if raw.strip() != raw]
    if spaced:
        plain.notices.append(_notice(plain, "spaces_around_values", Severity.WARNING, value=spaced[0]))
    names: list[str] = []
    taken = set(RESERVED_NAMES)
    for number, raw in enumerate(given, start=1):
        name = " ".join(raw.strip("\ufeff \t\n").split())[:MAX_NAME_CHARACTERS]
        name = name.lower() if name.lower() in known else name
        fault = _fault_of_name(name, names, known)
        if fault:
            code, severity = fault
            plain.notices.append(_notice(plain, code, severity, field=name or f"column_{number}"))
        # The database folds case: two names that differ only by case need telling apart as well.
        unique = name or f"column_{number}"
        while unique.lower() in taken or unique.startswith("_"):
            unique = f"{unique.lstrip('_')}_{number}"
        taken.add(unique.lower())
        names.append(unique)
    return tuple(names)


def _fault_of_name(name: str, before: list[str], known: set[str]) -> tuple[str, Severity] | None:
    if not name:
        return "blank_column_name", Severity.WARNING
    if name in before:
        return "duplicate_column_name", Severity.ERROR
    if known and name not in known:
        return "unknown_column", Severity.INFO
    return None


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
