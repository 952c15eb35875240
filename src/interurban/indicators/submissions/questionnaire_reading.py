"""A questionnaire that came back, read by its hidden names and keys, not by places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from interurban.indicators.submissions.mapping import TableMapping
from interurban.indicators.submissions.questionnaire_layout import (
    ABOUT_SHEET,
    COLUMNS,
    FORMAT,
    MARK,
    THEME,
    TITLES,
    TO_FILL,
    TO_FILL_IN_EXTRA_ROWS,
)
from interurban.indicators.submissions.raw import RawCell, RawFile, RawRow, UnreadableFile, error_at
from interurban.indicators.submissions.workbook import Cell, Sheet, holds_any, is_workbook, read_workbook
from interurban.model.submission import Finding

_SEARCHED_ROWS = 30  # people put lines above; further down than this nobody looks for a title
_ONLY_OURS = "previous_period"  # a hidden name that nobody else's table has
_NEEDED = ("key", "indicator", "mode", "unit", "value")


def is_questionnaire(path: Path, head: bytes) -> bool:
    """Whether the file is a workbook with the questionnaire's mark in it, or with its hidden names though the mark is gone."""
    return is_workbook(head) and holds_any(path, (MARK, _ONLY_OURS))


def read_questionnaire(path: Path, _: TableMapping | None = None) -> RawFile:
    """The rows of which something was filled in.

    Raises:
        UnreadableFile: it is of another version, or its hidden sheet or names are gone.
    """
    sheets = read_workbook(path)
    about = next(filter(None, map(_about, sheets)), {})
    if not about:
        raise UnreadableFile("questionnaire_no_about", allowed=ABOUT_SHEET, found=", ".join(sheet.title for sheet in sheets)[:500])
    if about.get("format") != FORMAT:
        raise UnreadableFile("questionnaire_version", value=about.get("format", ""), allowed=FORMAT)
    for needed in ("city", "year"):
        if not about.get(needed):
            raise UnreadableFile("questionnaire_altered", column=needed)
    findings: list[Finding] = []
    named = {sheet.title: (sheet, names) for sheet in sheets if (names := _names(sheet))}
    if not named:
        raise UnreadableFile("questionnaire_altered", column=", ".join(_NEEDED))
    rows = [row for sheet, (at, places) in named.values() for row in _rows(sheet, at, places, about, findings)]
    return RawFile("questionnaire", tuple(rows), tuple(findings), None, about["city"])


def _about(sheet: Sheet) -> dict[str, str] | None:
    """What the hidden sheet says, by name; None when this is another sheet."""
    first = next(iter(sheet.rows.values()), ())
    if not first or first[0].value != MARK:
        return None
    return {str(row[0].value): str(row[1].value) for row in sheet.rows.values() if len(row) > 1 and row[1].value is not None}


def _names(sheet: Sheet) -> tuple[int, dict[str, int]] | None:
    """Row of the hidden names, and the place of each of our fields in it."""
    for number, row in list(sheet.rows.items())[:_SEARCHED_ROWS]:
        found = {str(cell.value): place for place, cell in enumerate(row) if cell.value in COLUMNS}
        if set(_NEEDED) <= set(found):
            return number, found
    return None


def _rows(
    sheet: Sheet, at: int, places: Mapping[str, int], about: Mapping[str, str], findings: list[Finding]
) -> Iterator[RawRow]:
    begins, titles = _titles(sheet, at, places)
    year = RawCell(about["year"], "year")
    for number, cells in sheet.rows.items():
        held = {field: cells[place] for field, place in places.items() if place < len(cells)}
        if number <= begins or not _is_filled(held):
            continue
        raw = {field: RawCell(cell.value, titles[field], cell.name, cell.number_format) for field, cell in held.items()}
        asked = {"city": RawCell(about["city"], "city"), "time": year}
        if key := _text(held, "key"):
            parts = key.split("|")
            if len(parts) != 3:
                findings.append(error_at("questionnaire_key", number, raw["key"]))
                continue
            for field, part in zip(("indicator", "mode", "area_definition"), parts, strict=True):
                place = raw.get(field, raw["key"])
                asked[field] = RawCell(part, place.column, place.cell)
        kept = {field: cell for field, cell in raw.items() if field in TO_FILL_IN_EXTRA_ROWS and field not in asked}
        chosen = {field: _code_alone(kept[field]) for field in ("status", "mode", "indicator") if field in kept}
        yield RawRow(number, asked | kept | chosen, sheet.title)


def _titles(sheet: Sheet, at: int, places: Mapping[str, int]) -> tuple[int, dict[str, str]]:
    """The row of titles, under which values begin, and what people see there over each column."""
    for number, cells in sheet.rows.items():
        held = {field: cells[place] for field, place in places.items() if place < len(cells)}
        if _text(held, "key") == TITLES:
            return number, {field: _text(held, field) or field for field in places}
    return at, {field: field for field in places}


def _is_filled(held: Mapping[str, Cell]) -> bool:
    """Whether somebody wrote something into a row of values."""
    key = _text(held, "key")
    return key not in (TITLES, THEME) and any(_text(held, field) for field in (TO_FILL if key else TO_FILL_IN_EXTRA_ROWS))


def _text(held: Mapping[str, Cell], field: str) -> str:
    cell = held.get(field)
    return "" if cell is None or cell.value is None else str(cell.value).strip()


def _code_alone(cell: RawCell) -> RawCell:
    """"E – estimated" as the list offers it is E."""
    return RawCell(cell.text.partition(" ")[0] or None, cell.column, cell.cell)
