from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from handing import NEWPORT, OLDPORT
from sqlalchemy import insert

from interurban.store import schema
from interurban.store.node import Node, init_node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node of two cities, in the summer of 2026, with the accounts of `handing`."""
    with init_node(tmp_path / "node") as node:
        for city in (NEWPORT, OLDPORT):
            node.catalogue.add_city(city)
        moment = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
        with node.catalogue.database.writing() as connection:
            connection.execute(insert(schema.account), [
                {"id": number, "name": name, "role": role, "epoch": 0, "created_at": moment}
                for number, (name, role) in enumerate(
                    (("rita", "reporter"), ("otto", "reporter"), ("olga", "reviewer"), ("vera", "viewer")), start=1
                )
            ])
        node.catalogue.clock = lambda: moment
        yield node
