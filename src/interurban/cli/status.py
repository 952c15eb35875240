"""`interurban status`: what the node holds, and how its sources and feeds fare."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interurban.cli.feeds import show_watch, watch_json, watch_status
from interurban.cli.output import say, show_json, show_table
from interurban.locales import current_language, message

if TYPE_CHECKING:
    from interurban.model import Source
    from interurban.store.node import Node


def status(
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Show each source with its last attempt and the version in force today, and how many observations there are."""
    from interurban.collect.gtfs_realtime.cadence import EVERY_S
    from interurban.store.node import open_node

    with open_node() as node:
        today = dt.datetime.now(dt.UTC).date()
        feeds = watch_status(node)
        schedules = [source for source in node.catalogue.list_sources() if source.kind not in EVERY_S]
        sources = [_source_status(node, source, today) for source in schedules]
        cities = node.catalogue.list_cities()
        counts = {city.id: len(node.observations(city.id)) for city in cities}
        folder = str(node.folder)
    if as_json:
        show_json({"folder": folder, "observations": counts, "sources": sources, "watch": watch_json(feeds)})
        return
    say(message("cli.status_folder", path=folder))
    names = {city.id: city.name(current_language()) for city in cities}
    show_table(("city", "name", "observations"), [(city_id, names[city_id], count) for city_id, count in counts.items()])
    columns = ("city", "source", "location", "last_attempt", "outcome", "versions", "in_force", "valid_to")
    show_table(columns, [_row(each, names) for each in sources])
    if feeds is not None:
        show_watch(feeds)


def _source_status(node: Node, source: Source, today: dt.date) -> dict[str, Any]:
    attempts = node.catalogue.list_fetch_attempts(source.id)
    in_force = node.catalogue.version_in_force(source.id, today)
    return {
        "city": source.city_id,
        "source": source.id,
        "location": source.location,
        "last_attempt": attempts[-1].started_at if attempts else None,
        "outcome": attempts[-1].outcome if attempts else None,
        "notice_code": attempts[-1].notice_code if attempts else None,
        "versions": len(node.catalogue.list_feed_versions(source.id)),
        "in_force": in_force.id if in_force else None,
        "valid_to": in_force.valid_to if in_force else None,
    }


def _row(each: dict[str, Any], names: dict[str, str]) -> tuple[object, ...]:
    outcome = message(f"cli.outcome_{each['outcome']}") if each["outcome"] else None
    in_force = str(each["in_force"]) if each["in_force"] else None
    attempt = (each["last_attempt"], outcome)
    return (names[each["city"]], str(each["source"]), each["location"], *attempt, each["versions"], in_force, each["valid_to"])
