"""`interurban measure`: any metric of a feed, for any dates, window, route, direction, stop and mode."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated

import typer

from interurban.cli.feed_file import feed_file
from interurban.cli.node import read_date
from interurban.cli.output import note, progress, say, show_json, show_table
from interurban.errors import UsageError
from interurban.locales import message

_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)-(\d{1,2}):([0-5]\d)")


def measure(
    feed: Annotated[str, typer.Argument(help=message("cli.inspect_feed"))],
    metric: Annotated[str, typer.Argument(help=message("cli.measure_metric"))],
    *,
    date: Annotated[str, typer.Option(help=message("cli.measure_date"), metavar="DATE")],
    to: Annotated[str | None, typer.Option(help=message("cli.measure_to"), metavar="DATE")] = None,
    window: Annotated[str | None, typer.Option(help=message("cli.measure_window"), metavar="HH:MM-HH:MM")] = None,
    by: Annotated[str | None, typer.Option(help=message("cli.measure_by"), metavar="COLUMN,COLUMN")] = None,
    route: Annotated[list[str] | None, typer.Option(help=message("cli.measure_route"), metavar="ROUTE_ID")] = None,
    direction: Annotated[list[int] | None, typer.Option(help=message("cli.measure_direction"), metavar="0|1", min=0, max=1)] = None,
    stop: Annotated[list[str] | None, typer.Option(help=message("cli.measure_stop"), metavar="STOP_ID")] = None,
    mode: Annotated[list[str] | None, typer.Option(help=message("cli.measure_mode"), metavar="MODE")] = None,
    csv: Annotated[Path | None, typer.Option(help=message("cli.csv"), metavar="FILE")] = None,
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Compute one metric of a feed."""
    from interurban.collect.gtfs.feed import read_gtfs
    from interurban.indicators.measure import grain
    from interurban.model import Scope

    first = read_date(date)
    scope = Scope(
        dates_between(first, read_date(to) if to else first), read_window(window),
        tuple(route or ()), tuple(direction or ()), tuple(stop or ()), tuple(mode or ()),
    )
    columns = None if by is None else [name for name in by.split(",") if name]
    with progress() as watch, feed_file(feed, watch) as file, read_gtfs(file, progress=watch) as opened:
        found = opened.measure(metric, scope, columns)
    order = [(name, "ascending") for name in columns or grain(metric) if name in found.column_names]
    found = found.sort_by(order) if order else found
    if csv:
        from pyarrow.csv import write_csv

        write_csv(found, csv)
        note(message("cli.written", path=csv))
    elif as_json:
        show_json(found.to_pylist())
    elif not found.num_rows:
        say(message("cli.measure_nothing"))
    else:
        show_table((), [tuple(row.values()) for row in found.to_pylist()], more_columns=found.column_names)


def dates_between(first: dt.date, last: dt.date) -> tuple[dt.date, ...]:
    """Every date from `first` to `last`, both included."""
    if last < first:
        raise UsageError(message("cli.measure_dates_reversed", first=first, last=last))
    return tuple(first + dt.timedelta(days=i) for i in range((last - first).days + 1))


def read_window(text: str | None) -> tuple[int, int] | None:
    """HH:MM-HH:MM as seconds from the service-day origin; hours may pass 24."""
    if text is None:
        return None
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise UsageError(message("cli.measure_window_wrong", window=text))
    from_h, from_min, to_h, to_min = (int(group) for group in match.groups())
    from_s, to_s = from_h * 3600 + from_min * 60, to_h * 3600 + to_min * 60
    if to_s <= from_s:
        raise UsageError(message("cli.measure_window_reversed", window=text))
    return from_s, to_s
