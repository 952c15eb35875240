"""`interurban diff`: what changed between two versions of a feed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.output import progress, say, show_json, show_table
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.store.node import Node


def diff(
    before: Annotated[str, typer.Argument(help=message("cli.diff_before"), metavar="BEFORE")],
    after: Annotated[str, typer.Argument(help=message("cli.diff_after"), metavar="AFTER")],
    *,
    limit: Annotated[int, typer.Option(help=message("cli.diff_limit"), metavar="N")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Compare two versions of a feed, by number or by path."""
    from interurban.collect.gtfs.differing import diff_feeds

    node = _node_of(before, after)
    try:
        with progress() as watch:
            watch("compare")
            summary, listed = diff_feeds(before, after, node, limit)
    finally:
        if node:
            node.close()
    if as_json:
        show_json({"summary": dataclasses.asdict(summary), "differences": listed})
    elif summary.is_empty:
        say(message("cli.diff_nothing"))
    else:
        counts = dataclasses.asdict(summary)
        show_table(("what", "added", "removed", "changed"), [(message(f"cli.diff_{kind}"), *n.values()) for kind, n in counts.items()])
        rows = [
            (message(f"cli.diff_{each['kind']}"), message(f"cli.column_{each['change']}"), each["name"] or each["id"], each["id"],
             each["fields"])
            for each in listed
        ]
        show_table(("what", "change", "name", "id", "fields"), rows)
        hidden = sum(number for kind in counts.values() for number in kind.values()) - len(listed)
        if hidden:
            say(message("cli.diff_more", count=hidden))


def _node_of(before: str, after: str) -> Node | None:
    """The node, when a number asks for one."""
    from interurban.store.node import open_node

    return open_node() if before.isdigit() or after.isdigit() else None
