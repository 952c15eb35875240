"""`interurban marey`: the time-space chart of a route's day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interurban.cli.measure import read_window
from interurban.cli.node import read_date
from interurban.cli.output import say
from interurban.locales import current_language, message


def marey(
    city_id: Annotated[str, typer.Argument(help=message("cli.city_id"), metavar="CITY")],
    route_id: Annotated[str, typer.Argument(help=message("cli.marey_route"), metavar="ROUTE")],
    *,
    date: Annotated[str, typer.Option(help=message("cli.performed_date"), metavar="DATE")],
    direction: Annotated[int | None, typer.Option(help=message("cli.marey_direction"), metavar="0|1")] = None,
    window: Annotated[str | None, typer.Option(help=message("cli.measure_window"), metavar="HH:MM-HH:MM")] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help=message("cli.marey_output"), metavar="FILE")] = Path("chart.svg"),
) -> None:
    """Draw the runs of a route on one day, planned and actual."""
    from interurban.operations.marey import time_space
    from interurban.reports.charts.marey import marey_chart, marey_note
    from interurban.reports.charts.vega import titled
    from interurban.reports.picture_file import check_picture_path, write_picture
    from interurban.store.node import open_node

    check_picture_path(output)
    language = current_language()
    with open_node() as node:
        day = time_space(node, city_id, route_id, read_date(date), direction, read_window(window))
    write_picture(titled(marey_chart(day, language), language, [marey_note(day, language)]), output, language)
    say(message("cli.written", path=output))
