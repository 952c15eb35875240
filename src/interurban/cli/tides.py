"""`interurban tides`: a reconstructed day as TIDES tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interurban.cli.node import read_date
from interurban.cli.output import progress, say, show_json, show_table
from interurban.locales import message


def tides(
    city_id: Annotated[str, typer.Argument(help=message("cli.city_id"), metavar="CITY")],
    folder: Annotated[Path, typer.Argument(help=message("cli.tides_folder"), metavar="FOLDER")],
    *,
    date: Annotated[str, typer.Option(help=message("cli.performed_date"), metavar="DATE")],
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Write trips performed, stop visits and vehicle locations of a day as CSV files."""
    from interurban.operations.tides import write_tides
    from interurban.store.node import open_node

    with open_node() as node, progress() as watch:
        watch("lake")
        files = write_tides(node, city_id, read_date(date), folder)
    if as_json:
        show_json(files)
    else:
        show_table(("file", "rows"), [(str(each.path), each.rows) for each in files])
        say(message("journey.tides_columns"))
