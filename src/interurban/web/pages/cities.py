"""All cities of the node, to be found by any of their names and sorted."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from interurban.locales import sort_key
from interurban.web.newest import newest_of
from interurban.web.open_node import OpenNode
from interurban.web.page_routes import PageLanguage, page_at
from interurban.web.templating import page
from interurban.web.twins.cities import CityRowTwin

routes = APIRouter()


@page_at(routes, "/cities", list[CityRowTwin])
def cities(request: Request, node: OpenNode, language: PageLanguage, sort: str = "name") -> Response:
    """Every city with its population and how many indicators it has; `sort` is "name", "population" or "indicators"."""
    known = newest_of(node)
    rows = [
        {
            "id": city.id, "name": city.name(language), "names": " ".join(filter(None, (city.name_en, city.name_ru, city.name_zh))),
            "country": city.country, "population": known.value(city.id, "population"), "indicators": len(known.codes_of(city.id)),
        }
        for city in node.catalogue.list_cities()
    ]
    rows.sort(key=lambda row: sort_key(str(row["name"]), language))
    if sort in ("population", "indicators"):
        rows.sort(key=lambda row: -float(row[sort] or 0))
    sizes = {city_id: own["population"].figure for city_id, own in known.by_city.items() if "population" in own}
    areas = {city_id: known.other_area(figure) for city_id, figure in sizes.items()}
    return page(request, language, "cities.html", {"rows": rows, "areas": areas, "sort": sort, "data": rows})
