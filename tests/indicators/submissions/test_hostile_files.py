"""Files meant to harm: each is refused by name, and its bytes are kept as evidence all the same."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from handing import codes, hand_in, table
from openpyxl import Workbook

from interurban.indicators.submissions.text_table import guarded
from interurban.model.submission import SubmissionState
from interurban.store.node import Node


def plain_book() -> dict[str, bytes]:
    """Parts of a workbook as a program writes it."""
    book = Workbook()
    for row in (("city", "indicator", "time", "value"), ("newport", "population", 2024, 150_000)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, contents in parts.items():
            archive.writestr(name, contents)
    return out.getvalue()


def test_the_plain_book_is_read(node: Node):
    made = hand_in(node, packed(plain_book()), name="b.xlsx")
    assert (made.state, made.form, made.values[0].value) == (SubmissionState.VALIDATED, "excel", 150_000)


ENTITY = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(("part", "contents", "code"), [
    (SHEET, ENTITY + b"<worksheet/>", "xml_entities"),
    ("xl/sharedStrings.xml", OUTSIDE + b"<sst><si><t>&a;</t></si></sst>", "xml_entities"),
    ("xl/workbook.xml", '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x []><workbook/>'.encode("utf-16"), "unwanted_part"),
    (SHEET, b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-<worksheet/>', "unwanted_part"),
    ("xl/externalLinks/externalLink1.xml", b"<externalLink/>", "unwanted_part"),
    ("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0", "unwanted_part"),
    ("xl/connections.xml", b"<connections/>", "unwanted_part"),
    ("xl/embeddings/oleObject1.bin", b"MZ", "unwanted_part"),
    (SHEET, b"<worksheet", "damaged_workbook"),
    ("xl/workbook.xml", b"<workbook/>", "no_sheet"),
    ("../../etc/cron.d/x", b"* * * * * root sh", "unsafe_workbook"),
    ("xl/media/bomb.bin", b"\0" * (60 << 20), "unsafe_workbook"),
    ("xl/media/bomb.bin", b"\0" * (5 << 20), "unsafe_workbook"),
])
def test_a_workbook_that_means_harm(node: Node, part: str, contents: bytes, code: str):
    data = packed({**plain_book(), part: contents})
    made = hand_in(node, data, name="b.xlsx")
    assert made.state is SubmissionState.RETURNED
    assert codes(made) in ([code], ["damaged_workbook"]) and (code != "xml_entities" or codes(made) == [code])
    assert node.archive.path(made.sha256).read_bytes() == data


def test_a_sheet_that_says_it_is_endless(node: Node):
    rows = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="4000000000"><c r="A4000000000"><v>1</v></c></row>'
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + rows + b"</sheetData></worksheet>"
    assert codes(hand_in(node, packed({**plain_book(), SHEET: sheet}), name="b.xlsx")) == ["too_many_rows"]


def test_a_sheet_that_lies_of_its_size_is_read_whole(node: Node):
    parts = plain_book()
    parts[SHEET] = parts[SHEET].replace(b'<dimension ref="A1:D2"', b'<dimension ref="A1:A1"').replace(b'<dimension ref="A1:D2" />', b"")
    assert len(hand_in(node, packed(parts), name="b.xlsx").values) == 1


def test_many_cells_without_anything_in_them(node: Node):
    rows = b"".join(b"<row/>" for _ in range(250_000))
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>' + rows + b"</sheetData></worksheet>"
    made = hand_in(node, packed({**plain_book(), SHEET: sheet}), name="b.xlsx")
    assert codes(made)[0] in ("too_many_rows", "unsafe_workbook")


def test_formulas_are_never_computed_nor_their_last_result_believed(node: Node):
    parts = plain_book()
    parts[SHEET] = parts[SHEET].replace(b"<v>150000</v>", b"<f>WEBSERVICE(\"https://evil.example\")</f><v>150000</v>")
    made = hand_in(node, packed(parts), name="b.xlsx")
    assert [(f.code, f.cell) for f in made.findings] == [("formula", "Sheet!D2")]


@pytest.mark.parametrize(("text", "code"), [
    ("", "empty_file"), ("\n\n\n", "empty_file"), ("\0" * 100, "not_text"), ('city,indicator\n"newport', "broken_csv"),
    ("city,indicator,time,value\n" + "x,y,2024,1\n" * 10_001, "too_many_rows"), ("a" * 200_000, "cell_too_long"),
    ("a,b\n" + "c" * 20_000, "cell_too_long"),
    ("city,indicator,time\nnewport,population,2024\n", "missing_column"), ("city,indicator,time,value,valeu\n", "unknown_column"),
    ("city,city,indicator,time,value\n", "column_twice"), ("PK\x03\x04", "damaged_workbook"),
    (b"\x89PNG\r\n\x1a\n" + b"\xff" * 50, "not_text"),
])
def test_a_text_that_is_no_table(node: Node, text: str | bytes, code: str):
    assert codes(hand_in(node, text)) == [code]


def test_a_file_that_is_too_large(node: Node):
    assert codes(hand_in(node, b" " * (17 << 20))) == ["file_too_large"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"])
def test_no_text_becomes_a_formula(text: str):
    assert guarded(text) == f"'{text}"
    assert guarded("plain - text") == "plain - text"


def test_a_comment_that_would_be_a_formula_is_guarded_on_its_way_out(node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from interurban.cli import main

    made = hand_in(node, table('population,2024,150000,,"=cmd|\'/c calc\'!A1"'))
    monkeypatch.setenv("INTERURBAN_HOME", str(node.folder))
    assert main(["review", "show", str(made.id), "--csv", str(tmp_path / "out.csv")]) == 0
    assert "'=cmd" in (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
