"""A node with the small city, collected and computed once for all tests that only look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cities_with_feeds import add_city, computed

from interurban.store.node import Node, init_node
from tiny_feed import tiny_feed, write_zip


@pytest.fixture(scope="session")
def feed_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_zip(tmp_path_factory.mktemp("feed") / "tiny.zip", tiny_feed())


@pytest.fixture(scope="session")
def looked_at(tmp_path_factory: pytest.TempPathFactory, feed_zip: Path) -> Iterator[Node]:
    """A node with the city "tiny" of 50,000 inhabitants on 2 km²; not to be changed."""
    with init_node(tmp_path_factory.mktemp("indicators") / "node") as node:
        add_city(node, "tiny", [feed_zip], population=50_000, area_km2=2)
        computed(node, "tiny")
        yield node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node of its own."""
    with init_node(tmp_path / "node") as node:
        yield node
