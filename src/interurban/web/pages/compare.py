"""Two to ten cities side by side over the indicators they share, with the differences in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from interurban.indicators.catalogue import indicators
from interurban.indicators.figures import Ranked
from interurban.locales import message, number
from interurban.model import City
from interurban.model.indicator import Indicator
from interurban.web.newest import Newest, newest_of
from interurban.web.open_node import OpenNode
from interurban.web.page_routes import PageLanguage, page_at
from interurban.web.pages.shared import CityList, by_theme, cities_named, in_order, plain_ranked
from interurban.web.templating import page
from interurban.web.twins.compare import CompareTwin

routes = APIRouter()

MOST = 10
SENTENCES = 6
UNRELIABLE = "U"


@page_at(routes, "/compare", CompareTwin)
def compare(request: Request, node: OpenNode, language: PageLanguage, cities: CityList = (), city: CityList = ()) -> Response:
    """Cities named in `cities`, and in `city` as the page's own form names them."""
    known = newest_of(node)
    named = {each.id: each for each in node.catalogue.list_cities()}
    chosen = cities_named(named, [*cities, *city], MOST)
    counts = {code: sum(code in known.by_city.get(each.id, ()) for each in chosen) for code in indicators()}
    shared = [code for code, count in counts.items() if count > 1]
    rows = {
        theme: [_row(each, chosen, known) for each in listed] for theme, listed in by_theme(shared).items()
    }
    sentences = [each.text for each in differences(chosen, shared, known, language)]
    data = {
        "cities": [each.id for each in chosen], "sentences": sentences,
        "figures": {
            code: {each.id: plain_ranked(known.by_city[each.id][code]) for each in chosen if code in known.by_city.get(each.id, ())}
            for code in shared
        },
    }
    context = {
        "chosen": chosen, "themes": rows, "sentences": sentences, "most": MOST, "data": data,
        "others": in_order((c for c in named.values() if c.id in known.by_city and c not in chosen), language),
    }
    return page(request, language, "compare.html", context)


def _row(indicator: Indicator, chosen: Sequence[City], known: Newest) -> dict[str, Any]:
    """One indicator: a cell for each city, with the length of its bar; which is best."""
    cells: list[Ranked | None] = [known.by_city.get(each.id, {}).get(indicator.code) for each in chosen]
    there = [each for each in cells if each]
    areas = {each.figure.area_definition for each in there}
    most = max((each.figure.upper for each in there), default=0.0)
    best = min((each.rank for each in there), default=0)
    return {
        "indicator": indicator, "areas_differ": len(areas) > 1,
        "cells": [
            each and {
                "ranked": each, "share": _part(each.figure.value, most), "low": _part(each.figure.lower, most),
                "high": _part(each.figure.upper, most), "is_best": indicator.direction != "neutral" and each.rank == best,
            }
            for each in cells
        ],
    }


def _part(value: float, most: float) -> float:
    return max(0.0, value / most) if most > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Difference:
    """A sentence on two cities, by their ids, of which one has `ratio` times as much as the other."""

    text: str
    cities: tuple[str, str]
    ratio: float
    is_of_country: bool = False


def differences(chosen: Sequence[City], shared: Sequence[str], known: Newest, language: str) -> list[Difference]:
    """The largest differences between the best and the worst city, as sentences; only where their intervals do not meet.

    What cities differ in comes before what their countries do. A value that its maker calls unreliable is compared with nothing.
    """
    found: list[Difference] = []
    names = {each.id: each.name(language) for each in chosen}
    for code in shared:
        indicator = indicators()[code]
        if indicator.direction == "neutral":
            continue
        found_of = [known.by_city[each.id][code].figure for each in chosen if code in known.by_city.get(each.id, ())]
        listed = [figure for figure in found_of if figure.status != UNRELIABLE]
        if len(listed) < 2:
            continue
        low, high = min(listed, key=lambda f: f.value), max(listed, key=lambda f: f.value)
        if low.value <= 0 or low.upper >= high.lower:
            continue
        ratio = high.value / low.value
        text = message(
            "site.times_as_much", language, indicator=indicator.names[language], high=names[high.city_id], low=names[low.city_id],
            ratio=number(ratio, 1, language), high_value=number(high.value, indicator.decimals, language),
            low_value=number(low.value, indicator.decimals, language), unit=message(f"units.{indicator.unit}", language),
        )
        found.append(Difference(text, (high.city_id, low.city_id), ratio, indicator.is_of_country))
    return sorted(found, key=lambda each: (each.is_of_country, -each.ratio))[:SENTENCES]
