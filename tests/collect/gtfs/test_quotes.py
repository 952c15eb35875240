from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from interurban.collect.gtfs.load import _scan
from interurban.collect.gtfs.quotes import MAX_LINES, Mended, with_sound_quotes
from interurban.collect.gtfs.text import PlainText


def mend(text: bytes, width: int = 3, separator: bytes = b",", chunk_lines: int = 1000) -> tuple[bytes, Mended]:
    lines = text.splitlines(keepends=True)
    chunks = [b"".join(lines[at : at + chunk_lines]) for at in range(0, len(lines), chunk_lines)]
    mended = Mended()
    return b"".join(with_sound_quotes(iter(chunks), separator, width, mended)), mended


def parsed(text: bytes, separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode(), newline=""), delimiter=separator))


@pytest.mark.parametrize("chunk_lines", [1, 2, 1000])
def test_blanks_before_quotes_go_and_are_no_fault(chunk_lines: int) -> None:
    made, mended = mend(b'1,  "a,  ""b" ,3\n', chunk_lines=chunk_lines)
    assert (made, mended.lines) == (b'1,"a,  ""b" ,3\n', 0)


@pytest.mark.parametrize(
    "text",
    [
        b"1,2,3\n",
        b'"1","2",""\n"","",""\n',
        b'1,"a, b",3\n',
        b'1,"say ""hi""",3\n',
        b'1,5" pipe,3\n',
        b'1,two\n"x"\n',
        b'1,"two\nlines",3\n4,5,6\n',
        b'"\n","\n","a\nb"\n4,5,6\n',
        b'1,"three\n\nlines, ""quoted""","x"\n4,5,6\n',
    ],
)
@pytest.mark.parametrize("chunk_lines", [1, 2, 1000])
def test_sound_text_is_left_as_it_is(text: bytes, chunk_lines: int) -> None:
    made, mended = mend(text, chunk_lines=chunk_lines)
    assert (made, mended.lines) == (text, 0)


@pytest.mark.parametrize("chunk_lines", [1, 2, 1000])
@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (b'1,"abc,3\n4,5,6\n', [["1", '"abc', "3"], ["4", "5", "6"]]),
        (b'1,"abc,3\n4,5,6\n7,"8,9\n', [["1", '"abc', "3"], ["4", "5", "6"], ["7", '"8', "9"]]),
        (b'1,"C" CROSS RD,3\n4,5,6\n', [["1", '"C" CROSS RD', "3"], ["4", "5", "6"]]),
        (b'1,"x"y","z\n4,5,6\n', [["1", '"x"y"', '"z'], ["4", "5", "6"]]),
        (b'1,"a, b,3\n4,5,6\n', [["1", "a", " b", "3"], ["4", "5", "6"]]),  # how the four were meant, nobody can tell
        (b'1,2,"\n4,5,6\n7,8,9\n', [["1", "2", '"'], ["4", "5", "6"], ["7", "8", "9"]]),
        (b'1,"",""x\n4,"5",6\n', [["1", "", '""x'], ["4", "5", "6"]]),
    ],
)
def test_a_stray_quote_swallows_nothing(text: bytes, rows: list[list[str]], chunk_lines: int) -> None:
    made, mended = mend(text, chunk_lines=chunk_lines)
    assert parsed(made) == rows
    assert mended.lines == sum(line.count(b'"') > 0 for line in text.splitlines()) - (b'"5"' in text)
    assert mended.samples[0] == text.splitlines()[0].decode()


def test_only_the_first_lines_are_shown() -> None:
    _, mended = mend(b'1,"a,3\n' * 20)
    assert (mended.lines, len(mended.samples)) == (20, 5)


def test_no_value_has_a_thousand_lines() -> None:
    text = b'1,"a\n' + b"b\n" * MAX_LINES + b'c",3\n'
    made, mended = mend(text)
    assert made.count(b"\n") == text.count(b"\n")
    assert mended.lines >= 1


def test_other_separators() -> None:
    made, mended = mend(b'1;"a;3\n"4";"5;5";6\n', separator=b";")
    assert parsed(made, ";") == [["1", '"a', "3"], ["4", "5;5", "6"]]
    assert mended.lines == 1


@settings(max_examples=300, deadline=None)
@example(',  ""', 2, 1)
@example(',  "a"', 2, 1)
@example('a, "",\n"x, ""y",\t""', 3, 1)
@given(st.text(alphabet='ab,"\n ', max_size=60), st.integers(2, 4), st.integers(1, 3))
def test_the_database_sees_the_records_that_we_do(text: str, width: int, chunk_lines: int) -> None:
    """Whatever the quotes: kept are the records of the right width, as another reader of CSV finds them, refused all others."""
    made, _ = mend(text.encode(), width, chunk_lines=chunk_lines)
    again, mended_again = mend(made, width)
    assert (again.rstrip(b"\n"), mended_again.lines) == (made.rstrip(b"\n"), 0)
    kept, refused = scanned(made, width)
    records = [
        [value.strip() for value in row]
        for row in csv.reader(io.StringIO(made.decode(), newline=""), skipinitialspace=True)
        if row
    ]
    assert is_within([row for row in records if len(row) == width], kept)
    assert is_within(kept, [row[:width] for row in records if len(row) >= width and not any(row[width:])])
    assert len(kept) + refused == len(records)


def is_within(some: list[list[str]], all_of_them: list[list[str]]) -> bool:
    """Whether `some` are among `all_of_them` in this order."""
    left = iter(all_of_them)
    return all(row in left for row in some)


def scanned(text: bytes, width: int) -> tuple[list[list[str]], int]:
    if not text:
        return [], 0
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        path = Path(folder) / "x.csv"
        path.write_bytes(text)
        rows = con.execute(f"SELECT * FROM {_scan(PlainText('x', path, tuple('abcd'[:width])))}").fetchall()
        refused = con.execute("SELECT count(DISTINCT line) FROM reject_errors").fetchall()[0][0]
    return [[(value or "").strip() for value in row] for row in rows], refused
