"""A node with a small city behind the server: in this process for most tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from interurban.store.node import init_node
from interurban.web.app import create_app


@pytest.fixture
def node_folder(tmp_path: Path) -> Path:
    init_node(tmp_path / "node").close()
    return tmp_path / "node"


@pytest.fixture
def client(node_folder: Path) -> Iterator[TestClient]:
    with TestClient(create_app(node_folder), raise_server_exceptions=False) as client:
        yield client
