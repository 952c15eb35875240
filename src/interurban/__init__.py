"""Interurban: cities collect, exchange, analyse, compare and publish data on how their transport works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from interurban.collect.gtfs.feed import Feed, read_gtfs
    from interurban.model.scope import Scope
    from interurban.store.node import Node, open_node

__all__ = ["Feed", "Node", "Scope", "open_node", "read_gtfs"]
__version__ = "0.1.0"

_HOMES = {
    "Feed": "interurban.collect.gtfs.feed",
    "read_gtfs": "interurban.collect.gtfs.feed",
    "Scope": "interurban.model.scope",
    "Node": "interurban.store.node",
    "open_node": "interurban.store.node",
}


def __getattr__(name: str) -> Any:
    # Imported on first use: DuckDB, Ibis and SQLAlchemy together cost seconds that `--help` must not pay.
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'interurban' has no attribute {name!r}")
