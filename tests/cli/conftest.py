"""A small feed, and the command line run as a person runs it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from small_city import FILES, write_feed

from interurban.cli import main
from interurban.locales import choose_language


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture
def interurban(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Run a command line in English in a node of its own: `interurban("city", "list").out`."""
    monkeypatch.setenv("INTERURBAN_HOME", str(tmp_path / "node"))
    monkeypatch.setenv("INTERURBAN_LANG", "en")

    def run(*words: str) -> Answer:
        code = main([str(word) for word in words])
        shown = capsys.readouterr()
        return Answer(code, shown.out, shown.err)

    yield run
    choose_language(None)


@pytest.fixture
def small_feed(tmp_path: Path) -> Path:
    return write_feed(tmp_path / "small.zip", FILES)


@pytest.fixture
def served() -> Iterator[Callable[[Path], str]]:
    """Serve a folder over HTTP: its address."""
    with ExitStack() as servers:

        def serve(folder: Path) -> str:
            server = servers.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))))
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
            servers.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}"

        yield serve


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def collected(interurban: Callable[..., Answer], small_feed: Path, made_once: Callable[..., Path]) -> Callable[..., Answer]:
    """A node with one city whose feed has been collected; the feed lies at `small_feed`."""
    once = made_once("collected", _collect)
    shutil.copytree(once / "node", small_feed.parent / "node")
    shutil.copyfile(once / "small.zip", small_feed)
    with closing(sqlite3.connect(small_feed.parent / "node" / "interurban.db")) as database, database:
        database.execute("UPDATE source SET location = ?", [str(small_feed)])
    return interurban


def _collect(folder: Path) -> None:
    from interurban.collect.collector import collect
    from interurban.model import City, CityFigure, Figure, Source
    from interurban.store.node import init_node

    feed = write_feed(folder / "small.zip", FILES)
    with init_node(folder / "node") as node:
        node.catalogue.add_city(City("smallville", "Smallville", "GB", "Europe/London", name_ru="Городок"))
        node.catalogue.add_city_figure(CityFigure("smallville", Figure.POPULATION, 2021, 1000, "census"))
        node.catalogue.add_source(Source("smallville", "gtfs", str(feed), licence="CC0"))
        collect(node)
