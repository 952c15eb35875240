"""Runs the comparison of two versions of a feed, from the lake of a node or from files."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interurban.collect.gtfs.columns import literal, quoted
from interurban.collect.gtfs.difference import DifferenceSummary, difference_summary, feed_difference
from interurban.collect.gtfs.feed import Feed, read_gtfs
from interurban.errors import NotFound
from interurban.locales import message
from interurban.store.engine import DuckEngine

if TYPE_CHECKING:
    from interurban.store.node import Node

KINDS = ("routes", "stops", "trips", "service_days")
CHANGES = ("added", "removed", "changed")
_NAMED = {
    "routes": ("route_id", ("route_short_name", "route_long_name")),
    "stops": ("stop_id", ("stop_name",)),
    "trips": ("trip_id", ("route_short_name", "trip_headsign")),
}


def diff_feeds(before: str, after: str, node: Node | None, limit: int) -> tuple[DifferenceSummary, list[dict[str, Any]]]:
    """What changed between two versions of a feed.

    Args:
        before: The earlier one: the number of a feed version of `node`, or the path of a feed.
        after: The later one.
        node: The node whose versions are meant; None: only paths.
        limit: How many added, removed and changed things of each kind to list.

    Returns:
        How many routes, stops, trips and service days were added, removed and changed, and the first of each: kind, change, name (None
            where the publisher gives none), id, fields.

    Raises:
        NotFound: there is no such version, or nothing at the path.
        UnreadableFeed: the file is not a feed.
    """
    import duckdb

    with ExitStack() as opened:
        con = opened.enter_context(duckdb.connect())
        for side, which in (("before", before), ("after", after)):
            for name, file in _tables(which, node, opened).items():
                con.execute(f"CREATE VIEW {quoted(f'{side}_{name}')} AS FROM read_parquet({literal(str(file))})")
        engine = DuckEngine(con)
        sides: dict[str, dict[str, Any]] = {"before": {}, "after": {}}
        for full_name, table in engine.tables().items():
            side, _, name = full_name.partition("_")
            sides[side][name] = table
        difference = feed_difference(sides["before"], sides["after"])
        summary = difference_summary(engine.rows(difference.counts()))
        listed = []
        for kind in KINDS:
            for change in CHANGES:
                found = getattr(difference, kind)
                rows = engine.rows(found.filter(found.change == change).order_by("id").limit(limit))
                names = _names(engine, sides["before" if change == "removed" else "after"], kind, [row["id"] for row in rows])
                listed += [{"kind": kind, "change": change, "name": names.get(row["id"]), **row} for row in rows]
        return summary, listed


def _names(engine: DuckEngine, tables: Mapping[str, Any], kind: str, ids: list[str]) -> dict[str, str]:
    """What passengers call these routes and stops; of trips their route and where they go."""
    if kind not in _NAMED or not ids:
        return {}
    key, parts = _NAMED[kind]
    table = tables[kind]
    if kind == "trips":
        table = table.join(tables["routes"].select("route_key", "route_short_name"), "route_key")
    found = engine.rows(table.filter(table[key].isin(ids)).select(key, *parts))
    named = {row[key]: " ".join(str(row[part]) for part in parts if row[part]) for row in found}
    return {key: name for key, name in named.items() if name}


def _tables(which: str, node: Node | None, opened: ExitStack) -> Mapping[str, Path]:
    """Parquet files of a version of the node, or of a feed that is read into a folder of its own first."""
    if which.isdigit() and not Path(which).exists():
        if node is None:
            raise NotFound(message("collect.no_node_for_version", version=which), version=which)
        node.catalogue.get_feed_version(int(which))
        return node.lake.paths(int(which))
    folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="interurban-")))
    with read_gtfs(which) as feed:
        return {name: _written(feed, name, folder / f"{name}.parquet") for name in feed.table_names}


def _written(feed: Feed, name: str, path: Path) -> Path:
    feed.con.execute(f"COPY {quoted(name)} TO {literal(str(path))} (FORMAT parquet)")
    return path
