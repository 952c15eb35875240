"""Somebody's own table, CSV or Excel, read by a mapping; without one its titles must be our field names."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

from interurban.indicators.submissions.mapping import NO_MAPPING, TableMapping
from interurban.indicators.submissions.raw import RawCell, RawFile, RawRow, UnreadableFile, error_at
from interurban.indicators.submissions.text_table import read_text_table
from interurban.indicators.submissions.workbook import Cell, Sheet, is_workbook, read_workbook
from interurban.model.submission import Finding

_Rows = Mapping[int, tuple[Cell, ...]]


def read_plain_table(path: Path, mapping: TableMapping | None = None) -> RawFile:
    """The rows of a table.

    Raises:
        UnreadableFile: a column that the mapping names is absent or there twice, as is the sheet or the row of titles.
    """
    how = mapping or NO_MAPPING
    is_mapped = how.names_columns and mapping is not None
    if not is_mapped:
        how = dataclasses.replace(how, columns=NO_MAPPING.columns)
    with path.open("rb") as stream:
        excel = is_workbook(stream.read(8))
    rows, sheet = _from_workbook(path, how) if excel else (_from_text(path, how), None)
    titles = rows.get(how.title_row)
    if titles is None:
        raise UnreadableFile("no_title_row", allowed=str(how.title_row))
    places = _places([str(cell.value or "").strip() for cell in titles], how, is_mapped=is_mapped)
    findings: list[Finding] = []
    found = [
        raw for number, cells in rows.items() if number > how.title_row
        for raw in _raw_rows(number, cells, places, how, len(titles), sheet, findings)
    ]
    return RawFile("excel" if excel else "csv", tuple(found), tuple(findings), how.decimal_mark, codes=how.codes)


def _from_text(path: Path, how: TableMapping) -> _Rows:
    table = read_text_table(path, how.encoding, how.delimiter)
    return {line: tuple(Cell(text, "") for text in row) for line, row in table.items()}


def _from_workbook(path: Path, how: TableMapping) -> tuple[_Rows, str]:
    sheets: list[Sheet] = read_workbook(path)
    named = [sheet for sheet in sheets if how.sheet in (None, sheet.title)]
    if not named:
        raise UnreadableFile("no_sheet", value=how.sheet or "", allowed=", ".join(sheet.title for sheet in sheets))
    return named[0].rows, named[0].title


def _places(titles: list[str], how: TableMapping, *, is_mapped: bool) -> dict[str, int]:
    """Where the columns that are asked for stand, by title."""
    known = {"value", "city", "indicator", "time"}
    asked = [title for field, title in how.columns.items() if is_mapped or field in known - set(how.constants) or title in titles]
    needed = [title for field, title in how.columns.items() if is_mapped or field in known - set(how.constants)]
    for title in (*asked, *how.values):
        if titles.count(title) != 1:
            code = "missing_column" if title not in titles else "column_twice"
            found = ", ".join(filter(None, titles))[:500]
            raise UnreadableFile(code, column=title, allowed=", ".join([*needed, *how.values])[:500], found=found)
    if not is_mapped and (strange := [title for title in titles if title and title not in asked]):
        raise UnreadableFile("unknown_column", column=strange[0], allowed=", ".join(how.columns))
    return {title: titles.index(title) for title in (*asked, *how.values)}


def _raw_rows(
    number: int, cells: tuple[Cell, ...], places: Mapping[str, int], how: TableMapping, width: int, sheet: str | None,
    findings: list[Finding],
) -> Iterator[RawRow]:
    """The row itself, or one for each of its columns of values."""
    if sheet is None and len(cells) > width:
        findings.append(error_at("wrong_number_of_cells", number, found=str(len(cells)), expected=str(width)))
        return

    def cell(title: str) -> RawCell:
        place = places[title]
        held = cells[place] if place < len(cells) else Cell(None, "")
        return RawCell(held.value, title, held.name or None, held.number_format)

    shared = {field: RawCell(text, field) for field, text in how.constants.items()}
    shared |= {field: cell(title) for field, title in how.columns.items() if title in places}
    if not how.values:
        yield RawRow(number, shared, sheet)
    for title, constants in how.values.items():
        value = cell(title)
        if value.text:  # of several columns of values, an empty one says nothing
            own = {field: RawCell(text, title, value.cell) for field, text in constants.items()}
            yield RawRow(number, shared | own | {"value": value}, sheet)
