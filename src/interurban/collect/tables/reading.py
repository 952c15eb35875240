"""Cells of a table from outside as text: bytes to rows, within limits, with the place of every fault."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from interurban.errors import DataError, NotFound
from interurban.locales import message

MAX_BYTES = 256 << 20
MAX_CELLS = 20_000_000
MAX_COLUMNS = 4_000
MAX_CELL_CHARACTERS = 100_000
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff]")


def unreadable(code: str, path: Path, **fields: object) -> DataError:
    """The error for a table that cannot be read; `fields` say where (row, column) and what would be right."""
    return DataError(message(f"tables.{code}", file=path.name), code=code, file=path.name, **fields)


def is_zip(path: Path) -> bool:
    """Whether the file begins as a zip does, which every Excel workbook is."""
    return _start(path).startswith(_ZIP)


def read_bytes(path: Path, at_most: int = MAX_BYTES) -> bytes:
    """All bytes of a file, those of a gzip file unpacked.

    Raises:
        NotFound: there is no such file, or it may not be read.
        DataError: too_large, or damaged_gzip.
    """
    try:
        with path.open("rb") as raw:
            start = raw.read(2)
            raw.seek(0)
            with gzip.open(raw) if start == _GZIP else raw as stream:
                data = stream.read(at_most + 1)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise unreadable("damaged_gzip", path) from error
    except OSError as error:
        raise NotFound(message("cli.unreadable_file", path=path), reason=error.strerror) from error
    if len(data) > at_most:
        raise unreadable("too_large", path, allowed=at_most)
    return data


def read_text(path: Path) -> str:
    """The file as text: UTF-8, or UTF-16 where a byte-order mark says so.

    Raises:
        DataError: wrong_encoding, with the row of the first byte that is none; also as `read_bytes`.
    """
    return _decoded(read_bytes(path), path)


def read_start(path: Path, characters: int = 65_536) -> str:
    """The beginning of the file as text, for recognising it; bytes that are no text are replaced."""
    try:
        with path.open("rb") as raw:
            is_packed = raw.read(2) == _GZIP
            raw.seek(0)
            with gzip.open(raw) if is_packed else raw as stream:
                data = stream.read(characters)
    except (OSError, zlib.error, EOFError):
        return ""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    return data.decode(encoding, errors="replace").removeprefix("\ufeff")


def cells(text: str, delimiter: str, path: Path, *, strict: bool = True) -> Iterator[list[str]]:
    """The rows of delimited text; a blank line is an empty row. Not `strict`, quotation marks inside a cell are taken as they come.

    Raises:
        DataError: bad_quotes, too_many_cells or huge_cell, with the row (counted from 1, the header included).
    """
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    count = 0
    try:
        for row in rows:
            count += len(row)
            if len(row) > MAX_COLUMNS or count > MAX_CELLS:
                raise unreadable("too_many_cells", path, row=rows.line_num, allowed=MAX_COLUMNS)
            yield row
    except csv.Error as error:
        # The reader has one limit for a field, and stands on it before memory is gone.
        code = "huge_cell" if "field limit" in str(error) else "bad_quotes"
        raise unreadable(code, path, row=rows.line_num, reason=str(error)) from error


def clean_names(header: Sequence[str]) -> list[str]:
    """Column names without what cannot be seen: zero-width and no-break spaces, line ends, spaces at the ends.

    A name met again gets a number after it, and a blank one is `column_<place>`.
    """
    met: Counter[str] = Counter()
    names = []
    for place, raw in enumerate(header, 1):
        name = " ".join(_INVISIBLE.sub("", raw).split()) or f"column_{place}"
        met[name.casefold()] += 1
        names.append(name if met[name.casefold()] == 1 else f"{name} {met[name.casefold()]}")
    return names


def _decoded(data: bytes, path: Path) -> str:
    mark, encoding = next((each for each in _MARKS if data.startswith(each[0])), (b"", "utf-8"))
    data = data[len(mark) :]
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise unreadable("wrong_encoding", path, row=row, found=f"0x{data[error.start]:02x}", allowed="UTF-8") from error
    if "\0" in text:
        raise unreadable("wrong_encoding", path, row=text.count("\n", 0, text.index("\0")) + 1, found="0x00", allowed="UTF-8")
    return text


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        raise NotFound(message("cli.unreadable_file", path=path), reason=error.strerror) from error
