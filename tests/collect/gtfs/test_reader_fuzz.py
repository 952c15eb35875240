"""Whatever the bytes: no crash other than UnreadableFeed, no hang, and every row accounted for.

`INTERURBAN_FUZZ=2000` tries that many feeds of each kind; by default a few.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import tempfile
from pathlib import Path

import pytest
from feeds import FILES, rows_of, unaccounted, write_folder, write_zip
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interurban.collect.gtfs.feed import read_gtfs
from interurban.collect.gtfs.schema import TABLES
from interurban.errors import UnreadableFeed

EXAMPLES = int(os.environ.get("INTERURBAN_FUZZ", "6"))
fuzz = settings(
    max_examples=EXAMPLES, deadline=dt.timedelta(seconds=30), suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

NASTY = [
    "", "0", "1", "-1", "1.0", "A", "B", "T1", "T3", "S", "W", "X", "08:00:00", "8:00:00", "25:00:00", "8h", "24:60:00", "20260106",
    "20261301", "nan", "inf", "91", "1e400", "٣", " ", " A ", "é", "\ufeff", "'", ";", "--", "NULL", "a" * 300, "2147483648", "\\", "%s",
]  # fmt: skip
HEADERS = {name: text.splitlines()[0].split(",") for name, text in FILES.items()}
values = st.sampled_from(NASTY) | st.text(max_size=6)
edits = st.lists(
    st.tuples(st.floats(0, 1), st.binary(max_size=4)
        | st.sampled_from([b'"', b",", b"\n", b"\r", b"\0", b"\r\n", b";", b"\xff\xfe"]), st.integers(0, 6)),
    min_size=1,
    max_size=8,
)  # fmt: skip


def changed(data: bytes, changes: list[tuple[float, bytes, int]]) -> bytes:
    """The bytes with some replaced: (where, by what, how many)."""
    for place, new, length in changes:
        at = int(place * len(data))
        data = data[:at] + new + data[at + length :]
    return data


@st.composite
def tables_of_rows(draw: st.DrawFn) -> dict[str, list[list[str]]]:
    """Rows of any values, mostly of the right length, in some of the files."""
    made = {}
    for name in draw(st.lists(st.sampled_from(sorted(FILES)), min_size=1, max_size=4, unique=True)):
        width = len(HEADERS[name])
        lengths = st.sampled_from([width] * 6 + [width - 1, width + 1])
        made[name] = draw(st.lists(lengths.flatmap(lambda n: st.lists(values, min_size=n, max_size=n)), max_size=12))
    return made


@fuzz
@given(tables_of_rows())
def test_rows_of_anything(tables: dict[str, list[list[str]]]) -> None:
    files = {}
    for name, rows in tables.items():
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
        files[name] = (FILES[name] + text.getvalue()).encode("utf-8", "surrogatepass")
    with tempfile.TemporaryDirectory() as folder, read_gtfs(write_folder(Path(folder) / "f", **files)) as feed:
        assert unaccounted(feed) == {}
        assert rows_of(feed, 'SELECT count(*) FROM set_aside WHERE "row" IS NULL OR "row" < 1 OR reason IS NULL') == [(0,)]
        for name, rows in tables.items():
            # A record of several lines and the wrong number of values is set aside line by line.
            lines = sum(value.count("\n") + value.count("\r") for row in rows for value in row)
            added = feed.rows_in[name] - (FILES[name].count("\n") - 1)
            assert len(rows) <= added <= len(rows) + lines
            last = rows_of(feed, f"SELECT max(\"row\") FROM set_aside WHERE file = '{name}.txt'")[0][0]
            assert (last or 0) <= feed.rows_in[name]


@fuzz
@given(st.dictionaries(st.sampled_from(sorted(FILES)), edits, min_size=1, max_size=4))
def test_bytes_of_any_file_changed(changes: dict[str, list[tuple[float, bytes, int]]]) -> None:
    files = {name: changed(FILES[name].encode(), edit) for name, edit in changes.items()}
    with tempfile.TemporaryDirectory() as folder, read_gtfs(write_folder(Path(folder) / "f", **files)) as feed:
        assert unaccounted(feed) == {}


@fuzz
@given(edits)
def test_bytes_of_the_zip_changed(changes: list[tuple[float, bytes, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_zip(Path(folder) / "f.zip")
        path.write_bytes(changed(path.read_bytes(), changes))
        try:
            feed = read_gtfs(path)
        except UnreadableFeed as error:
            assert error.fields["code"]
            return
        with feed:
            assert unaccounted(feed) == {}


@fuzz
@given(
    st.sampled_from(sorted(TABLES)),
    st.lists(st.text(max_size=8)
        | st.sampled_from(["stop_id", "trip_id", "STOP_ID", "_fault", "rowid", "r", "t", "p", "f", "place"]), max_size=8),
    st.lists(st.lists(values, max_size=8), max_size=5),
)
def test_any_header_of_any_file(name: str, header: list[str], rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([header, *rows])
    content = text.getvalue().encode("utf-8", "surrogatepass")
    with tempfile.TemporaryDirectory() as folder, read_gtfs(write_folder(Path(folder) / "f", **{name: content})) as feed:
        assert unaccounted(feed) == {}


@pytest.mark.parametrize("mark", ['"', "\r", "\n", ";", "\0", "\t", " "])
@pytest.mark.parametrize("name", ["stops", "stop_times"])
def test_one_sign_anywhere_loses_no_row_unseen(mark: str, name: str, tmp_path: Path) -> None:
    """A sign cannot make more than one row appear or disappear."""
    text = FILES[name]
    for at in range(text.index("\n"), len(text), len(text) // 4 + 1 if EXAMPLES < 100 else 3):
        folder = write_folder(tmp_path / f"f{at}", **{name: text[:at] + mark + text[at:]})
        with read_gtfs(folder) as feed:
            assert unaccounted(feed) == {}
            whole = text.count("\n") - 1
            assert feed.rows_in[name] in (whole, whole + 1)
