"""A service day of a city: how it ran, routes worst first; of a route its day in time and space, and each of its runs."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
from contextlib import suppress
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from interurban.errors import NotFound
from interurban.indicators import reliability_text
from interurban.indicators.observed_day import open_observed_day, performed_dates
from interurban.indicators.outages import city_outages
from interurban.indicators.reliability_report import DayReport, RouteDay, reliability_report
from interurban.indicators.submissions.text_table import guarded
from interurban.locales import message
from interurban.model.realtime import COLLECTED, PERFORMED, DayPartition
from interurban.operations.marey import TimeSpace, time_space
from interurban.operations.reconstructed import performed_days
from interurban.reports.charts.day_routes import day_chart
from interurban.reports.charts.marey import marey_chart, marey_note
from interurban.reports.charts.vega import to_svg
from interurban.store.node import Node
from interurban.web.open_node import OpenNode
from interurban.web.page_routes import PageLanguage, file_at, page_at
from interurban.web.pages.shared import picture
from interurban.web.templating import page
from interurban.web.twins.day import DayTwin, RouteTwin

routes = APIRouter()


def _date(date: Annotated[str, Path(description="service date, as 2024-05-06", json_schema_extra={"format": "date"})]) -> dt.date:
    """The date of the path; anything else is no page."""
    found: dt.date | None = None
    with suppress(ValueError):
        found = dt.date.fromisoformat(date)
    if found is None or str(found) != date:
        raise NotFound(message("site.no_page"), date=date)
    return found


ServiceDate = Annotated[dt.date, Depends(_date)]


@file_at(routes, "/city/{city_id}/day/{date}.csv", "text/csv")
def as_csv(node: OpenNode, city_id: str, date: ServiceDate) -> Response:
    """Every route of the day and all of them together, as CSV."""
    report = _report(node, city_id, date)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names = [field.name for field in dataclasses.fields(RouteDay)]
    writer.writerow(["service_date", *names])
    for line in (report.network, *report.ranked, *report.unranked):
        values = [getattr(line, name) for name in names]
        writer.writerow([date, *(guarded(value) if isinstance(value, str) else value for value in values)])
    headers = {"Content-Disposition": f'attachment; filename="{city_id}-{date}.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


@file_at(routes, "/city/{city_id}/day/{date}.vl.json", "application/json")
@file_at(routes, "/city/{city_id}/day/{date}.svg", "image/svg+xml")
@file_at(routes, "/city/{city_id}/day/{date}.png", "image/png")
def as_picture(request: Request, node: OpenNode, language: PageLanguage, city_id: str, date: ServiceDate) -> Response:
    """The chart of the page as SVG, as PNG, or as its Vega-Lite specification."""
    return picture(request, day_chart(_report(node, city_id, date), language), language)


@page_at(routes, "/city/{city_id}/day/{date}", DayTwin)
def day(request: Request, node: OpenNode, language: PageLanguage, city_id: str, date: ServiceDate) -> Response:
    """How a city's service ran on a day."""
    city = node.catalogue.get_city(city_id)
    report = _report(node, city_id, date)
    dates = performed_dates(node, city_id)
    before = max((each for each in dates if each < date), default=None)
    after = min((each for each in dates if each > date), default=None)
    sources, notes = _sources(node, city_id, date), reliability_text.day_notes(report)
    versions = [node.catalogue.get_feed_version(number) for number in report.feed_version_ids]
    timetables = [(node.catalogue.get_source(each.source_id), each.id) for each in versions]
    told = [line for line in report.unranked if line.completeness is not None or line.actual_wait_min is not None]
    data = {
        "city": city_id, **dataclasses.asdict(report), "service_date": str(date), "previous": before and str(before),
        "next": after and str(after), "notes": notes, "sources": sources,
    }
    context = {
        "city": city, "report": report, "date": date, "before": before, "after": after, "notes": notes, "sources": sources, "told": told,
        "timetables": timetables,
        "words": reliability_text, "chart": _charts(report, language) if report.ranked else {}, "data": data,
    }
    return page(request, language, "day.html", context)


@file_at(routes, "/city/{city_id}/day/{date}/route/{route_id:path}.svg", "image/svg+xml")
@file_at(routes, "/city/{city_id}/day/{date}/route/{route_id:path}.png", "image/png")
def route_as_picture(
    request: Request, node: OpenNode, language: PageLanguage, city_id: str, date: ServiceDate, route_id: str, direction: int | None = None
) -> Response:
    """The time-space chart of the route as SVG or as PNG."""
    ran = _time_space(node, city_id, date, route_id, direction)
    return picture(request, marey_chart(ran, language), language, [marey_note(ran, language)])


@page_at(routes, "/city/{city_id}/day/{date}/route/{route_id:path}", RouteTwin)
def route(
    request: Request, node: OpenNode, language: PageLanguage, city_id: str, date: ServiceDate, route_id: str, direction: int | None = None
) -> Response:
    """A route's day: `direction` is that of the timetable, by default the first that ran."""
    city = node.catalogue.get_city(city_id)
    report = _report(node, city_id, date)
    lines = {line.route_id: line for line in (*report.ranked, *report.unranked)}
    if route_id not in lines or not route_id:
        raise NotFound(message("site.no_page"), route=route_id)
    runs = _runs(node, city_id, date, route_id)
    directions = sorted({run["direction"] for run in runs if run["direction"] is not None})
    if direction is None and directions:
        direction = directions[0]
    shown = [run for run in runs if run["direction"] == direction]
    ran = _time_space(node, city_id, date, route_id, direction)
    data = {
        "city": city_id, "service_date": str(date), "direction": direction, "directions": directions,
        "route": dataclasses.asdict(lines[route_id]), "runs": shown,
    }
    context = {
        "city": city, "date": date, "line": lines[route_id], "direction": direction, "directions": directions, "runs": shown,
        "words": reliability_text, "chart": to_svg(marey_chart(ran, language), language), "note": marey_note(ran, language), "data": data,
    }
    return page(request, language, "route.html", context)


def _report(node: Node, city_id: str, date: dt.date) -> DayReport:
    """The report, kept as long as the reconstructed day and our own outages stay what they are."""
    partitions = _partitions(node, city_id, date)
    state = tuple((each.source_id, each.layer, each.content_hash) for each in partitions if each.layer == PERFORMED)
    return _made(node, city_id, date, (*state, city_outages(node, city_id, date)))


@lru_cache(maxsize=64)
def _made(node: Node, city_id: str, date: dt.date, _state: tuple[object, ...]) -> DayReport:
    return reliability_report(node, city_id, date)


def _partitions(node: Node, city_id: str, date: dt.date) -> list[DayPartition]:
    sources = [source.id for source in node.catalogue.list_sources(city_id)]
    found = [node.days.find(source, date, layer) for source in sources for layer in (PERFORMED, COLLECTED)]
    return [each for each in found if each]


def _sources(node: Node, city_id: str, date: dt.date) -> list[dict[str, Any]]:
    """Where the day comes from: each source with its licence, and with the method where the day was reconstructed for it."""
    methods: dict[int, int | None] = {}
    for each in _partitions(node, city_id, date):
        methods[each.source_id] = each.method_version if each.layer == PERFORMED else methods.get(each.source_id)
    listed = [node.catalogue.get_source(number) for number in sorted(methods)]
    return [
        {"id": each.id, "kind": each.kind, "licence": each.licence, "attribution": each.attribution, "method_version": methods[each.id]}
        for each in listed
    ]


def _charts(report: DayReport, language: str) -> dict[str, str]:
    return {name: to_svg(day_chart(report, language, width), language) for name, width in (("broad", 1120), ("narrow", 340))}


def _time_space(node: Node, city_id: str, date: dt.date, route_id: str, direction: int | None) -> TimeSpace:
    """One direction of the route; with several sources the number of the route's own stands before its id."""
    source: int | None = None
    if sum(each.layer == PERFORMED for each in _partitions(node, city_id, date)) > 1:
        number, _, route_id = route_id.partition(":")
        source = int(number) if number.isdecimal() else -1
    return time_space(node, city_id, route_id, date, direction, source_id=source)


def _runs(node: Node, city_id: str, date: dt.date, route_id: str) -> list[dict[str, Any]]:
    """The runs of a route as a table says them: planned and actual times on the clock of the city, what is known of each."""
    with open_observed_day(node, city_id, date) as observed:
        if observed is None:
            raise NotFound(message("site.no_page"), date=str(date))
        trips = observed.tables["trips_performed"]
        rows = observed.engine.rows(trips.filter(trips.route_id == route_id))
    zone = performed_days(node, city_id, date)[0].timezone
    planned = sorted(rows, key=lambda row: (row["schedule_trip_start"] or row["actual_trip_start"] or 0, str(row["trip_id_performed"])))
    return [
        {
            "trip": row["trip_id_scheduled"] or row["trip_id_performed"], "direction": row["direction_id"],
            "planned_start": _clock(row["schedule_trip_start"], zone), "planned_end": _clock(row["schedule_trip_end"], zone),
            "actual_start": _clock(row["actual_trip_start"], zone), "actual_end": _clock(row["actual_trip_end"], zone),
            "is_observed": row["is_observed"], "is_canceled": row["is_canceled"],
        }
        for row in planned
    ]


def _clock(moment: int | None, zone: str) -> str | None:
    """A moment as local time in ISO form."""
    return None if moment is None else dt.datetime.fromtimestamp(moment, ZoneInfo(zone)).isoformat()
