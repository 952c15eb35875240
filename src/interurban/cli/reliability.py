"""`interurban reliability`: how a city's service ran on a day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.node import read_date
from interurban.cli.output import progress, say, show_json, show_table
from interurban.errors import UsageError
from interurban.indicators.reliability_text import (
    band_text,
    day_notes,
    delivered_text,
    minutes_text,
    route_text,
    seconds_text,
    share_text,
    why_unranked,
)
from interurban.locales import current_language, message

if TYPE_CHECKING:
    from interurban.indicators.reliability_report import DayReport, RouteDay

_UNRANKED = ("route", "why", "delivered", "headway", "headway_cv", "wait", "even_wait", "dwell", "n")
_BAND = re.compile(r"(-?\d{1,5})\.\.(\d{1,5})")


def reliability(
    city_id: Annotated[str, typer.Argument(help=message("cli.city_id"), metavar="CITY")],
    *,
    date: Annotated[str, typer.Option(help=message("cli.reliability_date"), metavar="DATE")],
    band: Annotated[str | None, typer.Option(help=message("cli.reliability_band"), metavar="EARLY..LATE")] = None,
    engine: Annotated[str, typer.Option(help=message("cli.compute_engine"), metavar="URL")] = "duckdb",
    as_json: Annotated[bool, typer.Option("--json", help=message("cli.json"))] = False,
) -> None:
    """Summarise a reconstructed day: routes worst first, and apart those that were seen too little."""
    from interurban.indicators.reliability_report import reliability_report
    from interurban.store.engine import open_engines
    from interurban.store.node import open_node

    day, own = read_date(date), readband_text(band)
    with open_node() as node, progress() as watch:
        watch("metrics")
        report = reliability_report(node, city_id, day, own, open_engines(engine, node.lake.place))
        name = node.catalogue.get_city(city_id).name(current_language())
    if as_json:
        show_json(report)
    else:
        _show(report, name)


def readband_text(text: str | None) -> tuple[int, int] | None:
    """EARLY..LATE in seconds, such as -60..300, as (-60, 300).

    Raises:
        UsageError: it is no such band.
    """
    if text is None:
        return None
    match = _BAND.fullmatch(text)
    if match is None or int(match[1]) > int(match[2]):
        raise UsageError(message("reliability.band_wrong", band=text))
    return int(match[1]), int(match[2])


def _show(report: DayReport, city: str) -> None:
    say(message("reliability.title", city=city, date=report.service_date.isoformat()))
    say(_summary(report))
    if report.ranked:
        columns = _columns(report)
        rows = [_row(line, report) for line in (*report.ranked, report.network)]
        show_table((), rows, title=message("reliability.ranked"), more_columns=columns)
    elif report.has_timetable:
        say(message("reliability.nothing_ranked"))
    told = [line for line in report.unranked if line.completeness is not None or line.actual_wait_min is not None]
    if told:
        rows = [_unranked_row(line) for line in told]
        title = "unranked" if report.has_timetable else "no_timetable_routes"
        titles = [message(f"reliability.column_{name}") for name in _UNRANKED]
        show_table((), rows, title=message(f"reliability.{title}"), more_columns=titles)
    if len(told) < len(report.unranked):
        say(message("reliability.quiet_routes", count=len(report.unranked) - len(told)))
    for line in day_notes(report):
        say(line)


def _summary(report: DayReport) -> str:
    network = report.network
    if not report.has_timetable:
        return message(
            "reliability.summary_no_timetable", count=network.added, wait=minutes_text(network.actual_wait_min),
            even=minutes_text(network.even_wait_min),
        )  # fmt: skip
    text = message(
        "reliability.summary", on_time=share_text(network.on_time_share), scheduled=share_text(network.on_time_of_scheduled),
        excess=minutes_text(_known_excess(network)),
        delivered=delivered_text(network), trips=network.trips, added=network.added,
        completeness=share_text(network.completeness),
    )
    return text if network.is_ranked else f"{text}\n{message('reliability.network_incomplete')}"


def _known_excess(line: RouteDay) -> float | None:
    """Who misses most departures sees long gaps: such a wait says how little was seen."""
    return line.excess_wait_min if line.is_ranked else None


def _columns(report: DayReport) -> list[str]:
    names = ["route", "excess_wait", "on_time", "of_scheduled", "delivered", "completeness", "dropped", "n"]
    titles = [message(f"reliability.column_{name}") for name in names]
    if report.own_band_s is not None:
        titles.insert(3, message("reliability.column_own_band", band=band_text(report.own_band_s)))
    return titles


def _row(line: RouteDay, report: DayReport) -> tuple[object, ...]:
    cells = [
        route_text(line), minutes_text(_known_excess(line)), share_text(line.on_time_share), share_text(line.on_time_of_scheduled),
        delivered_text(line), share_text(line.completeness), share_text(line.dropped_share), line.n,
    ]  # fmt: skip
    if report.own_band_s is not None:
        cells.insert(3, share_text(line.own_band_share))
    return tuple(cells)


def _unranked_row(line: RouteDay) -> tuple[object, ...]:
    return (
        route_text(line), why_unranked(line), delivered_text(line), minutes_text(line.headway_median_min), minutes_text(line.headway_cv),
        minutes_text(line.actual_wait_min), minutes_text(line.even_wait_min), seconds_text(line.dwell_median_s), line.n,
    )  # fmt: skip
