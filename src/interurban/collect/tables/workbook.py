"""Cells of an Excel workbook as text, read as data only.

Formulas are not evaluated (the value that the publisher's program left beside them is taken), links to other workbooks are not
followed, macros and pictures are not opened, and what would grow beyond the limits is refused before it is unpacked.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from interurban.collect.tables.reading import MAX_CELL_CHARACTERS, MAX_COLUMNS, unreadable
from interurban.collect.zip_safety import DAMAGE, ZipLimits, check_directory_size, check_readable, check_sizes, safe_name
from interurban.errors import DataError, NotFound
from interurban.locales import message

LIMITS = ZipLimits(max_total_bytes=512 << 20, max_ratio=200.0, max_members=2_000, max_directory_bytes=1 << 20)
MAX_ROWS = 200_000
_PROLOGUE_BYTES = 4096
_UNSEEN = re.compile(rb"<!--.*?(-->|\Z)|<\?.*?(\?>|\Z)", re.DOTALL)  # comments and instructions may hold anything
_ELEMENT = re.compile(rb"<[A-Za-z_]")


def sheet_names(path: Path) -> list[str]:
    """Names of the sheets.

    Raises:
        NotFound: there is no such file.
        DataError: not_a_workbook, unsafe_workbook, or a zip bomb.
    """
    with _Book(path) as book:
        return list(book.names)


def sheet_rows(path: Path, sheet: str) -> Iterator[list[str]]:
    """Rows of a sheet as text, from its first to its last; a blank cell is "".

    Raises:
        DataError: no_such_sheet; too_many_cells or huge_cell with row and column; also as `sheet_names`.
    """
    with _Book(path) as book:
        yield from book.rows(sheet)


class _Book:
    def __init__(self, path: Path) -> None:
        self.path = path
        _check(path)
        import openpyxl

        try:
            self._book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False, keep_vba=False)
        except (*DAMAGE, KeyError, TypeError, AttributeError, SyntaxError, OSError) as error:  # a parser's fault is a SyntaxError
            raise unreadable("not_a_workbook", path) from error
        self.names = tuple(sheet.title for sheet in self._book.worksheets)

    def rows(self, sheet: str) -> Iterator[list[str]]:
        if sheet not in self.names:
            raise unreadable("no_such_sheet", self.path, found=", ".join(self.names), allowed=sheet)
        try:
            for number, row in enumerate(self._book[sheet].iter_rows(values_only=True), 1):
                if number > MAX_ROWS or len(row) > MAX_COLUMNS:
                    raise unreadable("too_many_cells", self.path, row=number, allowed=f"{MAX_ROWS} × {MAX_COLUMNS}")
                yield [self._text(value, number, column) for column, value in enumerate(row, 1)]
        except (*DAMAGE, KeyError, TypeError, AttributeError, SyntaxError) as error:
            raise unreadable("not_a_workbook", self.path) from error

    def _text(self, value: object, row: int, column: int) -> str:
        if value is None:
            return ""
        if isinstance(value, dt.datetime | dt.date):
            return value.isoformat()
        text = str(value)
        if len(text) > MAX_CELL_CHARACTERS:
            raise unreadable("huge_cell", self.path, row=row, column=column, allowed=MAX_CELL_CHARACTERS)
        return text

    def __enter__(self) -> _Book:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()


def _check(path: Path) -> None:
    """Refuse bombs and documents that define entities, judged before anything is parsed."""
    try:
        with path.open("rb") as file:
            check_directory_size(file, LIMITS)
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
                check_sizes(members, LIMITS)
                for member in members:
                    safe_name(member)
                    check_readable(member)
                    if member.filename.lower().endswith((".xml", ".rels", ".vml")) and _has_doctype(archive, member):
                        raise unreadable("unsafe_workbook", path, found=member.filename)
    except DataError as error:
        raise DataError(error.message, **{**error.fields, "file": path.name}) from error
    except DAMAGE as error:
        raise unreadable("not_a_workbook", path) from error
    except OSError as error:
        raise NotFound(message("cli.unreadable_file", path=path), reason=error.strerror) from error


def _has_doctype(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    """Whether an XML part says what entities mean before its first element, or hides where that would be. Workbooks do neither."""
    with archive.open(member) as stream:
        start = _UNSEEN.sub(b"", stream.read(_PROLOGUE_BYTES))
    root = _ELEMENT.search(start)
    return root is None or b"<!" in start[: root.start()]
