"""Excel workbooks from outside: opened only when nothing in them can harm, and read cell by cell with their names."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interurban.collect.zip_safety import DAMAGE, ZipLimits, check_directory_size, check_readable, check_sizes, safe_name
from interurban.errors import UnreadableFeed
from interurban.indicators.submissions.raw import MAX_ROWS, UnreadableFile

if TYPE_CHECKING:
    from openpyxl import Workbook

_LIMITS = ZipLimits(max_total_bytes=48 << 20, max_ratio=200, max_members=500, max_directory_bytes=1 << 20)
_MAX_COLUMNS = 256
_MAX_BLANK_ROWS = 200_000  # that are written down though they hold nothing
_LAST_ROW = 1_048_576  # of Excel
_XML = (".xml", ".rels", ".vml")
# Parts that make a program of a workbook, or that let it reach for something outside of itself.
_UNWANTED = re.compile(r"xl/(externalLinks/|vbaProject|macrosheets/|connections\.xml|queryTables/|embeddings/|activeX/|ctrlProps/)", re.I)
_MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^<>]{0,200}?ref\s*=\s*["']([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})["']""")
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that holds something, or is a blank between others."""

    value: object
    name: str
    number_format: str = ""


@dataclass(frozen=True, slots=True)
class MergedCells:
    """Cells that are shown as one: what they hold is kept in the first. Rows and columns as a spreadsheet counts, from 1."""

    name: str
    first_row: int
    last_row: int
    first_column: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's rows that hold anything, by number."""

    title: str
    rows: dict[int, tuple[Cell, ...]]
    merged: tuple[MergedCells, ...] = ()
    is_hidden: bool = False


def read_workbook(path: Path) -> list[Sheet]:
    """The sheets of a workbook, in its order; formulas come as their text ("=A1+B1"), never as what somebody's program computed.

    Raises:
        UnreadableFile: it is no workbook, is damaged, would grow beyond all measure, holds macros, links to other files or
            XML entities, or has too many rows.
    """
    with _named_faults(), path.open("rb") as stream:
        _check(stream)
        stream.seek(0)
        return list(_sheets(_open(stream)))


def holds_any(path: Path, texts: tuple[str, ...]) -> bool:
    """Whether a workbook has one of these texts (of letters that XML leaves as they are) in a cell; UnreadableFile as `read_workbook`."""
    with _named_faults(), path.open("rb") as stream:
        _check(stream)
        with zipfile.ZipFile(stream) as archive:
            parts = [name for name in archive.namelist() if name.startswith("xl/") and name.endswith(".xml")]
            return any(text.encode() in contents for contents in map(archive.read, parts) for text in texts)


def is_workbook(head: bytes) -> bool:
    """Whether these first bytes are those of a zip, which a workbook is."""
    return head.startswith(b"PK\x03\x04")


@contextmanager
def _named_faults() -> Iterator[None]:
    try:
        yield
    except UnreadableFeed as error:
        raise UnreadableFile("unsafe_workbook") from error
    except (*DAMAGE, KeyError, TypeError, AttributeError, IndexError, SyntaxError) as error:
        # What the library lets through for parts that are not what they should be; XML's ParseError is a SyntaxError.
        raise UnreadableFile("damaged_workbook") from error


def _check(stream: Any) -> None:
    check_directory_size(stream, _LIMITS)
    stream.seek(0)
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        check_sizes(members, _LIMITS)
        for member in members:
            safe_name(member)
            check_readable(member)
            if _UNWANTED.match(member.filename):
                raise UnreadableFile("unwanted_part", part=member.filename)
            if member.filename.lower().endswith(_XML):
                _check_xml(member.filename, archive.read(member))
        if "xl/workbook.xml" not in archive.namelist():
            raise UnreadableFile("damaged_workbook")


def _check_xml(name: str, contents: bytes) -> None:
    """Refuse entities, and other encodings than UTF-8 in which they could hide."""
    declared = _DECLARED.match(contents.removeprefix(b"\xef\xbb\xbf"))
    is_utf8 = declared is None or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii", b"ascii")
    if not is_utf8 or contents[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in contents[:64]:
        raise UnreadableFile("unwanted_part", part=name)
    if b"<!DOCTYPE" in contents or b"<!ENTITY" in contents:
        raise UnreadableFile("xml_entities", part=name)


def _open(stream: Any) -> Workbook:
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about extensions it leaves out: of no matter to values
        return load_workbook(io.BytesIO(stream.read()), read_only=True, data_only=False, keep_links=False)


def _sheets(book: Workbook) -> Iterator[Sheet]:
    kept = blank = 0
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # they are what the file says of itself
        rows: dict[int, tuple[Cell, ...]] = {}
        gap: object = None  # the library fills every gap between rows with one and the same blank row
        for number, row in enumerate(sheet.iter_rows(max_col=_MAX_COLUMNS), start=1):
            if row is gap and number <= _LAST_ROW:
                continue
            if any(cell.value is not None for cell in row):
                rows[number] = tuple(_cell(sheet.title, number, place, cell) for place, cell in enumerate(row, start=1))
                kept += 1
            else:
                gap = row
                blank += 1
            if kept > MAX_ROWS or blank > _MAX_BLANK_ROWS or number > _LAST_ROW:
                raise UnreadableFile("too_many_rows", allowed=str(MAX_ROWS))
        yield Sheet(sheet.title, rows, _merged(sheet), sheet.sheet_state != "visible")


def _merged(sheet: Any) -> tuple[MergedCells, ...]:
    """The library tells them only of workbooks that are loaded whole."""
    from openpyxl.utils import range_boundaries

    with sheet._get_source() as part:
        names = [found.decode() for found in _MERGED.findall(part.read())]
    spans = {name: range_boundaries(name) for name in names}
    return tuple(MergedCells(f"{sheet.title}!{name}", top, bottom, left) for name, (left, top, _, bottom) in spans.items())


def _cell(sheet: str, row: int, column: int, cell: Any) -> Cell:
    from openpyxl.utils import get_column_letter

    name = f"{sheet}!{get_column_letter(column)}{row}"
    if cell.value is None:
        return Cell(None, name)
    if not isinstance(cell.value, str | int | float) and type(cell.value).__name__ in ("ArrayFormula", "DataTableFormula"):
        return Cell(f"={getattr(cell.value, 'text', '') or ''}", name)
    return Cell(cell.value, name, cell.number_format or "")
