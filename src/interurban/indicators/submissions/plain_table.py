"""Somebody's own table, CSV or Excel, read by a mapping; without one its titles must be our field names."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from interurban.indicators.submissions.mapping import NO_MAPPING, TableMapping
from interurban.indicators.submissions.raw import RawCell, RawFile, RawRow, UnreadableFile, error_at
from interurban.indicators.submissions.text_table import read_text_table
from interurban.indicators.submissions.workbook import Cell, Sheet, is_workbook, read_workbook
from interurban.model.submission import Finding

_Rows = Mapping[int, tuple[Cell, ...]]
_OLD_WORKBOOK = bytes.fromhex("D0CF11E0A1B11AE1")  # of .xls, and of a .xlsx behind a password


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
        head = stream.read(8)
    if head == _OLD_WORKBOOK:
        raise UnreadableFile("old_workbook")
    excel = is_workbook(head)
    findings: list[Finding] = []
    rows, sheet = _from_workbook(path, how, is_mapped, findings) if excel else (_from_text(path, how), None)
    titles = rows.get(how.title_row)
    if titles is None:
        raise UnreadableFile("no_title_row", allowed=str(how.title_row))
    places = _places(_titles(titles), how, is_mapped=is_mapped)
    found = [
        raw for number, cells in rows.items() if number > how.title_row
        for raw in _raw_rows(number, cells, places, how, len(titles), sheet, findings)
    ]
    return RawFile("excel" if excel else "csv", tuple(found), tuple(findings), how.decimal_mark, codes=how.codes)


def _from_text(path: Path, how: TableMapping) -> _Rows:
    table = read_text_table(path, how.encoding, how.delimiter)
    return {line: tuple(Cell(text, "") for text in row) for line, row in table.items()}


def _from_workbook(path: Path, how: TableMapping, is_mapped: bool, findings: list[Finding]) -> tuple[_Rows, str]:
    """The sheet that the mapping names, else the one to be seen that has the titles; an error of each further one that has them, too."""
    sheets: list[Sheet] = read_workbook(path)
    named = [sheet for sheet in sheets if sheet.title == how.sheet or (how.sheet is None and not sheet.is_hidden)]
    if not named:
        raise UnreadableFile("no_sheet", value=how.sheet or "", allowed=", ".join(sheet.title for sheet in sheets))
    needed = set(_needed(how, is_mapped=is_mapped))
    first, *others = [sheet for sheet in named if needed <= set(_titles(sheet.rows.get(how.title_row, ())))] or named[:1]
    places = [RawCell(None, "", f"{sheet.title}!A{how.title_row}") for sheet in others]
    findings += [error_at("another_sheet", how.title_row, place, sheet=first.title) for place in places]
    findings += _merged(first, how.title_row)
    return first.rows, first.title


def _merged(sheet: Sheet, title_row: int) -> Iterator[Finding]:
    """`merged_cells` below the titles: one cell of them holds what is meant for all, the others would be read as empty."""
    width = len(sheet.rows.get(title_row, ()))
    for merged in sheet.merged:
        held = [cell.value for cell in sheet.rows.get(merged.first_row, ())][:width][merged.first_column - 1 :]
        if merged.last_row > title_row and held and held[0] is not None:
            yield error_at("merged_cells", merged.first_row, RawCell(held[0], "", merged.name))


def _titles(cells: Sequence[Cell]) -> list[str]:
    return [str(cell.value or "").strip() for cell in cells]


def _needed(how: TableMapping, *, is_mapped: bool) -> list[str]:
    """Titles without which nothing can be read."""
    own = {"value", "city", "indicator", "time"} - set(how.constants)
    return [*(title for field, title in how.columns.items() if is_mapped or field in own), *how.values]


def _places(titles: list[str], how: TableMapping, *, is_mapped: bool) -> dict[str, int]:
    """Where the columns that are asked for stand, by title."""
    needed = _needed(how, is_mapped=is_mapped)
    asked = [title for title in how.columns.values() if title in needed or title in titles]
    for title in dict.fromkeys((*asked, *needed)):
        if titles.count(title) != 1:
            code = "missing_column" if title not in titles else "column_twice"
            found = ", ".join(filter(None, titles))[:500]
            raise UnreadableFile(code, column=title, allowed=", ".join(needed)[:500], found=found)
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
