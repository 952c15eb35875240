"""`interurban collect`: fetch the sources, archive their bytes, read new feed versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.output import progress, show_json, show_table
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.collect.collector import CollectOutcome


def collect(
    city_id: Annotated[str | None, typer.Argument(help=message("cli.collect_city"), metavar="CITY")] = None,
    *,
    source_id: Annotated[int | None, typer.Option("--source", help=message("cli.collect_source"), metavar="ID")] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> int:
    """Collect the sources of a city, or of the whole node; 1 when one of them gave nothing usable."""
    from interurban.collect.collector import Collected
    from interurban.collect.collector import collect as collect_sources
    from interurban.store.node import open_node

    with open_node() as node, progress() as watch:
        outcomes = collect_sources(node, city_id, source_id, lambda source, step: watch(step))
    if as_json:
        show_json(outcomes)
    else:
        show_table(("city", "source", "result", "version", "valid_from", "valid_to", "reason"), [*map(_row, outcomes)])
    return int(any(outcome.result in (Collected.UNUSABLE, Collected.FAILED) for outcome in outcomes))


def _row(outcome: CollectOutcome) -> tuple[object, ...]:
    version = outcome.version
    place = (str(version.id), version.valid_from, version.valid_to) if version else (None, None, None)
    result = message(f"cli.collected_{outcome.result}")
    return outcome.source.city_id, str(outcome.source.id), result, *place, outcome.reason or ""
