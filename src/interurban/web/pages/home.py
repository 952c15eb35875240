"""The first page: the world's cities with data, where to begin, what is new; a ranking, a comparison and a rating to start with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from interurban.indicators.catalogue import indicators
from interurban.indicators.rating_files import read_rating, shipped_ratings
from interurban.model import AnswerQuery, City
from interurban.model.news import Recorded
from interurban.store.node import Node
from interurban.web.newest import Newest, newest_of
from interurban.web.open_node import OpenNode
from interurban.web.page_routes import PageLanguage, page_at
from interurban.web.pages.compare import differences
from interurban.web.pages.rating import widest
from interurban.web.pages.shared import by_theme, in_order, plain_ranked, world
from interurban.web.templating import page
from interurban.web.twins.home import HomeTwin

routes = APIRouter()

FEATURED = (
    "pop_convenient_pt_sdg1121", "pt_network_length_per_100k", "pt_headway_peak_median", "population_density", "pt_routes_in_service",
)
SHOWN = 8
NEWS, NEW_FEEDS, NEW_DAYS = 10, 5, 3
RECORDING_DAYS = 5
COMPARED, CANDIDATES = 3, 12


@page_at(routes, "/", HomeTwin)
def home(request: Request, node: OpenNode, language: PageLanguage) -> Response:
    """Cities on the map, what is new, a featured ranking, comparison and rating, indicators by theme."""
    known = newest_of(node)
    cities = node.catalogue.list_cities()
    there = node.catalogue.availability(AnswerQuery())
    with_data = [city for city in cities if city.id in known.by_city]
    largest_first = sorted(with_data, key=lambda city: -(known.value(city.id, "population") or 0))
    by_name = in_order(with_data, language)
    featured, news = _featured(known), _news(node)
    compared, rated = _compared(known, largest_first, language), widest(node, language)
    names = {city.id: city for city in cities}
    data = {
        "cities": [_plain_city(city, language, known) for city in by_name], "observations": there.count,
        "indicators": sorted(known.codes()),
        "featured": featured and {"indicator": featured["indicator"].code, "ranking": [plain_ranked(each) for each in featured["ranking"]]},
        "news": news, "compared": compared and {"cities": [city.id for city in compared[0]], "sentences": compared[1]},
        "rating": rated and {"id": rated[0].id, "version": rated[0].version, "ranking": rated[1][:SHOWN], "count": len(rated[1])},
    }
    context = {
        "map": world(largest_first, language), "cities": by_name, "there": there, "featured": featured, "known": names,
        "news": _dated(news), "compared": compared, "rated": rated, "shown": SHOWN,
        "themes": by_theme(known.codes()), "data": data,
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


def _news(node: Node) -> list[dict[str, Any]]:
    """What was recorded last, the newest day first: values of an origin, feed versions, reconstructed days."""
    items: list[tuple[dt.date, dict[str, Any]]] = [
        (each.day, {
            "kind": "values", "origin": each.origin, "values": sum(each.cities.values()), "cities": list(each.cities),
            "ratings": [name for name in shipped_ratings() if f"rating_{name.replace('-', '_')}_score" in each.ratings],
        }) for each in _recordings(node, node.catalogue.last_change())
    ]
    items += [
        (each.at.date(), {
            "kind": "feed", "cities": [each.city_id], "source_id": each.source_id, "feed_version_id": each.feed_version_id,
            "valid_from": each.valid_from and str(each.valid_from), "valid_to": each.valid_to and str(each.valid_to),
        }) for each in node.catalogue.recent_feed_versions(NEW_FEEDS)
    ]
    items += [
        (each.at.date(), {"kind": "day", "cities": [each.city_id], "service_date": str(each.service_date)})
        for each in node.catalogue.recent_service_days(NEW_DAYS)
    ]
    newest_first = sorted(items, key=lambda item: item[0], reverse=True)[:NEWS]
    return [{"date": str(day), **item} for day, item in newest_first]


@lru_cache(maxsize=4)
def _recordings(node: Node, _until: dt.datetime | None) -> Sequence[Recorded]:
    """Counting a million values takes a second, and they are the same until something is recorded."""
    return node.catalogue.recent_recordings(RECORDING_DAYS)


def _dated(news: Sequence[Mapping[str, Any]]) -> dict[dt.date, list[dict[str, Any]]]:
    """News by day, for the page: dates as dates, ratings with their definitions."""
    by_day: dict[dt.date, list[dict[str, Any]]] = {}
    for each in news:
        dates = {name: dt.date.fromisoformat(each[name]) for name in ("valid_from", "valid_to", "service_date") if each.get(name)}
        shown = {**each, **dates, "ratings": [read_rating(name) for name in each.get("ratings", ())]}
        by_day.setdefault(dt.date.fromisoformat(each["date"]), []).append(shown)
    return by_day


def _compared(known: Newest, largest_first: Sequence[City], language: str) -> tuple[list[City], list[str]] | None:
    """Of the largest cities those that differ in most ways, if they may of several countries, with the sentences that say so.

    None where no difference is certain.
    """
    best: tuple[list[City], list[str]] = ([], [])
    for chosen in combinations(largest_first[:CANDIDATES], min(COMPARED, len(largest_first))):
        shared = [code for code in indicators() if sum(code in known.by_city[city.id] for city in chosen) > 1]
        found = differences(chosen, shared, known, language)[:COMPARED]
        named = {city_id for each in found for city_id in each.cities}
        best = max(best, ([city for city in chosen if city.id in named], [each.text for each in found]), key=_variety)
    return best if best[1] else None


def _variety(compared: tuple[list[City], list[str]]) -> tuple[int, int, int]:
    cities, sentences = compared
    return len(sentences), len(cities), len({city.country for city in cities})


def _plain_city(city: City, language: str, known: Newest) -> dict[str, Any]:
    point = city.point()
    return {
        "id": city.id, "name": city.name(language), "country": city.country, "population": known.value(city.id, "population"),
        "lat": point and point[0], "lon": point and point[1],
    }
