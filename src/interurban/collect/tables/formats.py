"""How a table lies in its file: delimited text, a sheet of a workbook, bare numbers, several files together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from interurban.collect.tables.reading import cells, clean_names, is_zip, read_start, read_text, unreadable

if TYPE_CHECKING:
    import pyarrow as pa

MAIN = "source"
"""Name under which the rows that are counted are given to the SQL of a layout."""
_LOOKED_AT = 30


class Format(Protocol):
    """What reads a file, and says which columns it seems to have."""

    def columns(self, path: Path) -> Sequence[str]:
        """Column names, or none when the file is of another format; never raises for that."""

    def read(self, path: Path) -> Mapping[str, pa.Table]:
        """The tables: all cells as text, `row` as a spreadsheet counts (a header is row 1), and `fault` (null, or why it is unusable)."""

    def files(self, path: Path) -> Mapping[str, Path]:
        """The files that are read, by the name under which their hashes are kept."""


@dataclass(frozen=True, slots=True)
class Delimited:
    """Text with a header.

    `skipped` rows stand above the header and `repeated` ones repeat it below (in another language). With
    `has_footnotes` a blank line ends the table and what follows is a second table, `footnotes`.
    """

    delimiter: str = ","
    skipped: int = 0
    repeated: int = 0
    has_footnotes: bool = False

    def columns(self, path: Path) -> Sequence[str]:
        """Names in the header row."""
        if path.is_dir() or is_zip(path):
            return ()
        header = read_start(path).splitlines()[self.skipped : self.skipped + 1]
        return next(iter(_split(header, self.delimiter)), [])

    def read(self, path: Path) -> Mapping[str, pa.Table]:
        """The table, and `footnotes` where the format has them."""
        text, notes = read_text(path), ""
        if self.has_footnotes:
            text, _, notes = text.replace("\r\n", "\n").partition("\n\n")
        rows = islice(cells(text, self.delimiter, path), self.skipped, None)
        header = next(rows, [])
        if not header:
            raise unreadable("empty", path)
        for _ in range(self.repeated):
            next(rows, None)
        tables = {MAIN: table_of(header, rows, self.skipped + self.repeated + 2)}
        if self.has_footnotes:
            lines = cells(notes, self.delimiter, path, strict=False)  # their quotation marks do not match
            tables["footnotes"] = table_of(next(lines, ["footnoteSeqID", "Footnote"]), lines)
        return tables

    def files(self, path: Path) -> Mapping[str, Path]:
        """The one file."""
        return {path.name: path}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of an Excel workbook, its header in the first row that has `names` in it."""

    name: str
    names: tuple[str, ...]

    def columns(self, path: Path) -> Sequence[str]:
        """Names in the header row of the sheet."""
        from interurban.collect.tables.workbook import sheet_names, sheet_rows
        from interurban.errors import DataError

        if path.is_dir() or not is_zip(path):
            return ()
        try:
            if self.name not in sheet_names(path):
                return ()
            return next((clean_names(row) for row in islice(sheet_rows(path, self.name), _LOOKED_AT) if self._is_header(row)), ())
        except DataError:
            return ()

    def read(self, path: Path) -> Mapping[str, pa.Table]:
        """The rows below the header; rows without anything in them are no rows."""
        from interurban.collect.tables.workbook import sheet_rows

        rows = enumerate(sheet_rows(path, self.name), 1)
        header = next((row for _, row in islice(rows, _LOOKED_AT) if self._is_header(row)), None)
        if header is None:
            raise unreadable("no_header", path, allowed=", ".join(self.names))
        return {MAIN: numbered_table(header, ((number, row) for number, row in rows if any(cell.strip() for cell in row)))}

    def files(self, path: Path) -> Mapping[str, Path]:
        """The workbook."""
        return {path.name: path}

    def _is_header(self, row: Sequence[str]) -> bool:
        return set(self.names) <= set(clean_names(row))


@dataclass(frozen=True, slots=True)
class BareNumbers:
    """Rows of whole numbers without any header; columns are `n1`, `n2` …"""

    columns_count: int

    def columns(self, path: Path) -> Sequence[str]:
        """`n1` … when the first line is that many whole numbers."""
        if path.is_dir() or is_zip(path):
            return ()
        first = read_start(path).splitlines()[:1]
        numbers = first[0].split(",") if first else []
        fits = len(numbers) == self.columns_count and all(cell.strip().isdigit() for cell in numbers)
        return self._names() if fits else ()

    def read(self, path: Path) -> Mapping[str, pa.Table]:
        """The numbers as text."""
        return {MAIN: table_of(self._names(), cells(read_text(path), ",", path), 1)}

    def files(self, path: Path) -> Mapping[str, Path]:
        """The one file."""
        return {path.name: path}

    def _names(self) -> list[str]:
        return [f"n{place}" for place in range(1, self.columns_count + 1)]


@dataclass(frozen=True, slots=True)
class Folder:
    """Several delimited files of one folder, each with or without `.gz`; the first one's rows are counted."""

    tables: tuple[str, ...]

    def columns(self, path: Path) -> Sequence[str]:
        """The files that are there, when the path is a folder."""
        return sorted(self.files(path)) if path.is_dir() else ()

    def read(self, path: Path) -> Mapping[str, pa.Table]:
        """Each file as a table of its name; the first one as the table that is counted."""
        files = self.files(path)
        missing = [name for name in self.tables if name not in files]
        if missing:
            raise unreadable("missing_files", path, found=", ".join(files) or "—", allowed=", ".join(missing))
        read = {name: Delimited().read(files[name])[MAIN] for name in self.tables}
        return {MAIN: read[self.tables[0]], **read}

    def files(self, path: Path) -> Mapping[str, Path]:
        """The files by the names of their tables."""
        if not path.is_dir():
            return {}
        found = {name: [path / f"{name}.csv", path / f"{name}.csv.gz"] for name in self.tables}
        return {name: file for name, places in found.items() for file in places[::-1] if file.is_file()}


def table_of(header: Sequence[str], rows: Iterable[Sequence[str]], first_row: int = 2) -> pa.Table:
    """Rows that follow each other as a `numbered_table`; `first_row` is the number of the first one below the header."""
    return numbered_table(header, enumerate(rows, first_row))


def numbered_table(header: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]) -> pa.Table:
    """Rows as a table of text with `row` and `fault`; a row with cells missing or beyond the header is kept and marked."""
    import pyarrow as pa

    names = clean_names(header)
    width = len(names)
    columns: list[list[str]] = [[] for _ in names]
    faults: list[str | None] = []
    numbers: list[int] = []
    for number, row in rows:
        numbers.append(number)
        faults.append(_fault(row, width))
        for place, column in enumerate(columns):
            column.append(row[place] if place < len(row) else "")
    texts = [pa.array(column, pa.string()) for column in columns]
    own = {"row": pa.array(numbers, pa.int64()), "fault": pa.array(faults, pa.string())}
    return pa.table({**dict(zip(names, texts, strict=True)), **own})


def _fault(row: Sequence[str], width: int) -> str | None:
    if not any(cell.strip() for cell in row):
        return "blank_row"
    return "wrong_cell_count" if len(row) != width and any(cell.strip() for cell in row[width:] or ["?"]) else None


def _split(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    import csv

    try:
        return [clean_names(row) for row in csv.reader(lines, delimiter=delimiter)]
    except csv.Error:
        return []
