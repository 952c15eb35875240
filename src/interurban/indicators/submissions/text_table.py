"""Delimited text as rows of cells with their line numbers."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

from interurban.indicators.submissions.raw import MAX_ROWS, UnreadableFile

_DELIMITERS = ",;\t|"
_MAX_CELL = 10_000


def read_text_table(path: Path, encoding: str = "utf-8-sig", delimiter: str | None = None) -> dict[int, list[str]]:
    """Rows that hold anything, by the line on which each begins; the delimiter is that of the titles, when none is given.

    A file that begins with the mark of UTF-16, as spreadsheets write "Unicode text", is read as that.

    Raises:
        UnreadableFile: it is not text in this encoding, a quote is never closed, or there are too many rows.
    """
    try:
        contents = path.read_bytes()
        if contents.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = "utf-16"
        text = contents.decode(encoding)
    except UnicodeError as error:
        where = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise UnreadableFile("not_text", contents[:where].count(b"\n") + 1, allowed=encoding) from error
    if "\0" in text:
        raise UnreadableFile("not_text", text[: text.index("\0")].count("\n") + 1, allowed=encoding)
    rows: dict[int, list[str]] = {}
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or _delimiter(text), strict=True)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows[line] = row
            if len(rows) > MAX_ROWS:
                raise UnreadableFile("too_many_rows", allowed=str(MAX_ROWS))
            if any(len(cell) > _MAX_CELL for cell in row):
                raise UnreadableFile("cell_too_long", line, allowed=str(_MAX_CELL))
            line = reader.line_num + 1
    except csv.Error as error:
        # The reader's own limit is the whole process's, and may be below or above ours.
        if "field limit" in str(error):
            raise UnreadableFile("cell_too_long", line, allowed=str(_MAX_CELL)) from error
        raise UnreadableFile("broken_csv", line=str(reader.line_num)) from error
    return rows


def _delimiter(text: str) -> str:
    """The delimiter that the first line with anything in it has most of."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=first.count)


def guarded(text: str) -> str:
    """Text as it may stand in a CSV that a spreadsheet opens: what it would take for a formula gets an apostrophe before it."""
    return f"'{text}" if text.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")) else text
