"""Cells from outside, kind and hostile."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from interurban.collect.tables import reading
from interurban.collect.tables.formats import MAIN, BareNumbers, Delimited, Folder, table_of
from interurban.collect.tables.reading import cells, clean_names, read_bytes, read_text
from interurban.errors import DataError, NotFound


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def fault(call) -> dict[str, object]:
    with pytest.raises(DataError) as caught:
        call()
    return caught.value.fields


def test_text_is_utf_8_with_or_without_a_mark_packed_or_not(tmp_path):
    text, marked = "город,値\n", "\ufeffгород,値\n"
    for data in (text.encode(), marked.encode(), marked.encode("utf-16-le"), gzip.compress(text.encode())):
        assert read_text(written(tmp_path / "t.csv", data)) == "город,値\n"


def test_another_encoding_is_told_with_its_row(tmp_path):
    path = written(tmp_path / "t.csv", "a,b\n1,2\nМосква,3\n".encode("cp1251"))
    fields = fault(lambda: read_text(path))
    assert (fields["code"], fields["row"], fields["file"], fields["allowed"]) == ("wrong_encoding", 3, "t.csv", "UTF-8")


def test_nul_bytes_are_no_text(tmp_path):
    assert fault(lambda: read_text(written(tmp_path / "t.csv", b"a,b\n1,\x002\n")))["row"] == 2


def test_a_gzip_bomb_stops_at_the_limit(tmp_path):
    bomb = written(tmp_path / "t.csv.gz", gzip.compress(b"0" * 3_000_000))
    assert fault(lambda: read_bytes(bomb, at_most=1_000_000))["code"] == "too_large"


def test_a_damaged_gzip_file_is_named(tmp_path):
    cut = written(tmp_path / "t.csv.gz", gzip.compress(b"a,b\n" * 1000)[:-12])
    assert fault(lambda: read_bytes(cut))["code"] == "damaged_gzip"
    with pytest.raises(NotFound):
        read_bytes(tmp_path / "absent.csv")


def test_a_huge_cell_and_unmatched_quotes_are_told_with_their_row(tmp_path):
    path = tmp_path / "t.csv"
    assert fault(lambda: list(cells("a,b\n1,2\n3," + "x" * 200_000, ",", path))) | {"reason": 0} == {
        "code": "huge_cell", "file": "t.csv", "row": 3, "reason": 0,
    }  # fmt: skip
    assert fault(lambda: list(cells('a,b\n1,"2"x\n', ",", path)))["code"] == "bad_quotes"
    assert fault(lambda: list(cells('a,b\n1,"2\n', ",", path)))["code"] == "bad_quotes"


def test_a_table_has_bounds(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_CELLS", 100)
    assert fault(lambda: list(cells("1,2\n" * 60, ",", tmp_path / "t.csv")))["code"] == "too_many_cells"
    assert fault(lambda: list(cells("," * 5000, ",", tmp_path / "t.csv")))["row"] == 1


def test_names_lose_what_cannot_be_seen():
    assert clean_names(["\u200bLand area (in\nsquare km)", "Format\xa0", "Format", "", " a ", "A"]) == [
        "Land area (in square km)", "Format", "Format 2", "column_4", "a", "A 2",
    ]  # fmt: skip


def test_rows_of_another_width_are_kept_and_marked():
    table = table_of(["a", "b"], [["1", "2"], ["1", "2", ""], ["1", "2", "3"], ["1"], ["", ""], []])
    assert table["fault"].to_pylist() == [None, None, "wrong_cell_count", "wrong_cell_count", "blank_row", "blank_row"]
    assert table["row"].to_pylist() == [2, 3, 4, 5, 6, 7], "the header is row 1"
    assert table["b"].to_pylist() == ["2", "2", "2", "", "", ""]


def test_footnotes_stand_apart_and_may_quote_badly(tmp_path):
    path = written(tmp_path / "t.csv", b'"City","Value"\r\n"A","1"\r\n\r\n"footnoteSeqID","Footnote"\r\n"1","the "urban" area."\r\n')
    tables = Delimited(has_footnotes=True).read(path)
    assert tables[MAIN].num_rows == 1 and tables["footnotes"]["Footnote"].to_pylist() == ['the urban" area."']


def test_a_second_header_row_is_no_data(tmp_path):
    path = written(tmp_path / "t.csv", '"Line";"N";\n"Линия";"Число";\n"1";"2";\n'.encode())
    table = Delimited(delimiter=";", repeated=1).read(path)[MAIN]
    assert table.num_rows == 1 and table["N"].to_pylist() == ["2"]


def test_bare_numbers_are_known_by_their_shape(tmp_path):
    path = written(tmp_path / "t.csv", b"1,2,3\n4,5,6\n")
    assert BareNumbers(3).columns(path) == ["n1", "n2", "n3"] and not BareNumbers(4).columns(path)
    assert not BareNumbers(3).columns(written(tmp_path / "u.csv", b"a,b,c\n"))


def test_a_folder_says_what_is_missing(tmp_path):
    written(tmp_path / "lines.csv", b"id\n1\n")
    assert fault(lambda: Folder(("lines", "stations")).read(tmp_path))["allowed"] == "stations"


def test_an_empty_file_is_no_table(tmp_path):
    assert fault(lambda: Delimited().read(written(tmp_path / "t.csv", b"")))["code"] == "empty"
