"""`interurban reconstruct`: how the service ran, day by day, from what realtime feeds left in the lake."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.node import read_date
from interurban.cli.output import note, progress, say, show_json, show_table
from interurban.errors import NotFound, UsageError
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.operations.stop_visits import Reconstructed
    from interurban.store.node import Node


def reconstruct(
    city_id: Annotated[str, typer.Argument(help=message("cli.reconstruct_city"), metavar="CITY")],
    *,
    date: Annotated[str | None, typer.Option(help=message("cli.reconstruct_date"), metavar="DATE")] = None,
    to: Annotated[str | None, typer.Option(help=message("cli.reconstruct_to"), metavar="DATE")] = None,
    engine: Annotated[str, typer.Option(help=message("cli.compute_engine"), metavar="URL")] = "duckdb",
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Reconstruct service days of a city; days whose inputs have not changed stay as they are."""
    from interurban.operations.stop_visits import idle_dates
    from interurban.operations.stop_visits import reconstruct as reconstruct_day
    from interurban.store.engine import open_engines
    from interurban.store.node import open_node

    done: list[Reconstructed] = []
    with open_node() as node, progress(lambda day: message("cli.step_reconstruct", date=day)) as watch:
        engines = open_engines(engine, node.lake.place)
        for day in _dates(node, city_id, date, to):
            watch(day.isoformat())
            done += reconstruct_day(node, city_id, day, engines)
        idle = [] if date and not to else _among(idle_dates(node, city_id), date, to)
    for day in idle:
        note(message("operations.idle_day", date=day.isoformat()))
    if as_json:
        show_json(done)
    else:
        columns = ("date", "source", "trips", "trips_observed", "canceled", "unmatched", "stop_visits", "left_out", "is_new")
        show_table(columns, [_row(each) for each in done])
        for each in done:
            if count := int(str(each.counts.get("wrongly_numbered", 0))):
                say(message("operations.wrongly_numbered", date=each.service_date.isoformat(), count=count))
            _say_other_versions(each)


def _say_other_versions(day: Reconstructed) -> None:
    for count in ("neighbour_trips", "known_elsewhere"):
        _say_trips(day, count)


def _say_trips(day: Reconstructed, name: str) -> None:
    found = day.counts.get(name)
    for version, count in found.items() if isinstance(found, dict) else ():
        said = {"date": day.service_date.isoformat(), "version": version, "in_force": str(day.feed_version_id)}
        say(message(f"operations.{name}", count=count, **said))


def _dates(node: Node, city_id: str, first: str | None, last: str | None) -> list[dt.date]:
    """The dates asked for: one; those of a range, or of all time, of which something was collected.

    Raises:
        UsageError: The range ends before it begins.
        NotFound: There is no such city, or there is no such date.
    """
    from interurban.operations.stop_visits import collected_dates, idle_dates
    from interurban.operations.what_came import nothing_to_reconstruct

    begin, end = (read_date(text) if text else None for text in (first, last))
    if begin and not end:
        return [begin]
    if begin and end and end < begin:
        raise UsageError(message("operations.wrong_dates", **{"from": begin.isoformat(), "to": end.isoformat()}))
    node.catalogue.get_city(city_id)
    found = _among(collected_dates(node, city_id), first, last)
    if not found and (idle := _among(idle_dates(node, city_id), first, last)):
        raise nothing_to_reconstruct(node, city_id, idle)
    if not found:
        raise NotFound(message("operations.nothing_collected_ever", city=city_id), city=city_id)
    return found


def _among(dates: list[dt.date], first: str | None, last: str | None) -> list[dt.date]:
    begin = read_date(first) if first else dt.date.min
    end = read_date(last) if last else dt.date.max
    return [date for date in dates if begin <= date <= end]


def _row(day: Reconstructed) -> tuple[object, ...]:
    count = day.counts
    left_out = sum(int(str(count.get(name, 0))) for name in ("off_globe", "at_zero", "outside_bounds", "wrong_clock"))
    return (
        day.service_date, day.source_id, day.trips, count.get("trips_observed"), count.get("canceled"), count.get("trips_unmatched"),
        day.stop_visits, left_out, day.is_new,
    )  # fmt: skip
