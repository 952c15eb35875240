"""`interurban prefer`: which source answers where sources disagree."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from interurban.cli.compute import indicator_name
from interurban.cli.output import say, show_json, show_table
from interurban.locales import message


def prefer(
    city_id: Annotated[str, typer.Argument(help=message("cli.city_id"), metavar="CITY")],
    indicator: Annotated[str | None, typer.Argument(help=message("cli.indicator"), metavar="CODE")] = None,
    source: Annotated[str | None, typer.Argument(help=message("statistics.prefer_source"), metavar="SOURCE")] = None,
    *,
    reason: Annotated[str | None, typer.Option(help=message("statistics.prefer_reason"), metavar="TEXT")] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Let a source answer before all others for an indicator of a city; without an indicator, list the preferences that hold."""
    from interurban.indicators.catalogue import get_indicator
    from interurban.store.node import open_node

    with open_node() as node:
        node.catalogue.get_city(city_id)
        if indicator is not None:
            get_indicator(indicator)
            changed = node.catalogue.set_preference(city_id, indicator, source, set_by=getpass.getuser(), reason=reason)
        held = node.catalogue.list_preferences(city_id)
    if as_json:
        show_json(held)
    elif indicator is None:
        rows = [(indicator_name(each.indicator), each.source, each.since, each.set_by, each.reason) for each in held]
        show_table(("indicator", "source", "since", "set_by", "reason"), rows)
    elif source is None:
        say(message("statistics.unpreferred", count=changed))
    else:
        say(message("statistics.preferred", source=source, count=changed))
