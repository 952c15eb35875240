"""`interurban compute`: a city's indicators, recorded as observations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.node import read_date
from interurban.cli.output import note, progress, say, show_json, show_table
from interurban.errors import NotFound
from interurban.locales import current_language, message

if TYPE_CHECKING:
    from interurban.indicators.compute import Computed
    from interurban.store.node import Node


def compute(
    city_id: Annotated[str | None, typer.Argument(help=message("cli.compute_city"), metavar="CITY")] = None,
    *,
    date: Annotated[str | None, typer.Option(help=message("cli.compute_date"), metavar="DATE")] = None,
    engine: Annotated[str, typer.Option(help=message("cli.compute_engine"), metavar="URL")] = "duckdb",
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Compute the indicators of a city, or of every city; what is recorded already stays as it is."""
    from interurban.indicators.compute import compute as compute_city
    from interurban.indicators.feed_views import view_feed
    from interurban.store.engine import open_engines
    from interurban.store.node import open_node

    day = read_date(date) if date else None
    with open_node() as node, progress(indicator_name) as watch:
        engines = open_engines(engine, node.lake.place)
        done = []
        for one in [city_id] if city_id else _with_sources(node):
            try:
                done.append(compute_city(node, one, day, watch, engines))
                for version in done[-1].versions if day is None else ():
                    view_feed(node, version.id)  # so that the site need not make its reader wait for it
            except NotFound as nothing:
                if city_id:
                    raise
                note(nothing.message)  # of this city there is nothing to compute from; the others have their turn
    if as_json:
        show_json([_as_json(each) for each in done])
    else:
        for each in done:
            _show(each)


def _with_sources(node: Node) -> list[str]:
    """Cities that have feeds to compute from; the others hold figures that were reported or imported."""
    return [city.id for city in node.catalogue.list_cities() if node.catalogue.list_sources(city.id)]


def indicator_name(code: str) -> str:
    """Name of an indicator in the chosen language; another step of computing has a text of its own."""
    from interurban.indicators.catalogue import indicators

    known = indicators().get(code)
    return known.names[current_language()] if known else message("cli.step_metrics")


def _show(computed: Computed) -> None:
    key = "cli.compute_done" if computed.new else "cli.compute_unchanged"
    say(message(key, city=computed.city_id, count=computed.values, new=computed.new))
    for source in computed.left_out:
        say(message("cli.compute_left_out", source=source.id, location=source.location))
    if computed.skipped:
        rows = [(indicator_name(code), reason) for code, reason in computed.skipped.items()]
        show_table(("not_computed", "reason"), rows)


def _as_json(computed: Computed) -> dict[str, object]:
    return {
        "city": computed.city_id,
        "feed_version_ids": [version.id for version in computed.versions],
        "observations": [{"id": record.id, "revision": record.revision, "observation": record.observation}
                         for record in computed.recorded],
        "new": computed.new,
        "values": computed.values,
        "skipped": computed.skipped,
        "left_out_source_ids": [source.id for source in computed.left_out],
    }
