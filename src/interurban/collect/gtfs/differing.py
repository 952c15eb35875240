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


def diff_feeds(before: str, after: str, node: Node | None, limit: int) -> tuple[DifferenceSummary, list[dict[str, Any]]]:
    """What changed between two versions of a feed.

    Args:
        before: The earlier one: the number of a feed version of `node`, or the path of a feed.
        after: The later one.
        node: The node whose versions are meant; None: only paths.
        limit: How many differences of each kind to list.

    Returns:
        How many routes, stops, trips and service days were added, removed and changed, and the first of each: kind, change, id, fields.

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
            rows = engine.rows(getattr(difference, kind).order_by("change", "id").limit(limit))
            listed += [{"kind": kind, **row} for row in rows]
        return summary, listed


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
