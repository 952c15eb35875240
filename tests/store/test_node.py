from __future__ import annotations

import datetime as dt
import io
import os
from pathlib import Path

import pyarrow as pa
import pytest

from interurban.errors import AlreadyExists, NodeError
from interurban.store.node import Node, init_node, node_folder, open_node
from interurban.store.settings import Settings


def test_a_node_is_a_folder(tmp_path: Path):
    with init_node(tmp_path / "a" / "node") as node:
        names = {path.name for path in node.folder.iterdir()}
        assert {"interurban.toml", "archive", "lake", "interurban.db"} <= names
        assert node.settings == Settings()
    assert "secret.key" not in names  # made with the first secret


def test_making_a_node_again_keeps_what_is_there(tmp_path: Path):
    init_node(tmp_path, Settings(retries=9)).close()
    (tmp_path / "interurban.toml").write_text("retries = 8  # mine\n")
    with init_node(tmp_path) as node:
        assert node.settings.retries == 8
    assert "mine" in (tmp_path / "interurban.toml").read_text()
    with pytest.raises(AlreadyExists):
        init_node(tmp_path, Settings(retries=9))


def test_no_node(tmp_path: Path):
    with pytest.raises(NodeError) as caught:
        open_node(tmp_path)
    assert caught.value.fields == {"path": str(tmp_path)}
    assert list(tmp_path.iterdir()) == []


def test_the_folder_cannot_be_made(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NodeError):
        init_node(tmp_path / "file" / "node")


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\x00" + b"\x00" * 2000])
def test_a_database_that_is_none(tmp_path: Path, content: bytes):
    init_node(tmp_path).close()
    for path in tmp_path.glob("interurban.db*"):
        path.unlink()
    (tmp_path / "interurban.db").write_bytes(content)
    with pytest.raises(NodeError, match=str(tmp_path / "interurban.db")):
        open_node(tmp_path)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_catalogue_that_is_gone_is_not_replaced_by_an_empty_one(tmp_path: Path, is_there: bool):
    """The lake is swept of what the catalogue does not name: of all that was watched, with an empty one."""
    with init_node(tmp_path) as node:
        node.days.write(1, dt.date(2026, 3, 2), "collected", {"messages": pa.table({"a": [1]})})
    for path in tmp_path.glob("interurban.db*"):
        path.unlink()
    if is_there:
        (tmp_path / "interurban.db").touch()
    for attempt in (open_node, init_node):
        with pytest.raises(NodeError, match=r"gone.*interurban\.db"):
            attempt(tmp_path)
    assert len([*tmp_path.glob("lake/days/**/*.parquet")]) == 1
    with init_node(tmp_path / "other", Settings(database_url=f"sqlite:///{tmp_path / 'elsewhere.db'}")) as node:
        node.archive.put(io.BytesIO(b"bytes"))
    with pytest.raises(NodeError, match="elsewhere"):
        (tmp_path / "elsewhere.db").rename(tmp_path / "moved.db")
        open_node(tmp_path / "other")
    (tmp_path / "moved.db").replace(tmp_path / "elsewhere.db")
    open_node(tmp_path / "other").close()


@pytest.mark.parametrize("url", ["mysql://me:hush@host/x", "no url", "postgresql+nothing://me:hush@host/x", "sqlite+x:///a"])
def test_a_database_url_that_is_none(tmp_path: Path, url: str):
    with pytest.raises(NodeError) as caught:
        init_node(tmp_path, Settings(database_url=url))
    assert "hush" not in str(caught.value)


def test_a_server_that_does_not_answer(tmp_path: Path):
    with pytest.raises(NodeError) as caught:
        init_node(tmp_path, Settings(database_url=f"postgresql://me:hush@/x?host={tmp_path}"))
    assert "hush" not in str(caught.value)


def test_the_home_names_the_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("INTERURBAN_HOME", raising=False)
    assert node_folder() == tmp_path
    monkeypatch.setenv("INTERURBAN_HOME", str(tmp_path / "home"))
    assert node_folder() == tmp_path / "home"
    assert node_folder("given") == tmp_path / "given"
    with init_node() as node:
        assert node.folder == tmp_path / "home"
    with open_node() as node:
        assert node.folder == tmp_path / "home"


def test_sqlite_is_set_for_several_processes(tmp_path: Path):
    with init_node(tmp_path) as node, node.catalogue.database.reading() as connection:
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in
                   ("journal_mode", "foreign_keys", "busy_timeout")}
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 60_000}


def test_a_source_is_collected_by_one_at_a_time(node: Node):
    with node.source_lock(1), open_node(node.folder) as other:
        with pytest.raises(NodeError), other.source_lock(1, wait_s=0):
            pass
        with other.source_lock(2, wait_s=0):
            pass


def test_opening_cleans_up_after_the_killed(tmp_path: Path):
    with init_node(tmp_path) as node:
        leftovers = [node.archive.folder / "tmp" / "half", node.lake.folder / "tmp" / "half"]
        unregistered = node.lake.folder / "gtfs" / "7" / "0123456789abcdef"
        for path in (*leftovers, unregistered):
            path.mkdir(parents=True)
        with open_node(tmp_path):  # not alone: the edition may be about to be registered
            assert [path.exists() for path in (*leftovers, unregistered)] == [False, False, True]
    with open_node(tmp_path):
        assert not unregistered.exists()


def test_a_folder_whose_name_is_no_text(tmp_path: Path):
    with pytest.raises(NodeError, match="Unicode"):
        init_node(tmp_path / os.fsdecode(b"\xff"))
    with init_node(tmp_path / "two\nlines, a ' and 语言") as node:
        assert node.archive.put(io.BytesIO(b"bytes")) in node.archive
