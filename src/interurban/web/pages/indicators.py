"""All indicators of the catalogue by theme, with how many cities have each."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from interurban.web.newest import newest_of
from interurban.web.open_node import OpenNode
from interurban.web.page_routes import PageLanguage, page_at
from interurban.web.pages.shared import by_theme
from interurban.web.templating import page
from interurban.web.twins.indicators import IndicatorRowTwin

routes = APIRouter()


@page_at(routes, "/indicators", list[IndicatorRowTwin])
def indicators(request: Request, node: OpenNode, language: PageLanguage) -> Response:
    """The catalogue: themes, indicators, definitions, cities that have them."""
    known = newest_of(node)
    themes = by_theme()
    counts = {each.code: known.cities_with(each.code) for listed in themes.values() for each in listed}
    themes = {theme: sorted(listed, key=lambda each: not counts[each.code]) for theme, listed in themes.items()}
    data = [
        {
            "code": each.code, "theme": theme, "name": each.names[language], "definition": each.definitions[language], "unit": each.unit,
            "direction": each.direction, "version": each.version, "cities": counts[each.code],
        }
        for theme, listed in themes.items() for each in listed
    ]
    return page(request, language, "indicators.html", {"themes": themes, "counts": counts, "data": data})
