"""An indicator: ranking, map, course and table as views of one selection, with its definition; the same as CSV, SVG and PNG."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from interurban.indicators.figures import Figure, Ranked, median, unbroken
from interurban.indicators.submissions.text_table import guarded
from interurban.locales import message
from interurban.model import City
from interurban.reports.charts.ranking import ranking_chart
from interurban.reports.charts.trend import Line, trend_chart
from interurban.reports.charts.vega import Spec, to_svg
from interurban.web.newest import newest_of
from interurban.web.open_node import OpenNode
from interurban.web.page_routes import PageLanguage, file_at, page_at
from interurban.web.pages.indicator_selection import UNASKED, Selection, all_of, divisors, one_of, select
from interurban.web.pages.shared import CityList, by_theme, in_order, picture, plain_ranked, sources_of, spark_points, world
from interurban.web.templating import name_of, page
from interurban.web.twins.indicator import IndicatorTwin

routes = APIRouter()

VIEWS = ("ranking", "trend", "map", "table")
Year = Annotated[int | None, Query(ge=1, le=9999, description="the newest value not later than this year")]
LISTED = 250
"""Cities of a ranking on the page and in its drawing; the table and the tables to take along have all."""
DRAWN = 100
"""Cities of a ranking in a picture of points, which takes a hundred kB and a second for each hundred."""


@file_at(routes, "/indicator/{code}.csv", "text/csv")
def as_csv(
    node: OpenNode, language: PageLanguage, code: str, cities: CityList = (), year: Year = None, group: str = "", per: str = "",
    mode: str = "", full: bool = False,
) -> Response:
    """What the page shows, as CSV; with `full` every period of every city."""
    chosen = select(node, language, code, cities, year, group, per, mode)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    header = ("rank", "rank_best", "rank_worst", "city", "name", "time_period", "value", "lower", "upper", "unit", "status", "confidence",
              "area_definition", "source", "licence", "observation", "mode")
    writer.writerow(header[3:] if full else header)
    for each in (all_of(node, chosen) if full else chosen.ranking):
        figure = each if isinstance(each, Figure) else each.figure
        told = (figure.city_id, chosen.known[figure.city_id].name(language), figure.time_period)
        rest = (chosen.unit, figure.status, figure.confidence, figure.area_definition, figure.source, figure.licence or "",
                figure.id, figure.mode)
        ranks = () if isinstance(each, Figure) else (each.rank, each.best, each.worst)
        writer.writerow([*ranks, *map(guarded, told), figure.value, figure.lower, figure.upper, *map(guarded, rest)])
    headers = {"Content-Disposition": f'attachment; filename="{chosen.indicator.code}.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


@file_at(routes, "/indicator/{code}.vl.json", "application/json")
@file_at(routes, "/indicator/{code}.svg", "image/svg+xml")
@file_at(routes, "/indicator/{code}.png", "image/png")
def as_picture(
    request: Request, node: OpenNode, language: PageLanguage, code: str, view: str = "ranking", cities: CityList = (),
    year: Year = None, group: str = "", per: str = "", mode: str = "", scale: str = "linear",
) -> Response:
    """The chart of the page as SVG, as PNG, or as its Vega-Lite specification."""
    chosen = select(node, language, code, cities, year, group, per, mode)
    shown = [] if view == "trend" else _listed(chosen, DRAWN if request.url.path.endswith(".png") else LISTED)
    spec = _trend_spec(chosen, language, scale, 760) if view == "trend" else _ranking_spec(chosen, language, shown)
    return picture(request, spec, language, _notes(chosen, language, shown))


@page_at(routes, "/indicator/{code}", IndicatorTwin)
def indicator(
    request: Request, node: OpenNode, language: PageLanguage, code: str, view: str = "ranking", cities: CityList = (),
    year: Year = None, group: str = "", per: str = "", mode: str = "", scale: str = "linear",
) -> Response:
    """One indicator over all cities.

    `view` is "ranking", "trend", "map" or "table"; `cities` are marked; `year` takes the newest value not later; `group` is "brics",
    "large" (a million inhabitants and more) or "small"; `per` is "person" or "km2"; `mode` a mode of transport, without it all
    together or, where no city has that, the mode of most cities; `scale` of the course "linear" or "log".
    """
    view, scale = one_of(view, VIEWS, "view"), one_of(scale, ("linear", "log"), "scale")
    chosen = select(node, language, code, cities, year, group, per, mode)
    listed = [each.figure for each in chosen.ranking]
    sources = sources_of(listed)
    areas = [area for area, _ in Counter(f.area_definition for f in listed).most_common()]
    context = {
        "indicator": chosen.indicator, "view": view, "views": VIEWS, "chosen": chosen, "chosen_ids": {city.id for city in chosen.chosen},
        "scale": scale, "median": median(listed), "bars": _bars(chosen.ranking) if view == "ranking" else {},
        "listed": _listed(chosen, LISTED),
        "best": _best(chosen, language), "picker": in_order(chosen.known.values(), language),
        "cards": [_card(city, chosen) for city in chosen.chosen], "map": _map(chosen, language) if view == "map" else None,
        "trend": _trend(chosen, language, scale) if view == "trend" else None, "themes": by_theme(newest_of(node).codes()),
        "sources": sources, "citation": "; ".join(cited for cited, _ in sources[:6]), "is_proposed": any(f.is_proposed for f in listed),
        "areas": areas, "is_broken": any(len(unbroken(line)) > 1 for line in chosen.series.values()),
        "data": lambda: plain(chosen, language),
        "title": name_of(chosen.indicator, chosen.mode, language),
        "divisors": divisors(chosen.indicator), "unit_text": chosen.unit_in(language), "fine": chosen.decimals,
    }
    return page(request, language, "indicator.html", context)


def _notes(chosen: Selection, language: str, shown: Sequence[Ranked]) -> list[str]:
    """What a picture says below its title: how much of the ranking it shows, and whose the data are."""
    figures = [each.figure for each in shown] or [figure for line in chosen.series.values() for figure in line]
    notes = []
    if shown and len(shown) < len(chosen.ranking):
        notes.append(message("site.picture_goes_on", language, shown=len(shown), count=len(chosen.ranking)))
    origins = [message(f"site.origin_{origin}", language) for origin in dict.fromkeys(f.origin for f in figures if not f.source)]
    if cited := [*(name for name, _ in sources_of(figures)[:4]), *origins]:
        notes.append(message("site.source", language) + ("：" if language == "zh" else ": ") + "; ".join(cited))
    return notes


def _best(chosen: Selection, language: str) -> str:
    """The city that stands first, with the number of those that share the place."""
    first, *others = [each.figure.city_id for each in chosen.ranking if each.rank == 1] or [""]
    if not first:
        return ""
    name = chosen.known[first].name(language)
    return message("site.and_others", language, name=name, count=len(others)) if others else name


def plain(chosen: Selection, language: str) -> dict[str, Any]:
    """The selection as the JSON twin gives it."""
    return {
        "indicator": chosen.indicator.code, "name": chosen.indicator.names[language], "unit": chosen.unit,
        "mode": chosen.mode, "modes": list(chosen.modes),
        "direction": chosen.indicator.direction, "definition": chosen.indicator.definitions[language],
        "definition_version": chosen.indicator.version, "year": chosen.year, "years": list(chosen.years),
        "median": median([each.figure for each in chosen.ranking]), "ranking": [plain_ranked(each) for each in chosen.ranking],
        "without_value": [city.id for city in chosen.missing],
        "series": {city.id: [[f.time_period, f.value] for f in chosen.series.get(city.id, ())] for city in chosen.chosen},
    }


def _listed(chosen: Selection, most: int) -> list[Ranked]:
    """The first of the ranking, and the cities that were chosen."""
    marked = {city.id for city in chosen.chosen}
    return [each for place, each in enumerate(chosen.ranking) if place < most or each.figure.city_id in marked]


def _bars(ranking: Sequence[Ranked]) -> dict[str, tuple[float, float, float]]:
    """Of each city the length of its bar and the ends of its whisker, as shares of the whole width; an axis begins at 0."""
    most = max((max(each.figure.value, each.figure.upper) for each in ranking), default=0.0)
    if most <= 0:
        return {}
    return {
        each.figure.city_id: (max(0.0, each.figure.value / most), max(0.0, each.figure.lower / most), max(0.0, each.figure.upper / most))
        for each in ranking
    }


def _card(city: City, chosen: Selection) -> dict[str, Any]:
    line = chosen.series.get(city.id, ())
    found = next((each for each in chosen.ranking if each.figure.city_id == city.id), None)
    return {"city": city, "ranked": found, "points": spark_points(line)}


def _map(chosen: Selection, language: str) -> dict[str, Any]:
    """Cities on the world map by six classes of equal size, from low to high."""
    values = sorted(each.figure.value for each in chosen.ranking)
    limits = [values[len(values) * part // 6] for part in range(1, 6)] if values else []
    classes = {each.figure.city_id: 1 + sum(each.figure.value >= limit for limit in limits) for each in chosen.ranking}
    first = {city.id: city for city in chosen.chosen}
    others = (chosen.known[each.figure.city_id] for each in chosen.ranking if each.figure.city_id not in first)
    shown = [city for city in (*chosen.chosen, *others) if city.id in classes]
    return {
        **world(shown, language, radius=6.0), "classes": classes, "limits": [values[0], *limits, values[-1]] if values else [],
        "figures": {each.figure.city_id: each for each in chosen.ranking},
    }


def _trend(chosen: Selection, language: str, scale: str) -> dict[str, str]:
    return {name: to_svg(_trend_spec(chosen, language, scale, width), language) for name, width in (("broad", 760), ("narrow", 340))}


def _trend_spec(chosen: Selection, language: str, scale: str, width: int) -> Spec:
    shown = chosen.chosen or tuple(chosen.known[each.figure.city_id] for each in chosen.ranking[:UNASKED])
    lines = [Line(city.name(language), chosen.series.get(city.id, ())) for city in shown]
    return trend_chart(lines, name_of(chosen.indicator, chosen.mode, language), chosen.unit_in(language), scale=scale, width=width)


def _ranking_spec(chosen: Selection, language: str, shown: Sequence[Ranked]) -> Spec:
    names = {city_id: city.name(language) for city_id, city in chosen.known.items()}
    marked = {city.id for city in chosen.chosen}
    title, unit = name_of(chosen.indicator, chosen.mode, language), chosen.unit_in(language)
    return ranking_chart(shown, names, marked, title, unit, chosen.decimals, language)
