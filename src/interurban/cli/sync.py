"""`interurban sync sdmx`: take over what another server has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from interurban.cli.output import progress, say, show_json, show_table
from interurban.locales import message

_SHOWN_FAULTS = 20


def sdmx(
    address: Annotated[str, typer.Argument(help=message("cli.sync_address"), metavar="URL")],
    *,
    dataflow: Annotated[str | None, typer.Option(help=message("cli.sync_dataflow"), metavar="AGENCY:ID(VERSION)")] = None,
    mapping: Annotated[Path | None, typer.Option(help=message("cli.sync_mapping"), metavar="FILE")] = None,
    confidence: Annotated[str, typer.Option(help=message("cli.sync_confidence"), metavar="A|B|C|D")] = "C",
    everything: Annotated[bool, typer.Option("--everything", help=message("cli.sync_everything"))] = False,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> int:
    """Take over what has changed in a dataflow of another server; 1 when nothing of it could be taken."""
    from interurban.exchange.sdmx.mapping import FlowMapping, read_mapping
    from interurban.exchange.sdmx.sync import sync_sdmx
    from interurban.store.node import open_node

    meaning = read_mapping(mapping) if mapping else FlowMapping()
    meaning = replace(meaning, dataflow=dataflow) if dataflow else meaning
    with open_node() as node, progress(str) as watch:
        watch(message("sync.step", address=address))
        outcome = sync_sdmx(node, address, meaning, confidence=confidence, everything=everything)
    if as_json:
        show_json(outcome)
    else:
        say(message("sync.done", rows=outcome.rows, recorded=outcome.recorded, withdrawn=outcome.withdrawn, set_aside=outcome.set_aside))
        if outcome.faults:
            rows = [
                (each.row, each.component, each.value, message(f"sync.fault_{each.reason}"), each.allowed)
                for each in outcome.faults[:_SHOWN_FAULTS]
            ]
            show_table(("row", "component", "value", "reason", "allowed"), rows)
            say(message("sync.set_aside"))
    return int(outcome.set_aside > 0 and outcome.set_aside == outcome.rows)


COMMANDS: Mapping[str, Callable[..., int | None]] = {"sdmx": sdmx}
