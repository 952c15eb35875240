"""A node with few answers behind the server: in this process, and on loopback for clients of others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from few_answers import few_answers
from serving import serving_node
from starlette.testclient import TestClient

from interurban.store.node import Node, open_node
from interurban.web.app import create_app


@pytest.fixture(scope="session")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdmx") / "node"
    node, _ = few_answers(folder)
    node.close()
    settings = folder / "interurban.toml"
    settings.write_text(settings.read_text().replace("requests_per_minute = 600", "requests_per_minute = 0"))
    return folder


@pytest.fixture(scope="session")
def filled_node(filled_folder: Path) -> Iterator[Node]:
    with open_node(filled_folder) as node:
        yield node


@pytest.fixture(scope="session")
def client(filled_folder: Path) -> Iterator[TestClient]:
    """Nothing is written through it."""
    with TestClient(create_app(filled_folder), base_url="http://testserver/sdmx/v2") as client:
        yield client


@pytest.fixture(scope="session")
def address(filled_folder: Path) -> Iterator[str]:
    """Where a real server serves SDMX-REST."""
    with serving_node(filled_folder) as address:
        yield address
