"""`interurban marey`: the time-space chart of a route's day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from interurban.cli.measure import read_window
from interurban.cli.node import read_date
from interurban.cli.output import note, say
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
    from interurban.operations.marey import marey_chart
    from interurban.operations.picture_file import check_picture_path, has_chinese_font, write_picture
    from interurban.store.node import open_node

    check_picture_path(output)
    language = current_language()
    if language == "zh" and output.suffix.lower() == ".png" and not has_chinese_font():
        note(message("journey.no_font"))
        language = "en"
    with open_node() as node:
        chart = marey_chart(node, city_id, route_id, read_date(date), direction, read_window(window), language)
    write_picture(chart, output)
    say(message("cli.written", path=output))
