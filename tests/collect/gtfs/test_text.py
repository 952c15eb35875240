from __future__ import annotations

import io
from pathlib import Path

import pytest
from feeds import FILES

from interurban.collect.gtfs import text as text_module
from interurban.collect.gtfs.text import MAX_COLUMNS, PlainText, make_plain


def plain(folder: Path, content: bytes, name: str = "stops") -> PlainText:
    return make_plain(name, lambda: io.BytesIO(content), folder)


def codes(made: PlainText) -> dict[str, int]:
    return {notice.code: notice.count for notice in made.notices}


def test_plain_text_is_left_as_it_is(tmp_path: Path) -> None:
    made = plain(tmp_path, b"stop_id,stop_name\nA,Abbey\nB,Bridge\n")
    assert made.columns == ("stop_id", "stop_name")
    assert made.path.read_bytes() == b"A,Abbey\nB,Bridge\n"
    assert (made.has_rows, made.has_spaces, made.separator, made.notices) == (True, False, ",", [])


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")],
)
def test_byte_order_marks(tmp_path: Path, encoding: str, mark: bytes) -> None:
    made = plain(tmp_path, mark + "stop_id,stop_name\nA,Площадь 广场\n".encode(encoding))
    assert made.columns == ("stop_id", "stop_name")
    assert made.path.read_text(encoding="utf-8") == "A,Площадь 广场\n"
    assert codes(made) == {"byte_order_mark": 1}


def test_windows_1252_is_read_as_such_and_said(tmp_path: Path) -> None:
    made = plain(tmp_path, "stop_id,stop_name,odd\nA,Trøndelag – “S”\n".encode("cp1252"))
    assert made.path.read_text(encoding="utf-8") == "A,Trøndelag – “S”\n"
    assert codes(made) == {"not_utf8": 1, "unknown_column": 1}


def test_a_wrong_byte_far_inside_repeats_no_notice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "CHUNK_BYTES", 16)
    made = plain(tmp_path, b"\xef\xbb\xbfstop_id,odd\nA,1\nB,2\nC,3\nD,\xe9\n")
    assert made.columns == ("stop_id", "odd")
    assert made.path.read_text(encoding="utf-8") == "A,1\nB,2\nC,3\nD,é\n"
    assert [notice.code for notice in made.notices] == ["byte_order_mark", "not_utf8", "unknown_column"]


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 7, 4 << 20])
@pytest.mark.parametrize(
    ("content", "strays"),
    [
        (b"stop_id,stop_name\r\nA,1\r\nB,2\r\n", 0),
        (b"stop_id,stop_name\r\r\nA,1\r\r\nB,2\r\r\n", 3),
        (b"stop_id,stop_name\r\r\r\nA,1\r\nB,2\n", 2),
    ],
)
def test_line_ends_wherever_the_chunks_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int, content: bytes, strays: int
) -> None:
    monkeypatch.setattr(text_module, "CHUNK_BYTES", chunk)
    made = plain(tmp_path, content)
    assert made.columns == ("stop_id", "stop_name")
    assert made.path.read_bytes() == b"A,1\nB,2\n"
    assert codes(made).get("carriage_return_inside", 0) == strays


def test_carriage_returns_alone_end_lines(tmp_path: Path) -> None:
    made = plain(tmp_path, b'stop_id,stop_name\rA,1\rB,"two\nlines"\rC,3')
    assert made.columns == ("stop_id", "stop_name")
    assert made.path.read_bytes() == b'A,1\nB,"two\nlines"\nC,3'
    assert codes(made) == {}


def test_a_stray_carriage_return_is_a_blank(tmp_path: Path) -> None:
    made = plain(tmp_path, b"stop_id,stop_name\nA,Ab\rbey\nB,x\n")
    assert made.path.read_bytes() == b"A,Ab bey\nB,x\n"
    assert codes(made) == {"carriage_return_inside": 1}


def test_a_long_run_of_carriage_returns_takes_no_time(tmp_path: Path) -> None:
    # The last one of them belongs to the line end.
    made = plain(tmp_path, b"stop_id\nA" + b"\r" * 300_000 + b"\nB\n")
    assert made.path.read_bytes() == b"A\nB\n"
    assert codes(made) == {"carriage_return_inside": 299_999}


def test_nul_bytes_are_taken_out_and_counted(tmp_path: Path) -> None:
    made = plain(tmp_path, b"stop_id,stop_name\nA,Ab\0b\0ey\n")
    assert made.path.read_bytes() == b"A,Abbey\n"
    assert codes(made) == {"nul_byte": 2}


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\r\n", b"\xef\xbb\xbf", b"  \n"])
def test_files_without_anything(tmp_path: Path, content: bytes) -> None:
    made = plain(tmp_path, content)
    assert (made.columns, made.has_rows) == ((), False)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n \n"])
def test_header_only(tmp_path: Path, end: bytes) -> None:
    made = plain(tmp_path, b"stop_id,stop_name" + end)
    assert (made.columns, made.has_rows) == (("stop_id", "stop_name"), False)


def test_blank_lines_before_the_header(tmp_path: Path) -> None:
    made = plain(tmp_path, b"\r\n \n\nstop_id,stop_name\nA,1\n")
    assert (made.columns, made.path.read_bytes()) == (("stop_id", "stop_name"), b"A,1\n")


def test_names_are_told_apart(tmp_path: Path) -> None:
    made = plain(tmp_path, b"Stop_ID,,stop_id,Odd,odd,ODD,\n")
    assert made.columns == ("stop_id", "column_2", "stop_id_3", "Odd", "odd_5", "ODD_6", "column_7")
    found = {(notice.code, notice.field) for notice in made.notices}
    assert found == {
        ("blank_column_name", "column_2"), ("blank_column_name", "column_7"), ("duplicate_column_name", "stop_id"),
        ("unknown_column", "Odd"), ("unknown_column", "odd"), ("unknown_column", "ODD"),
    }  # fmt: skip


def test_names_that_the_reader_needs_itself_get_a_number(tmp_path: Path) -> None:
    made = plain(tmp_path, b"stop_id,stop_key,rowid,_fault,mode,Trip_Key,column_3\n")
    assert made.columns == ("stop_id", "stop_key_2", "rowid_3", "fault_4", "mode_5", "Trip_Key_6", "column_3")


def test_a_blank_name_never_takes_a_given_one(tmp_path: Path) -> None:
    made = plain(tmp_path, b"column_2,\n")
    assert made.columns == ("column_2", "column_2_2")


def test_spaces_around_names(tmp_path: Path) -> None:
    made = plain(tmp_path, b'stop_id , stop_name, "stop_lat" ,"stop_lon"\nA, Abbey,0,0\n')
    assert made.columns == ("stop_id", "stop_name", "stop_lat", "stop_lon")
    assert made.has_spaces
    assert codes(made) == {"spaces_around_values": 1}


@pytest.mark.parametrize("row", [b" A,b\n", b"A ,b\n", b"A, b\n", b"A,b \n", b"A,b ", b'"A "," b"\n', b"A,\tb\n"])
def test_blanks_at_the_ends_of_values_are_noticed(tmp_path: Path, row: bytes) -> None:
    assert plain(tmp_path, b"stop_id,stop_name\n" + row).has_spaces


def test_blanks_inside_values_are_not(tmp_path: Path) -> None:
    assert not plain(tmp_path, b"stop_id,stop_name\nA b,c d\n").has_spaces


@pytest.mark.parametrize("separator", [";", "\t"])
def test_another_separator_is_understood_and_said(tmp_path: Path, separator: str) -> None:
    made = plain(tmp_path, FILES["stops"].replace(",", separator).encode())
    assert made.columns == ("stop_id", "stop_name", "stop_lat", "stop_lon")
    assert made.separator == separator
    assert codes(made) == {"other_separator": 1}


def test_a_semicolon_in_a_name_is_no_separator(tmp_path: Path) -> None:
    assert plain(tmp_path, b"stop_id,stop;name\n").columns == ("stop_id", "stop;name")
    assert plain(tmp_path, b"odd;name\n").columns == ("odd;name",)


def test_a_thousand_columns(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(1000)]
    assert plain(tmp_path, ",".join(names).encode()).columns == tuple(names)


def test_more_columns_than_anyone_has(tmp_path: Path) -> None:
    made = plain(tmp_path, b"c," * MAX_COLUMNS + b"d\n" + b"1," * MAX_COLUMNS + b"2\n")
    assert made.columns == ()
    assert codes(made)["too_many_columns"] == MAX_COLUMNS + 1


def test_a_name_over_two_lines(tmp_path: Path) -> None:
    made = plain(tmp_path, b'stop_id,"stop\nname",stop_lat\nA,x,1\n')
    assert made.columns == ("stop_id", "stop name", "stop_lat")
    assert made.path.read_bytes() == b"A,x,1\n"


@pytest.mark.parametrize("header", [b'stop_id,"stop_name', b'stop_id,stop_name"', b'"stop_id,stop_name'])
def test_a_quote_in_the_header_swallows_no_row(tmp_path: Path, header: bytes) -> None:
    rows = b'A,"Abbey"\nB,"Bridge" \nC,x"\nD,"y"\n'
    made = plain(tmp_path, header + b"\n" + rows)
    assert len(made.columns) == 2
    assert made.path.read_bytes() == rows
