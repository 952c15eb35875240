"""What several pages show: cities on the world map, indicators by theme, a figure in words and as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Annotated, Any

from fastapi import Query, Request
from starlette.responses import JSONResponse, Response

from interurban.errors import NotFound
from interurban.indicators.catalogue import indicators
from interurban.indicators.figures import Figure, Ranked, unbroken
from interurban.locales import message, sort_key
from interurban.model import City
from interurban.model.indicator import Indicator
from interurban.reports.charts.vega import Spec, titled, to_png, to_svg
from interurban.reports.charts.world import HEIGHT, WIDTH, land_path, place_marks

_PICTURES = {"svg": "image/svg+xml", "png": "image/png"}


NARROW, FEW = 2.6, 40
"""How much larger the letters of the world map are on a phone, as the style sheet has it; of how many cities a label is tried there."""


def world(cities: Sequence[City], language: str, radius: float = 5.0, radii: Mapping[str, float] | None = None) -> dict[str, Any]:
    """The world map with these cities, those first named labelled first; cities without a place are left out.

    `marks` have the labels of a screen, `narrow` the fewer and larger ones of a phone.
    """
    placed = [(city, point) for city in cities if (point := city.point())]
    spots = [(city.id, city.name(language), lat, lon, (radii or {}).get(city.id, radius)) for city, (lat, lon) in placed]
    return {
        "width": WIDTH, "height": HEIGHT, "land": land_path(), "marks": place_marks(spots), "narrow": place_marks(spots, NARROW, FEW),
        "names": {c.id: c.name(language) for c, _ in placed},
    }


def by_theme(codes: Iterable[str] | None = None) -> dict[str, list[Indicator]]:
    """Indicators (None: all) by theme, in the order of the catalogue."""
    wanted = None if codes is None else set(codes)
    themes: dict[str, list[Indicator]] = {}
    for code, indicator in indicators().items():
        if wanted is None or code in wanted:
            themes.setdefault(indicator.theme, []).append(indicator)
    return themes


_FIGURE = tuple(each.name for each in fields(Figure))


def plain_ranked(each: Ranked) -> dict[str, Any]:
    """A ranked figure as the JSON twin gives it."""
    figure = {name: getattr(each.figure, name) for name in _FIGURE}
    return {"rank": each.rank, "rank_best": each.best, "rank_worst": each.worst, **figure}


CityList = Annotated[Sequence[str], Query(description="ids of cities, by commas or one by one")]


def cities_named(known: Mapping[str, City], asked: Sequence[str], most: int) -> list[City]:
    """The cities of lists with commas, each once, `most` at most; NotFound for one there is not."""
    found: dict[str, City] = {}
    for city_id in filter(None, (part.strip() for each in asked for part in each.split(","))):
        if city_id not in known:
            raise NotFound(message("store.no_city", city=city_id), city=city_id)
        found[city_id] = known[city_id]
    return list(found.values())[:most]


def in_order(cities: Iterable[City], language: str) -> list[City]:
    """Cities by their names, as readers of the language look for them."""
    return sorted(cities, key=lambda city: sort_key(city.name(language), language))


def sources_of(figures: Iterable[Figure]) -> list[tuple[str, str | None]]:
    """Distinct sources with their licences, the most used first."""
    counts: dict[tuple[str, str | None], int] = {}
    for each in figures:
        if each.source:
            counts[each.source, each.licence] = counts.get((each.source, each.licence), 0) + 1
    return sorted(counts, key=lambda key: -counts[key])


def share_of(value: float, low: float, high: float) -> float:
    """Place of a value between two others, 0 to 1; the middle where they are equal."""
    return 0.5 if high <= low else (value - low) / (high - low)


def spark_points(line: Sequence[Figure]) -> list[tuple[float, float]]:
    """The last unbroken part of a course as points in the unit square."""
    line = unbroken(line)[-1] if line else []
    if len(line) < 2:
        return []
    low, high = min(f.value for f in line), max(f.value for f in line)
    return [(number / (len(line) - 1), share_of(f.value, low, high)) for number, f in enumerate(line)]


def picture(request: Request, spec: Spec, language: str, notes: Sequence[str] = ()) -> Response:
    """A chart in the form that the path ends in: SVG, PNG, or in JSON its Vega-Lite specification; with its title and `notes` above it."""
    ending = request.url.path.rpartition(".")[2]
    spec = titled(spec, language, notes)
    if ending == "json":
        return JSONResponse(spec)
    body = to_png(spec, language) if ending == "png" else to_svg(spec, language, theme="light").encode()
    return Response(body, media_type=_PICTURES[ending])
