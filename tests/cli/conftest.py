"""A small feed, and the command line run as a person runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_city import FILES, add_city, write_feed

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
def collected(interurban: Callable[..., Answer], small_feed: Path) -> Callable[..., Answer]:
    """A node with one city whose feed has been collected."""
    assert interurban("init").code == 0
    add_city(interurban, "smallville")
    assert interurban("source", "add", "smallville", "gtfs", small_feed, "--licence", "CC0").code == 0
    assert interurban("collect").code == 0
    return interurban
