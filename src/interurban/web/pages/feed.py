"""A feed: how good it is, what is wrong with it, its versions and what changed between two, the days it describes, its lines on a map."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from interurban.collect.gtfs.differing import diff_feeds
from interurban.collect.notice_list import distinct_notices
from interurban.collect.notice_text import notice_text, rule_url
from interurban.errors import NotFound
from interurban.indicators.feed_views import view_feed
from interurban.locales import message
from interurban.model import FeedVersion, Notice, Severity, Source
from interurban.model.feed_version import FeedVersionStatus
from interurban.store.node import Node
from interurban.web.open_node import OpenNode, RowNumber
from interurban.web.page_routes import PageLanguage, file_at, page_at
from interurban.web.templating import page
from interurban.web.twins.feed import FeedDiffTwin, FeedTwin

routes = APIRouter()
SAMPLES = 5
DIFFERENCES = 50
LEVELS = 5


@page_at(routes, "/feed/{source_id}", FeedTwin)
def feed(request: Request, node: OpenNode, language: PageLanguage, source_id: RowNumber, version: RowNumber | None = None) -> Response:
    """A feed of a city: the version asked for, by default the newest."""
    source = _gtfs_source(node, source_id)
    versions = node.catalogue.list_feed_versions(source_id)
    shown = _chosen(versions, version)
    notices = _gravest_first(node.catalogue.list_notices(shown.id)) if shown else []
    view = view_feed(node, shown.id) if shown and shown.status is FeedVersionStatus.READY else None
    city = node.catalogue.get_city(source.city_id)
    data = {
        "source_id": source.id, "city": city.id, "location": source.public_location, "licence": source.licence,
        "version": _version(shown) if shown else None, "versions": [_version(each) for each in reversed(versions)],
        "notices": [_notice(each) for each in notices],
        "trips_by_date": {str(day): trips for day, trips in view.trips_by_date.items()} if view else {},
        "trips_by_hour": {str(day): hours for day, hours in view.by_hour.items()} if view else {},
        "extent": view and view.extent and dataclasses.asdict(view.extent),
    }
    context = {
        "city": city, "source": source, "versions": list(reversed(versions)), "shown": shown, "notices": data["notices"], "view": view,
        "calendar": _calendar(view.trips_by_date) if view else [], "levels": LEVELS, "data": data,
    }
    return page(request, language, "feed.html", context)


@page_at(routes, "/feed/{source_id}/diff", FeedDiffTwin)
def difference(
    request: Request, node: OpenNode, language: PageLanguage, source_id: RowNumber, before: RowNumber, after: RowNumber
) -> Response:
    """What changed between two versions of a feed."""
    source = _gtfs_source(node, source_id)
    known = {each.id for each in node.catalogue.list_feed_versions(source_id)}
    for number in (before, after):
        if number not in known:
            raise NotFound(message("store.no_feed_version", version=str(number)), feed_version_id=number)
    summary, listed = diff_feeds(str(before), str(after), node, DIFFERENCES)
    data = {"before": before, "after": after, "summary": dataclasses.asdict(summary), "differences": listed}
    city = node.catalogue.get_city(source.city_id)
    return page(request, language, "feed_diff.html", {"city": city, "source": source, "data": data})


@file_at(routes, "/feed/{source_id}/network.geojson", "application/geo+json")
def network(node: OpenNode, source_id: RowNumber, version: RowNumber | None = None) -> Response:
    """Lines and stops of a feed version, as GeoJSON."""
    _gtfs_source(node, source_id)
    shown = _chosen(node.catalogue.list_feed_versions(source_id), version)
    if shown is None or shown.status is not FeedVersionStatus.READY:
        raise NotFound(message("site.feed_without_tables"), source_id=source_id)
    return JSONResponse(view_feed(node, shown.id).network, media_type="application/geo+json")


def _gtfs_source(node: Node, source_id: int) -> Source:
    source = node.catalogue.get_source(source_id)
    if source.kind != "gtfs":
        raise NotFound(message("site.not_a_schedule"), source_id=source_id)
    return source


def _chosen(versions: Sequence[FeedVersion], number: int | None) -> FeedVersion | None:
    if number is None:
        ready = [each for each in versions if each.status is FeedVersionStatus.READY]
        return ready[-1] if ready else versions[-1] if versions else None
    for each in versions:
        if each.id == number:
            return each
    raise NotFound(message("store.no_feed_version", version=str(number)), feed_version_id=number)


def _gravest_first(notices: Sequence[Notice]) -> list[Notice]:
    order = {severity: place for place, severity in enumerate(Severity)}
    return sorted(distinct_notices(notices), key=lambda n: (order[n.severity], -n.count, n.code))


def _version(version: FeedVersion) -> dict[str, Any]:
    return {
        "id": version.id, "status": version.status.value, "valid_from": _text(version.valid_from), "valid_to": _text(version.valid_to),
        "first_fetched_at": version.first_fetched_at.isoformat(), "content_hash": version.content_hash, "counts": dict(version.counts),
    }


def _notice(notice: Notice) -> dict[str, Any]:
    return {
        "code": notice.code, "severity": notice.severity.value, "count": notice.count, "file": notice.file, "field": notice.field,
        "text": notice_text(notice), "allowed": notice.allowed, "rule": rule_url(notice),
        "samples": [{"row": each.row, "value": each.value} for each in notice.samples[:SAMPLES]],
    }


def _calendar(trips_by_date: Mapping[dt.date, int]) -> list[dict[str, Any]]:
    """Months of the service calendar for a heat map: each with its days, their level 0-LEVELS (0: no service) and trips.

    Of a calendar longer than two years the twelve months on both sides of its middle are shown.
    """
    if not trips_by_date:
        return []
    days = sorted(trips_by_date)
    first, last = days[0], days[-1]
    if (last - first).days > 731:
        middle = days[len(days) // 2]
        first, last = max(first, middle - dt.timedelta(days=365)), min(last, middle + dt.timedelta(days=365))
    most = max(trips_by_date.values()) or 1
    return [_month(start, first, last, trips_by_date, most) for start in _months(first, last)]


def _months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + dt.timedelta(days=32)).replace(day=1)


def _month(start: dt.date, first: dt.date, last: dt.date, trips: Mapping[dt.date, int], most: int) -> dict[str, Any]:
    days = []
    day = start
    while day.month == start.month:
        if first <= day <= last:
            count = trips.get(day, 0)
            week = (day.day + start.weekday() - 1) // 7
            days.append({"date": day, "trips": count, "level": -(-count * LEVELS // most), "week": week, "weekday": day.weekday()})
        day += dt.timedelta(days=1)
    return {"start": start, "days": days}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
