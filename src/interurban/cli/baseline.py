"""`interurban baseline list|load`: figures of world cities that come with the package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Annotated

import typer

from interurban.cli.output import say, show_json, show_table
from interurban.locales import current_language, message


def list_(
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """List the cities of the baseline, the groups they belong to, and how many figures there are of each."""
    from collections import Counter

    from interurban.indicators.baseline.tables import baseline_cities, baseline_observations

    counts = Counter(each.city_id for each in baseline_observations())
    cities = baseline_cities().values()
    if as_json:
        show_json([{**asdict(each), "figures": counts[each.city.id]} for each in cities])
        return
    language = current_language()
    rows = [(each.city.id, each.city.name(language), each.city.country, ", ".join(each.groups), counts[each.city.id]) for each in cities]
    show_table(("city", "name", "country", "groups", "figures"), rows)


def load(
    city_ids: Annotated[list[str] | None, typer.Argument(help=message("cli.baseline_cities"), metavar="CITY")] = None,
    *,
    group: Annotated[str | None, typer.Option(help=message("cli.baseline_group"), metavar="GROUP")] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Load cities of the baseline and their figures into the node; again, it changes nothing."""
    from interurban.indicators.baseline.load import load_baseline
    from interurban.store.node import open_node

    with open_node() as node:
        loaded = load_baseline(node.catalogue, city_ids or (), group)
    if as_json:
        show_json(loaded)
    else:
        say(message("baseline.loaded", cities=len(loaded.cities), new=loaded.new_cities, observations=loaded.new_observations))


COMMANDS: Mapping[str, Callable[..., None]] = {"list": list_, "load": load}
