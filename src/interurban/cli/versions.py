"""`interurban versions`: the dated copies of a city's feeds, and which of them was in force on a day."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.node import read_date
from interurban.cli.output import show_json, show_table
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.model import FeedVersion


def versions(
    city_id: Annotated[str, typer.Argument(help=message("cli.city_id"), metavar="CITY")],
    *,
    on: Annotated[str | None, typer.Option(help=message("cli.versions_on"), metavar="DATE")] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> int:
    """List the feed versions of a city, or those in force on a day; 1 when none was."""
    from interurban.store.node import open_node

    date = read_date(on) if on else None
    with open_node() as node:
        node.catalogue.get_city(city_id)
        found: list[FeedVersion] = []
        for source in node.catalogue.list_sources(city_id, with_removed=date is None):
            if date is None:
                found += node.catalogue.list_feed_versions(source.id)
            elif version := node.catalogue.version_in_force(source.id, date):
                found.append(version)
    if as_json:
        show_json([dataclasses.asdict(version) for version in found])
    else:
        show_table(("version", "source", "valid_from", "valid_to", "first_fetched", "last_seen", "status", "trips", "content"),
                   [_row(version) for version in found])
    return int(date is not None and not found)


def _row(version: FeedVersion) -> tuple[object, ...]:
    status = message(f"cli.version_{version.status}")
    return (
        str(version.id), str(version.source_id), version.valid_from, version.valid_to, version.first_fetched_at,
        version.last_seen_at, status, version.counts.get("trips"), version.content_hash[:12],
    )
