"""`interurban reliability`: how a city's service ran on a day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.node import read_date
from interurban.cli.output import progress, say, show_json, show_table
from interurban.errors import UsageError
from interurban.locales import current_language, message, number

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

    day, own = read_date(date), read_band(band)
    with open_node() as node, progress() as watch:
        watch("metrics")
        report = reliability_report(node, city_id, day, own, open_engines(engine, node.lake.place))
        name = node.catalogue.get_city(city_id).name(current_language())
    if as_json:
        show_json(report)
    else:
        _show(report, name)


def read_band(text: str | None) -> tuple[int, int] | None:
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
    elif _has_timetable(report):
        say(message("reliability.nothing_ranked"))
    told = [line for line in report.unranked if line.completeness is not None or line.actual_wait_min is not None]
    if told:
        rows = [_unranked_row(line) for line in told]
        title = "unranked" if _has_timetable(report) else "no_timetable_routes"
        titles = [message(f"reliability.column_{name}") for name in _UNRANKED]
        show_table((), rows, title=message(f"reliability.{title}"), more_columns=titles)
    if len(told) < len(report.unranked):
        say(message("reliability.quiet_routes", count=len(report.unranked) - len(told)))
    for line in _notes(report):
        say(line)


def _summary(report: DayReport) -> str:
    network = report.network
    if not _has_timetable(report):
        return message(
            "reliability.summary_no_timetable", count=network.added, wait=_minutes(network.actual_wait_min),
            even=_minutes(network.even_wait_min),
        )  # fmt: skip
    text = message(
        "reliability.summary", on_time=_share(network.on_time_share), scheduled=_share(network.on_time_of_scheduled),
        # Who misses most departures sees long gaps: such a wait says how little was seen.
        excess=_minutes(network.excess_wait_min if network.is_ranked else None),
        delivered=_interval(network), trips=network.trips, added=network.added,
        completeness=_share(network.completeness),
    )
    return text if network.is_ranked else f"{text}\n{message('reliability.network_incomplete')}"


def _columns(report: DayReport) -> list[str]:
    names = ["route", "excess_wait", "on_time", "of_scheduled", "delivered", "completeness", "dropped", "n"]
    titles = [message(f"reliability.column_{name}") for name in names]
    if report.own_band_s is not None:
        titles.insert(3, message("reliability.column_own_band", band=_band(report.own_band_s)))
    return titles


def _row(line: RouteDay, report: DayReport) -> tuple[object, ...]:
    cells = [
        _name(line), _minutes(line.excess_wait_min), _share(line.on_time_share), _share(line.on_time_of_scheduled), _interval(line),
        _share(line.completeness), _share(line.dropped_share), line.n,
    ]  # fmt: skip
    if report.own_band_s is not None:
        cells.insert(3, _share(line.own_band_share))
    return tuple(cells)


def _unranked_row(line: RouteDay) -> tuple[object, ...]:
    why = (
        message("reliability.no_timetable") if line.completeness is None else message("reliability.seen", share=_share(line.completeness))
    )
    return (
        _name(line), why, _interval(line), _minutes(line.headway_median_min), _minutes(line.headway_cv), _minutes(line.actual_wait_min),
        _minutes(line.even_wait_min), "—" if line.dwell_median_s is None else number(line.dwell_median_s, 0), line.n,
    )  # fmt: skip


def _has_timetable(report: DayReport) -> bool:
    return report.network.completeness is not None


def _notes(report: DayReport) -> list[str]:
    notes = [message("reliability.note_no_timetable")]
    if _has_timetable(report):
        notes = [message("reliability.note_on_time", band=_band(report.common_band_s)), message("reliability.note_excess")]
    if report.network.canceled_share or report.network.canceled_but_observed:
        share, ran = _share(report.network.canceled_share), report.network.canceled_but_observed
        notes.append(message("reliability.note_canceled", share=share, ran=ran))
    if report.timepoints_share is not None:
        share = _share(report.timepoints_share)
        every = report.timepoints_share == 1
        notes.append(message("reliability.note_every_stop") if every else message("reliability.note_timepoints", share=share))
    notes.append(message("reliability.note_dropped", dropped=_share(report.network.dropped_share),
                         interpolated=_share(report.network.interpolated_share)))  # fmt: skip
    if report.outages_min:
        notes.append(message("reliability.note_outages", count=report.outages_min))
    return notes


def _name(line: RouteDay) -> str:
    if line.n_scheduled == line.trips == 0 and line.route_id is None:
        return message("reliability.route_unknown")
    return message("reliability.all_routes") if line.route_id is None else line.name or line.route_id


def _band(band_s: tuple[int, int]) -> str:
    return message("reliability.band", early=band_s[0], late=f"+{band_s[1]}")


def _minutes(value: float | None) -> str:
    return "—" if value is None else number(value, 2)


def _share(value: float | None) -> str:
    return "—" if value is None else f"{number(value * 100, 1)}%"


def _interval(line: RouteDay) -> str:
    """Delivered service from what was seen to what may have run."""
    if line.delivered_low is None or line.delivered_high is None:
        return "—"
    low, high = (number(value * 100, 1) for value in (line.delivered_low, line.delivered_high))
    return f"{low}%" if low == high else f"{low}–{high}%"
