"""The questionnaire of a city and year: an Excel workbook with last year's values, lists to choose from and definitions beside.

Only what is to be filled in can be typed into; the rest is protected, without a password, against slips of the hand.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from interurban.indicators.catalogue import indicators
from interurban.indicators.submissions.check import earlier_values
from interurban.indicators.submissions.questionnaire_layout import (
    ABOUT_SHEET,
    COLUMNS,
    EXTRA_ROWS,
    FORMAT,
    HINTS,
    MARK,
    STATUSES,
    THEME,
    THEMES,
    TITLES,
    TO_FILL,
    TO_FILL_IN_EXTRA_ROWS,
    key_of,
)
from interurban.indicators.submissions.questionnaire_style import WIDTHS, Style, columns_of
from interurban.indicators.submissions.rules import Earlier
from interurban.locales import has_message, message
from interurban.model.city import City
from interurban.model.indicator import Bounds, Indicator
from interurban.model.modes import MODES

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from interurban.store.node import Node

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NO_LIMIT = 1e300


@dataclass(frozen=True, slots=True)
class Question:
    """One row to be filled in: an indicator in a mode and an area, and the last value that is known."""

    indicator: Indicator
    mode: str
    area_definition: str
    previous: Earlier | None


def write_questionnaire(node: Node, city_id: str, year: int, language: str, to: Path | BinaryIO) -> int:
    """Write the questionnaire of a city for a year; how many questions it has. NotFound when there is no such city."""
    from openpyxl import Workbook

    city = node.catalogue.get_city(city_id)
    asked = questions(node, city_id, year)
    book = Workbook()
    style = Style(language)
    _write_hints(book.active, city, year, style)
    _write_values(book.create_sheet(style.text("questionnaire.sheet_values")), asked, city, year, style)
    _write_definitions(book.create_sheet(style.text("questionnaire.sheet_definitions")), _defined(asked), style)
    _write_about(book.create_sheet(ABOUT_SHEET), city, year, style)
    book.active = 1
    book.save(to)
    return len(asked)


def questions(node: Node, city_id: str, year: int) -> list[Question]:
    """What a city is asked for a year: what cities report, in the modes and areas that it has reported before."""
    order = {theme: place for place, theme in enumerate(THEMES)}
    reportable = [indicator for indicator in indicators().values() if "reported" in indicator.how]
    reportable.sort(key=lambda indicator: order.get(indicator.theme, len(order)))
    earlier = earlier_values(node, city_id, (indicator.code for indicator in reportable))
    found = []
    for indicator in reportable:
        known = {(series[3], series[1]): points for series, points in earlier.items() if series[2] == indicator.code and series[4] == "A"}
        places = sorted(known, key=lambda place: (place[0] != "all", place)) or [("all", "ADM")]
        if all(mode != "all" for mode, _ in places):
            places.insert(0, ("all", places[0][1]))
        found += [Question(indicator, mode, area, _last_before(year, known.get((mode, area), ()))) for mode, area in places]
    return found


def _last_before(year: int, points: Sequence[Earlier]) -> Earlier | None:
    past = [point for point in points if point.last_day < dt.date(year, 1, 1) and point.value is not None]
    return max(past, key=lambda point: point.last_day, default=None)


def _defined(asked: Iterable[Question]) -> list[Indicator]:
    return list({question.indicator.code: question.indicator for question in asked}.values())


def _write_hints(sheet: Worksheet, city: City, year: int, style: Style) -> None:
    sheet.title = style.text("questionnaire.sheet_hints")
    sheet.column_dimensions["A"].width = 110
    _put(sheet, 1, 1, style.text("questionnaire.title", city=city.name(style.language), year=str(year)), style.heading)
    for row, hint in enumerate(HINTS, start=3):
        _put(sheet, row, 1, style.text(f"questionnaire.hint_{hint}"), style.wrapped)
        _fit(sheet, row, (110,))
    sheet.protection.sheet = True
    _set_up_page(sheet)


def _write_values(sheet: Worksheet, asked: Sequence[Question], city: City, year: int, style: Style) -> None:
    for place, field in enumerate(COLUMNS, start=1):
        sheet.cell(1, place, field)
        sheet.column_dimensions[_letter(place)].width = WIDTHS[field]
    sheet.row_dimensions[1].hidden = sheet.column_dimensions["A"].hidden = True
    _put(sheet, 2, 2, style.text("questionnaire.title", city=city.name(style.language), year=str(year)), style.heading)
    for place, field in enumerate(COLUMNS, start=1):
        _put(sheet, 3, place, TITLES if field == "key" else style.text(f"questionnaire.column_{field}"), style.title)
    sheet.row_dimensions[3].height = 30
    row, theme = 4, ""
    within: dict[Bounds, list[int]] = {}
    for question in asked:
        if question.indicator.theme != theme:
            theme = question.indicator.theme
            _write_band(sheet, row, theme, style)
            row += 1
        _write_question(sheet, row, question, style)
        within.setdefault(question.indicator.valid, []).append(row)
        row += 1
    _write_band(sheet, row, "extra", style)
    for extra in range(row + 1, row + 1 + EXTRA_ROWS):
        _write_cells(sheet, extra, {}, TO_FILL_IN_EXTRA_ROWS, style)
    _add_limits(sheet, within, style)
    _add_lists(sheet, row + 1, row + EXTRA_ROWS, style)
    _set_up(sheet, style)


def _write_band(sheet: Worksheet, row: int, theme: str, style: Style) -> None:
    """The line over the questions of a theme."""
    for place in range(1, len(COLUMNS) + 1):
        _put(sheet, row, place, None, style.band)
    sheet.cell(row, 1, THEME)
    key = f"questionnaire.theme_{theme}"
    _put(sheet, row, 2, message(key, style.language) if has_message(key) else theme, style.band)


def _write_question(sheet: Worksheet, row: int, question: Question, style: Style) -> None:
    indicator, previous = question.indicator, question.previous
    written: dict[str, object] = {
        "key": key_of(indicator.code, question.mode, question.area_definition),
        "indicator": indicator.code, "name": indicator.names[style.language], "mode": style.mode(question.mode),
        "unit": style.unit(indicator.unit), "previous": previous.value if previous else None,
        "previous_period": str(previous.last_day.year) if previous else None,
        "note": style.text("questionnaire.usual", allowed=style.interval(indicator.plausible)) if indicator.plausible != Bounds() else None,
    }
    _write_cells(sheet, row, written, TO_FILL, style)
    _fit(sheet, row, tuple(WIDTHS.values()))
    digits = "0." + "#" * indicator.decimals if indicator.decimals else "0"
    for field in ("previous", "value"):
        sheet.cell(row, COLUMNS.index(field) + 1).number_format = f"#,##{digits}"


def _add_limits(sheet: Worksheet, rows: Mapping[Bounds, list[int]], style: Style) -> None:
    """Values are numbers within what is possible; one rule for all rows of equal bounds, which keeps the file small."""
    from openpyxl.worksheet.datavalidation import DataValidation

    letter = _letter(COLUMNS.index("value") + 1)
    for bounds, places in rows.items():
        limits = DataValidation(
            type="decimal", operator="between", formula1=str(-_NO_LIMIT if bounds.min is None else bounds.min),
            formula2=str(_NO_LIMIT if bounds.max is None else bounds.max), allow_blank=True, showErrorMessage=True,
            errorTitle=style.text("questionnaire.wrong_title"),
            error=style.text("questionnaire.wrong_value", allowed=style.interval(bounds))[:250],
        )
        for row in places:
            limits.add(f"{letter}{row}")
        sheet.add_data_validation(limits)


def _write_cells(sheet: Worksheet, row: int, written: Mapping[str, object], to_fill: frozenset[str], style: Style) -> None:
    for place, field in enumerate(COLUMNS, start=1):
        _put(sheet, row, place, written.get(field), style.blank if field in to_fill else style.locked)


def _add_lists(sheet: Worksheet, first_extra: int, last: int, style: Style) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    for field, column, count, first in (
        ("status", "D", len(STATUSES), 4), ("mode", "E", len(MODES) + 1, first_extra), ("indicator", "F", len(indicators()), first_extra),
    ):
        choice = DataValidation(
            type="list", formula1=f"{ABOUT_SHEET}!${column}$1:${column}${count}", allow_blank=True, showErrorMessage=True,
            errorTitle=style.text("questionnaire.wrong_title"), error=style.text("questionnaire.wrong_choice"),
        )
        letter = _letter(COLUMNS.index(field) + 1)
        choice.add(f"{letter}{first}:{letter}{last}")
        sheet.add_data_validation(choice)


def _set_up(sheet: Worksheet, style: Style) -> None:
    sheet.freeze_panes = "D4"
    sheet.sheet_view.zoomScale = 90
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False  # False: it is allowed
    _set_up_page(sheet)
    sheet.print_title_rows = "2:3"
    sheet.oddFooter.center.text = f"{style.text('questionnaire.sheet_values')} · &P / &N"


def _set_up_page(sheet: Worksheet) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for side in ("left", "right", "top", "bottom"):
        setattr(sheet.page_margins, side, 0.4)


def _write_definitions(sheet: Worksheet, defined: Sequence[Indicator], style: Style) -> None:
    columns = {"indicator": 30, "name": 40, "unit": 22, "definition": 90, "formula": 50}
    for place, (field, width) in enumerate(columns.items(), start=1):
        sheet.column_dimensions[_letter(place)].width = width
        _put(sheet, 1, place, style.text(f"questionnaire.column_{field}"), style.title)
    for row, indicator in enumerate(defined, start=2):
        texts = (
            indicator.code, indicator.names[style.language], style.unit(indicator.unit), indicator.definitions[style.language],
            indicator.formula,
        )
        for place, text in enumerate(texts, start=1):
            _put(sheet, row, place, text, style.wrapped)
        _fit(sheet, row, tuple(columns.values()))
    sheet.freeze_panes = "B2"
    sheet.protection.sheet = True
    _set_up_page(sheet)


def _write_about(sheet: Worksheet, city: City, year: int, style: Style) -> None:
    """The hidden sheet: for whom and when, and the lists to choose from."""
    about = ((MARK, None), ("format", FORMAT), ("city", city.id), ("year", str(year)), ("language", style.language))
    for row, (name, text) in enumerate(about, start=1):
        _put(sheet, row, 1, name)
        _put(sheet, row, 2, text)
    lists = ([style.status(code) for code in STATUSES], [style.mode(mode) for mode in ("all", *MODES)], list(indicators()))
    for place, choices in enumerate(lists, start=4):
        for row, text in enumerate(choices, start=1):
            _put(sheet, row, place, text)
    sheet.sheet_state = "hidden"
    sheet.protection.sheet = True


def _put(sheet: Worksheet, row: int, column: int, value: object, look: Mapping[str, Any] | None = None) -> None:
    """Put a value into a cell; text stays text, even where it begins as a formula does."""
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = _UNPRINTABLE.sub("", value)
        cell.data_type = "s"
    elif value is not None:
        cell.value = value
    for name, part in (look or {}).items():
        setattr(cell, name, part)


def _fit(sheet: Worksheet, row: int, widths: Sequence[int]) -> None:
    """Make a row as high as its texts need: programs do not, when a file says nothing."""
    lines = [
        -(-columns_of(str(sheet.cell(row, place).value or "")) // max(width - 2, 1)) for place, width in enumerate(widths, start=1)
    ]
    sheet.row_dimensions[row].height = 15 * max(1, *lines)


def _letter(place: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(place))
