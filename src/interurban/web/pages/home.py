"""The first page: the world's cities with data, where to begin, a ranking to start with."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from interurban.indicators.catalogue import indicators
from interurban.model import AnswerQuery, City
from interurban.web.newest import Newest, newest_of
from interurban.web.open_node import OpenNode
from interurban.web.page_routes import PageLanguage, page_at
from interurban.web.pages.shared import by_theme, plain_ranked, world
from interurban.web.templating import page

routes = APIRouter()

FEATURED = (
    "pop_convenient_pt_sdg1121", "pt_network_length_per_100k", "pt_headway_peak_median", "population_density", "pt_routes_in_service",
)
SHOWN = 8


@page_at(routes, "/")
def home(request: Request, node: OpenNode, language: PageLanguage) -> Response:
    """Cities on the map, a featured ranking, indicators by theme."""
    known = newest_of(node)
    cities = node.catalogue.list_cities()
    there = node.catalogue.availability(AnswerQuery())
    with_data = [city for city in cities if city.id in known.by_city]
    largest_first = sorted(with_data, key=lambda city: -(known.value(city.id, "population") or 0))
    by_name = sorted(with_data, key=lambda city: city.name(language))
    featured = _featured(known)
    data = {
        "cities": [_plain_city(city, language, known) for city in by_name], "observations": there.count,
        "indicators": sorted(known.by_indicator),
        "featured": featured and {"indicator": featured["indicator"].code, "ranking": [plain_ranked(each) for each in featured["ranking"]]},
    }
    context = {
        "map": world(largest_first, language), "cities": by_name, "there": there, "featured": featured, "known": {c.id: c for c in cities},
        "themes": by_theme(known.by_indicator), "data": data,
    }
    return page(request, language, "home.html", context)


def _featured(known: Newest) -> dict[str, Any] | None:
    """The first of the featured indicators that at least three cities have, with the top of its ranking."""
    for code in FEATURED:
        ranking = known.by_indicator.get(code, [])
        if len(ranking) >= 3:
            most = max(each.figure.upper for each in ranking)
            return {"indicator": indicators()[code], "ranking": ranking[:SHOWN], "count": len(ranking), "most": most}
    return None


def _plain_city(city: City, language: str, known: Newest) -> dict[str, Any]:
    point = city.point()
    return {
        "id": city.id, "name": city.name(language), "country": city.country, "population": known.value(city.id, "population"),
        "lat": point and point[0], "lon": point and point[1],
    }
