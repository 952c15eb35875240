"""The data to take along: catalogue, interfaces with living examples, downloads, licences."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from interurban.model import AnswerQuery
from interurban.web.newest import newest_of
from interurban.web.open_node import OpenNode
from interurban.web.page_routes import PageLanguage, page_at
from interurban.web.pages.shared import sources_of
from interurban.web.templating import page
from interurban.web.twins.data import DataTwin

routes = APIRouter()


@page_at(routes, "/data", DataTwin)
def data(request: Request, node: OpenNode, language: PageLanguage) -> Response:
    """What there is, how programs read it, under which licences."""
    there = node.catalogue.availability(AnswerQuery())
    known = newest_of(node)
    figures = [each.figure for ranking in known.by_indicator.values() for each in ranking]
    feeds = [source for source in node.catalogue.list_sources() if source.kind == "gtfs"]
    example = max(known.by_indicator, key=lambda code: len(known.by_indicator[code]), default="population")
    licences = sources_of(figures)
    said = {
        "observations": there.count, "cities": list(there.codes["city_id"]), "indicators": list(there.codes["indicator"]),
        "starts": there.starts and str(there.starts), "ends": there.ends and str(there.ends), "feeds": [source.id for source in feeds],
        "sources": [{"source": source, "licence": licence} for source, licence in licences],
    }
    names = {city.id: city.name(language) for city in node.catalogue.list_cities()}
    context = {
        "there": there, "feeds": feeds, "names": names, "example": example, "example_city": next(iter(names), ""), "sources": licences,
        "data": said,
    }
    return page(request, language, "data.html", context)
