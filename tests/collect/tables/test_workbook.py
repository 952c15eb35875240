"""Workbooks from outside: data only, within limits, nothing followed and nothing evaluated."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from interurban.collect.tables import workbook
from interurban.collect.tables.formats import MAIN, Sheet
from interurban.collect.tables.workbook import sheet_names, sheet_rows
from interurban.errors import DataError, NotFound


@pytest.fixture
def book(tmp_path: Path) -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "data"
    for row in (["", ""], ["city", "value"], ["A", 1.5], [None, None], ["B", "=1+1"], ["=HYPERLINK(\"http://example.org\")", "NE"]):
        sheet.append(row)
    made.save(tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def code(call) -> str:
    with pytest.raises(DataError) as caught:
        call()
    assert caught.value.fields.get("file")
    return str(caught.value.fields["code"])


def changed(book: Path, name: str, change) -> Path:
    """The workbook with one of its parts changed, or added."""
    target = book.with_name("changed.xlsx")
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, change(old.read(name) if name in old.namelist() else b""))
    return target


def test_cells_are_text_and_formulas_are_not_evaluated(book):
    assert sheet_names(book) == ["data"]
    rows = list(sheet_rows(book, "data"))
    assert rows[1:3] == [["city", "value"], ["A", "1.5"]]
    assert rows[4:] == [["B", ""], ["", "NE"]], "a formula that nobody has computed has no value"


def test_the_header_is_found_and_blank_rows_are_none(book):
    table = Sheet("data", ("city", "value")).read(book)[MAIN]
    assert table["city"].to_pylist() == ["A", "B", ""]
    assert table["row"].to_pylist() == [3, 5, 6], "as a spreadsheet numbers them, blank rows counted"


def test_a_sheet_that_is_not_there_is_named(book):
    assert code(lambda: list(sheet_rows(book, "other"))) == "no_such_sheet"


def test_what_is_no_workbook_is_said_to_be_none(tmp_path):
    for data in (b"PK\x03\x04 not really", b"a,b\n1,2\n", b""):
        (tmp_path / "t.xlsx").write_bytes(data)
        assert code(lambda: sheet_names(tmp_path / "t.xlsx")) == "not_a_workbook"
    with zipfile.ZipFile(tmp_path / "z.xlsx", "w") as other:
        other.writestr("readme.txt", "no workbook")
    assert code(lambda: sheet_names(tmp_path / "z.xlsx")) == "not_a_workbook"
    with pytest.raises(NotFound):
        sheet_names(tmp_path / "absent.xlsx")


@pytest.mark.parametrize("start", [
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "aaaa">]>', b"<!-- " + b"<a " * 3000 + b"--><!DOCTYPE w [<!ENTITY a 'a'>]>",
])
def test_entities_are_not_expanded(book, start):
    bad = changed(book, "xl/workbook.xml", lambda old: start + old[old.index(b"<workbook") :])
    assert code(lambda: sheet_names(bad)) == "unsafe_workbook"


def test_an_encoding_that_hides_entities_is_refused(book):
    bad = changed(book, "xl/workbook.xml", lambda old: old.decode().replace("utf-8", "utf-16").encode("utf-16"))
    assert code(lambda: sheet_names(bad)) == "unsafe_workbook"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(book):
    bad = changed(book, "xl/worksheets/sheet1.xml", lambda old: old + b" " * 60_000_000)
    assert code(lambda: sheet_names(bad)) == "zip_bomb"


def test_links_to_other_workbooks_are_not_followed(book):
    link = b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">' \
        b'<Relationship Id="rId1" ' \
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" Target="file:///etc/passwd" ' \
        b'TargetMode="External"/></Relationships>'
    linked = changed(book, "xl/externalLinks/_rels/externalLink1.xml.rels", lambda _: link)
    assert list(sheet_rows(linked, "data"))[2] == ["A", "1.5"]


def test_huge_cells_and_far_rows_are_told_with_their_place(book, tmp_path, monkeypatch):
    made = openpyxl.Workbook()
    made.active.title = "data"
    made.active.append(["a", "x" * 2000])
    made.save(tmp_path / "long.xlsx")
    monkeypatch.setattr(workbook, "MAX_CELL_CHARACTERS", 1000)
    with pytest.raises(DataError) as caught:
        list(sheet_rows(tmp_path / "long.xlsx", "data"))
    assert (caught.value.fields["code"], caught.value.fields["row"], caught.value.fields["column"]) == ("huge_cell", 1, 2)
    far = changed(book, "xl/worksheets/sheet1.xml", lambda old: old.replace(b'r="6"', b'r="1048576"').replace(b'6"', b'1048576"'))
    assert code(lambda: list(sheet_rows(far, "data"))) == "too_many_cells"
