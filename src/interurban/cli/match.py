"""`interurban match list|decide`: which city a place of an imported table is, when only a person can tell."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping
from typing import Annotated

import typer

from interurban.cli.output import say, show_json, show_table
from interurban.locales import message
from interurban.model.place import OpenPlace


def list_(
    kind: Annotated[str | None, typer.Argument(help=message("cli.match_kind"), metavar="KIND")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help=message("cli.match_all"))] = False,
    decided: Annotated[bool, typer.Option("--decided", help=message("cli.match_decided_option"))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """List places that wait for a person's word, those that may be cities of the node; or what was decided."""
    from interurban.store.node import open_node

    with open_node() as node:
        numbers = node.catalogue.place_numbers()
        decisions = node.catalogue.list_place_decisions(kind)
        places = [each for each in node.catalogue.list_open_places(kind) if everything or each.match.candidates]
    if as_json:
        show_json(decisions if decided else places)
    elif decided:
        rows = [(
            str(numbers.get((each.importer, each.place), "")), each.importer, each.place, each.city_id, each.decided_by, each.decided_at,
            each.reason,
        ) for each in decisions]  # fmt: skip
        show_table(("place_number", "kind", "place", "city", "by", "at", "reason"), rows)
    else:
        show_table(("place_number", "kind", "place", "names", "why", "candidates", "rows"), [_row(each) for each in places])


def decide(
    number: Annotated[int, typer.Argument(help=message("cli.match_number"), metavar="PLACE")],
    city: Annotated[str, typer.Argument(help=message("cli.match_city"), metavar="CITY|none")],
    *,
    by: Annotated[str | None, typer.Option("--by", help=message("cli.match_by"), metavar="NAME")] = None,
    reason: Annotated[str | None, typer.Option("--reason", help=message("cli.match_reason"), metavar="TEXT")] = None,
) -> None:
    """Say which city a place is, or that it is none of the node's; a later word on it replaces the earlier. The next import goes by it."""
    from interurban.indicators.decide_place import decide_place
    from interurban.store.node import open_node

    with open_node() as node:
        done = decide_place(node.catalogue, number, None if city == "none" else city, by or getpass.getuser(), reason)
    if done.earlier:
        was = done.earlier.city_id or "none"
        say(message("cli.match_replaced", place=done.now.place, kind=done.now.importer, was=was, by=done.earlier.decided_by))
    else:
        say(message("cli.match_done", place=done.now.place, kind=done.now.importer))


COMMANDS: Mapping[str, Callable[..., None]] = {"list": list_, "decide": decide}


def _row(each: OpenPlace) -> tuple[object, ...]:
    place = each.match.place
    where = f"{place.lat:.2f}, {place.lon:.2f}" if place.lat is not None and place.lon is not None else ""
    about = "; ".join(filter(None, (" / ".join(place.names), place.country, where)))
    return (str(each.id), each.importer, place.key, about, message(f"tables.why_{each.match.why}"),
        ", ".join(each.match.candidates) or None, each.rows)
