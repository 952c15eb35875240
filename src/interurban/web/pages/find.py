"""Finding cities and indicators by any of their names, in any language and script."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from interurban.indicators.catalogue import indicators
from interurban.model import City
from interurban.web.finding import MOST_LETTERS, fitting, folded
from interurban.web.newest import newest_of
from interurban.web.open_node import OpenNode
from interurban.web.page_routes import PageLanguage, page_at
from interurban.web.templating import page
from interurban.web.twins.find import FoundTwin

routes = APIRouter()

MOST = 60


@page_at(routes, "/find", FoundTwin)
def find(request: Request, node: OpenNode, language: PageLanguage, q: str = "") -> Response:
    """Cities and indicators whose names hold every word asked for (see `web/finding.py`); a name given whole leads to its city."""
    cities = node.catalogue.list_cities()
    asked = folded(q[:MOST_LETTERS])
    whole = [city for city in cities if asked and asked in map(folded, _names(city))]
    if len(whole) == 1 and not request.url.path.endswith(".json"):
        return RedirectResponse(f"/{language}/city/{whole[0].id}", 303)
    known = newest_of(node)
    found_cities = fitting(asked, cities, _names)[:MOST]
    found = fitting(asked, indicators().values(), lambda each: [each.code, *each.names.values()])[:MOST]
    data: dict[str, Any] = {
        "cities": [{"id": city.id, "name": city.name(language)} for city in found_cities],
        "indicators": [{"code": each.code, "name": each.names[language]} for each in found],
    }
    counts = {each.code: known.cities_with(each.code) for each in found}
    return page(request, language, "find.html", {"q": q, "cities": found_cities, "indicators": found, "counts": counts, "data": data})


def _names(city: City) -> list[str]:
    return [name for name in (city.id, city.name_en, city.name_ru, city.name_zh, city.wikidata, city.unlocode) if name]
