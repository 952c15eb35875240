from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from handing import NEWPORT, RITA, codes, hand_in, publish, table
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from interurban.indicators.catalogue import indicators
from interurban.indicators.submissions import desk
from interurban.indicators.submissions.questionnaire_layout import COLUMNS, STATUSES
from interurban.indicators.submissions.questionnaire_writing import write_questionnaire
from interurban.locales import LANGUAGES
from interurban.model.submission import Submission, SubmissionState
from interurban.store.node import Node

VALUES = 1  # place of the sheet of values


class Book:
    """A questionnaire in somebody's hands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.book: Workbook = load_workbook(path)
        self.sheet: Worksheet = self.book.worksheets[VALUES]

    def row(self, indicator: str) -> int:
        return next(cell.row for cell in self.sheet["A"] if str(cell.value).startswith(f"{indicator}|all|"))

    def extra_row(self) -> int:
        return self.sheet.max_row - 5

    def cell(self, row: int, field: str):
        return self.sheet.cell(row, COLUMNS.index(field) + 1)

    def fill(self, indicator: str, value: object, **more: object) -> None:
        for field, held in {"value": value, **more}.items():
            self.cell(self.row(indicator), field).value = held

    def sent(self, node: Node, **more) -> Submission:
        self.book.save(self.path)
        return hand_in(node, self.path, name=self.path.name, **more)


@pytest.fixture
def book(node: Node, tmp_path: Path) -> Book:
    write_questionnaire(node, "newport", 2024, "en", tmp_path / "q.xlsx")
    return Book(tmp_path / "q.xlsx")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_that_a_questionnaire_writes_is_read_back(node: Node, tmp_path: Path, language: str):
    write_questionnaire(node, "newport", 2024, language, tmp_path / "q.xlsx")
    book = Book(tmp_path / "q.xlsx")
    asked = [row for row in range(1, book.sheet.max_row + 1) if "|" in str(book.sheet.cell(row, 1).value)]
    for row in asked:
        book.cell(row, "value").value = 1
    made = book.sent(node)
    assert len(made.values) == len(asked) > 100 and not {"wrong_unit", "not_this_unit"} & set(codes(made))
    assert {value.value for value in made.values} == {1}


def test_a_mode_is_not_told_twice(book: Book):
    modes = {str(cell.value) for row in book.sheet.iter_rows() for cell in row if cell.column == COLUMNS.index("mode") + 1 and cell.value}
    assert "all – all together" in modes and not any(len(set(mode.split(" – "))) == 1 < mode.count("–") + 1 for mode in modes)


def told(made: Submission) -> dict[str, tuple[float | None, str, str | None]]:
    return {value.indicator: (value.value, value.status, value.comment) for value in made.values}


@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_a_questionnaire_that_is_filled_in_comes_back(node: Node, tmp_path: Path, language: str):
    asked = write_questionnaire(node, "newport", 2024, language, tmp_path / "q.xlsx")
    assert asked == sum("reported" in indicator.how for indicator in indicators().values())
    book = Book(tmp_path / "q.xlsx")
    book.fill("population", 150_000, source="Census")
    book.fill("area_km2", "84,2", status=book.book["_interurban"].cell(2, 4).value)
    book.fill("pt_boardings", None, status="M – ", comment="the counters were broken")
    made = book.sent(node)
    assert (made.state, made.form, codes(made)) == (SubmissionState.VALIDATED, "questionnaire", [])
    assert told(made) == {
        "population": (150_000, "A", None), "area_km2": (84.2, "E", None), "pt_boardings": (None, "M", "the counters were broken"),
    }
    value = made.values[0]
    assert (value.period_start, value.frequency, value.area_definition) == (dt.date(2024, 1, 1), "A", "ADM")


def test_nothing_filled_in_is_nothing_handed_in(node: Node, book: Book):
    assert codes(book.sent(node)) == ["empty_file"]


def test_last_years_value_stands_beside_the_blank_one(node: Node, tmp_path: Path):
    titles = "indicator,mode,area_definition,time,value"
    rows = ("population,all,MET,2022,140000", "population,all,MET,2024,160000", "pt_boardings,bus,ADM,2023,12")
    publish(node, hand_in(node, table(*rows, titles=titles)))
    write_questionnaire(node, "newport", 2024, "ru", tmp_path / "q.xlsx")
    book = Book(tmp_path / "q.xlsx")
    row = next(cell.row for cell in book.sheet["A"] if cell.value == "population|all|MET")
    assert (book.cell(row, "previous").value, book.cell(row, "previous_period").value) == (140000, "2022")
    bus = next(cell.row for cell in book.sheet["A"] if cell.value == "pt_boardings|bus|ADM")
    assert (book.cell(bus, "mode").value, book.cell(bus, "previous").value) == ("bus – автобус", 12)
    assert book.cell(bus - 1, "key").value == "pt_boardings|all|ADM"  # the total is asked for, too


def test_only_what_is_to_be_filled_in_can_be_typed_into(book: Book):
    row = book.row("population")
    assert book.sheet.protection.sheet
    unlocked = {field for field in COLUMNS if not book.cell(row, field).protection.locked}
    assert unlocked == {"value", "status", "source", "evidence", "comment"}
    assert not book.cell(book.extra_row(), "indicator").protection.locked
    assert book.book["_interurban"].sheet_state == "hidden" and book.sheet.row_dimensions[1].hidden
    lists = {str(v.sqref).rstrip("0123456789"): v.formula1 for v in book.sheet.data_validations.dataValidation if v.type == "list"}
    assert f"_interurban!$D$1:$D${len(STATUSES)}" in lists.values()
    cell = book.cell(book.row("pt_mode_share"), "value").coordinate
    limits = next(v for v in book.sheet.data_validations.dataValidation if cell in v.sqref)
    assert (limits.type, limits.formula1, limits.formula2, limits.errorStyle) == ("decimal", "0", "100", None)


def test_sorted_rows_renamed_and_moved_sheets_more_lines_above(node: Node, book: Book):
    book.fill("population", 150_000)
    book.fill("area_km2", 84.2, comment="of the whole")
    first, second = book.row("population"), book.row("area_km2")
    for place in range(1, len(COLUMNS) + 1):
        a, b = book.sheet.cell(first, place), book.sheet.cell(second, place)
        a.value, b.value = b.value, a.value
    book.sheet.insert_rows(1, 3)
    book.sheet.title = "Мои цифры"
    book.book.move_sheet("_interurban", -3)
    book.book.create_sheet("notes", 0)["A1"] = "do not forget"
    made = book.sent(node)
    assert codes(made) == []
    assert told(made) == {"population": (150_000, "A", None), "area_km2": (84.2, "A", "of the whole")}


def test_moved_columns(node: Node, book: Book):
    book.fill("population", 150_000)
    book.sheet.insert_cols(2, 2)
    assert told(book.sent(node)) == {"population": (150_000, "A", None)}


def test_extra_rows_take_other_indicators_and_modes(node: Node, book: Book):
    row = book.extra_row()
    for field, held in (("indicator", "pt_boardings"), ("mode", "tram"), ("unit", "thousand boardings"), ("value", 2500)):
        book.cell(row, field).value = held
    made = book.sent(node)
    assert codes(made) == []
    assert [(v.indicator, v.mode, v.value, v.unit) for v in made.values] == [("pt_boardings", "tram", 2.5, "million boardings per year")]


def test_what_cannot_be_read_is_named_by_its_cell(node: Node, book: Book):
    wrong = {
        "population": ("=1000*150", "formula"), "area_km2": ("many", "not_a_number"), "pt_boardings": ("1,234", "ambiguous_number"),
        "buses": (dt.datetime(2024, 5, 1), "date_in_place_of_number"), "cars_registered": (True, "not_a_number"),
        "pt_fleet": ("#N/A", "error_in_cell"), "pt_mode_share": (-1, "value_impossible"),
    }
    for indicator, (held, _) in wrong.items():
        book.fill(indicator, held)
    made = book.sent(node)
    places = {f"{book.sheet.title}!{book.cell(book.row(i), 'value').coordinate}": code for i, (_, code) in wrong.items()}
    assert {f.cell: f.code for f in made.findings} == places
    assert made.state is SubmissionState.RETURNED and len(made.findings) == len(wrong)


def test_percents_of_what_is_no_percentage_are_refused(node: Node, book: Book):
    book.fill("buses", "50 %")
    book.fill("mean_annual_temperature", 0.5)
    book.cell(book.row("mean_annual_temperature"), "value").number_format = "0%"
    made = book.sent(node)
    title = book.sheet.title
    assert {(finding.code, finding.cell, finding.allowed) for finding in made.findings} == {
        ("not_this_unit", f"{title}!{book.cell(book.row('buses'), 'value').coordinate}", "vehicles"),
        ("not_this_unit", f"{title}!{book.cell(book.row('mean_annual_temperature'), 'value').coordinate}", "°C"),
    }


def test_percents_as_excel_shows_them(node: Node, book: Book):
    book.fill("pt_mode_share", 0.35)
    book.cell(book.row("pt_mode_share"), "value").number_format = "0%"
    assert told(book.sent(node))["pt_mode_share"][0] == 35


def test_a_row_that_was_copied_is_said_twice(node: Node, book: Book):
    book.fill("population", 150_000)
    row, to = book.row("population"), book.extra_row()
    for place in range(1, len(COLUMNS) + 1):
        book.sheet.cell(to, place).value = book.sheet.cell(row, place).value
    made = book.sent(node)
    assert codes(made) == ["said_twice"] and made.findings[0].details["other"] == f"{book.sheet.title}!H{row}"


def test_hidden_names_that_are_gone(node: Node, book: Book):
    book.fill("population", 150_000)
    book.sheet.delete_cols(1)
    assert codes(book.sent(node)) == ["questionnaire_altered"]


def test_a_questionnaire_without_its_hidden_sheet(node: Node, book: Book):
    book.fill("population", 150_000)
    del book.book["_interurban"]
    (finding,) = book.sent(node, city_id="newport").findings
    assert (finding.code, finding.allowed) == ("questionnaire_no_about", "_interurban")
    assert finding.details["found"] == ", ".join(book.book.sheetnames)


def test_a_changed_key(node: Node, book: Book):
    book.fill("population", 150_000)
    book.cell(book.row("population"), "key").value = "population"
    assert codes(book.sent(node)) == ["questionnaire_key"]


def test_another_citys_questionnaire(node: Node, book: Book):
    book.fill("population", 150_000)
    book.book["_interurban"]["B3"] = "oldport"
    assert set(codes(book.sent(node, city_id="newport"))) == {"other_city"}


def test_a_questionnaire_of_another_version(node: Node, book: Book):
    book.book["_interurban"]["B2"] = "99"
    assert codes(book.sent(node)) == ["questionnaire_version"]


def test_texts_that_begin_as_formulas_stay_texts(node: Node, tmp_path: Path):
    publish(node, hand_in(node, table("population,2023,140000,,")))
    with node.catalogue.database.writing() as connection:
        from sqlalchemy import update

        from interurban.store import schema

        connection.execute(update(schema.city).where(schema.city.c.id == "newport").values(name_en='=HYPERLINK("https://evil.example")'))
    write_questionnaire(node, "newport", 2024, "en", tmp_path / "q.xlsx")
    cells = [cell for sheet in load_workbook(tmp_path / "q.xlsx") for row in sheet.iter_rows() for cell in row]
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    assert all(cell.data_type != "f" for cell in cells)


def test_the_language_of_a_citys_country(node: Node):
    from dataclasses import replace

    node.catalogue.add_city(replace(NEWPORT, id="moscow", country="RU"))
    name, contents = desk.questionnaire(node, "newport", RITA, 2024)
    assert name == "newport-2024.xlsx" and contents.startswith(b"PK")
