from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from feeds import FILES, notices, rows_of, set_aside, write_folder, write_zip

from interurban.collect.gtfs import feed as feed_module
from interurban.collect.gtfs.feed import Feed, read_gtfs
from interurban.collect.gtfs.schema import TABLES
from interurban.collect.zip_safety import ZipLimits
from interurban.errors import NotFound, UnreadableFeed
from interurban.model import Severity

# Ibis 12 calls what DuckDB 2 has renamed.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

Read = Callable[..., Feed]

DERIVED = {"patterns", "shape_points", "services", "set_aside"}


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only place where temporary files may go during the test."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_tables_are_those_of_the_contract(read: Read) -> None:
    feed = read()
    assert set(feed.table_names) == (set(TABLES) - {"shapes"}) | DERIVED
    assert feed.tables["trips"].count().to_pyarrow().as_py() == 3
    assert feed.columns["stops"] == ("stop_id", "stop_name", "stop_lat", "stop_lon")


def test_a_table_nobody_gave_has_its_standard_columns(read: Read) -> None:
    feed = read()
    for name, spec in TABLES.items():
        if name not in FILES and name not in ("stop_times", "frequencies"):
            assert [c for c in feed.tables[name].columns if not c.startswith("_")] == [f.name for f in spec.fields]
    feed = read(frequencies=None, calendar=None, shapes=None, calendar_dates="service_id,date,exception_type\nW,20260106,1\n")
    assert {"trip_key", "start_time", "exact_times"} <= set(feed.tables["frequencies"].columns)
    assert {"service_key", "monday"} <= set(feed.tables["calendar"].columns)
    assert {"shape_key", "distance_m"} <= set(feed.tables["shape_points"].columns)


def test_stop_times_come_with_the_publishers_ids(read: Read) -> None:
    feed = read()
    rows = feed.stop_times.order_by("trip_key", "stop_sequence").to_pyarrow()
    assert rows["trip_id"].to_pylist() == ["T1"] * 3 + ["T2"] * 3 + ["T3"] * 2
    assert rows["stop_id"].to_pylist() == list("ABDABDDA")
    assert feed.frequencies.to_pyarrow()["trip_id"].to_pylist() == ["T3"]


def test_tables_are_attributes(read: Read) -> None:
    feed = read()
    assert feed.trips.order_by("trip_key").to_pyarrow()["trip_id"].to_pylist() == ["T1", "T2", "T3"]
    with pytest.raises(AttributeError, match=r"no table 'nonsense'; it has agency, .*stops"):
        _ = feed.nonsense
    assert not hasattr(feed, "_nonsense")


def test_a_zip_and_a_folder_give_the_same(tmp_path: Path) -> None:
    with read_gtfs(write_zip(tmp_path / "f.zip")) as zipped, read_gtfs(str(write_folder(tmp_path / "f"))) as folder:
        assert zipped.rows_in == folder.rows_in
        for name in ("trips", "stop_times", "patterns", "stops"):
            assert rows_of(zipped, f"FROM {name} ORDER BY ALL") == rows_of(folder, f"FROM {name} ORDER BY ALL")


def test_names_of_files_in_other_letters_and_strange_files(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "f", strange="a\n1\n", **{"select": "b\n2\n"})
    (folder / "stops.txt").rename(folder / "STOPS.TXT")
    (folder / "notes").mkdir()
    (folder / "levels.txt").mkdir()
    with read_gtfs(folder) as feed:
        assert rows_of(feed, "SELECT count(*) FROM stops") == [(4,)]
        assert sorted(n.file or "" for n in notices(feed, "unknown_file")) == ["select.txt", "strange.txt"]
        assert {n.severity for n in notices(feed, "unknown_file")} == {Severity.INFO}


def temporary(scratch: Path) -> list[Path]:
    """Temporary files of feeds being read."""
    return [path for path in scratch.glob("interurban-*/*") if path.name != ".gate"]


def test_what_a_killed_process_left_is_swept(tmp_path: Path, scratch: Path) -> None:
    with read_gtfs(write_zip(tmp_path / "f.zip")) as feed:
        own = temporary(scratch)
        left = own[0].with_name("left-by-a-killed-process")
        left.mkdir()
        (left / "stop_times.csv").write_text("half")
        with read_gtfs(tmp_path / "f.zip"):
            assert not left.exists()
            assert own[0].exists()  # its owner lives
        assert rows_of(feed, "SELECT count(*) FROM stop_times") == [(8,)]


def test_nothing_is_left_behind(tmp_path: Path, scratch: Path) -> None:
    with read_gtfs(write_zip(tmp_path / "f.zip")) as feed:
        assert len(temporary(scratch)) == 1
        con = feed.con
    assert temporary(scratch) == []
    import duckdb

    with pytest.raises(duckdb.ConnectionException):
        con.execute("SELECT 1")


def test_nothing_is_left_behind_by_what_cannot_be_read(tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    real = feed_module._database

    def remembered(folder: Path, total_bytes: int) -> object:
        opened.append(real(folder, total_bytes))
        return opened[0]

    monkeypatch.setattr(feed_module, "_database", remembered)
    path = write_zip(tmp_path / "f.zip")
    path.write_bytes(spoiled(path.read_bytes(), b"stop_times.txt"))
    with pytest.raises(UnreadableFeed) as error:
        read_gtfs(path)
    assert error.value.fields["code"] == "damaged_member"
    assert temporary(scratch) == []
    import duckdb

    with pytest.raises(duckdb.ConnectionException):
        opened[0].execute("SELECT 1")


def spoiled(data: bytes, member: bytes) -> bytes:
    """The zip with a byte of this member's content changed."""
    at = data.index(member) + len(member) + 20
    return data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_gtfs(tmp_path / "nothing.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableFeed) as error:
        read_gtfs(tmp_path / "empty")
    assert error.value.fields["code"] == "no_gtfs_files"
    assert "zip" not in str(error.value) and "found: —" in str(error.value)


def test_limits_reach_the_zip(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFeed) as error:
        read_gtfs(write_zip(tmp_path / "f.zip"), limits=ZipLimits(max_total_bytes=10))
    assert error.value.fields["code"] == "zip_bomb"


def test_a_large_feed_lives_on_disk(tmp_path: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "IN_MEMORY_BYTES", 1)
    with read_gtfs(write_zip(tmp_path / "f.zip")) as feed:
        assert rows_of(feed, "SELECT count(*) FROM stop_times") == [(8,)]
        assert set_aside(feed) == []
        assert list(scratch.glob("interurban-*/*/feed.duckdb"))
    assert temporary(scratch) == []


def test_the_environment_is_left_as_it_was(tmp_path: Path) -> None:
    feed = write_zip(tmp_path / "f.zip")
    script = """
import os, sys
from interurban.collect.gtfs.feed import read_gtfs
before = dict(os.environ)
assert "numpy" not in sys.modules
with read_gtfs(sys.argv[1]):
    assert "numpy" in sys.modules and dict(os.environ) == before
"""
    chosen = {name: value for name, value in os.environ.items() if name != feed_module.BLAS_PATIENCE}
    for environment in (chosen, chosen | {feed_module.BLAS_PATIENCE: "20"}):
        subprocess.run([sys.executable, "-c", script, str(feed)], env=environment, check=True)


def test_progress_names_tables_in_order(tmp_path: Path) -> None:
    seen: list[str] = []
    read_gtfs(write_folder(tmp_path / "f"), progress=seen.append).close()
    assert seen[0] == "agency"
    assert seen[-2:] == ["stop_times", "patterns"]


def test_a_folder_that_goes_away_while_reading(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "f")

    def remove(_: str) -> None:
        shutil.rmtree(folder, ignore_errors=True)

    with pytest.raises(NotFound):
        read_gtfs(folder, progress=remove)
