"""A city: key figures among its peers, every indicator by theme, its network and service, how it ran, where the data come from."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from interurban.indicators.catalogue import indicators
from interurban.indicators.feed_views import FeedView, view_feed
from interurban.indicators.figures import Figure, Ranked, break_between, course, figures_of
from interurban.indicators.observed_day import performed_dates
from interurban.metrics.reliability.completeness import RANKED_FROM
from interurban.model import AnswerQuery, FeedVersion, Source
from interurban.model.feed_version import FeedVersionStatus
from interurban.store.node import Node
from interurban.web.newest import Newest, newest_of
from interurban.web.open_node import OpenNode
from interurban.web.page_routes import PageLanguage, page_at
from interurban.web.pages.rating import positions
from interurban.web.pages.shared import by_theme, plain_ranked, share_of, sources_of, spark_points
from interurban.web.templating import page
from interurban.web.twins.city import CityTwin

routes = APIRouter()

KEY = (
    "population", "population_density", "pop_convenient_pt_sdg1121", "pt_network_length_per_100k", "pt_headway_peak_median",
    "pt_commercial_speed", "pt_on_time_share", "pt_excess_wait_time",
)
PEERS = 5
DAYS = 14
OF_DAY = (
    "pt_on_time_share", "pt_on_time_share_of_scheduled", "pt_excess_wait_time", "pt_service_delivered_share",
    "pt_service_delivered_share_upper", "pt_rt_completeness_share",
)


@page_at(routes, "/city/{city_id}", CityTwin)
def city(request: Request, node: OpenNode, language: PageLanguage, city_id: str) -> Response:
    """All that is known of a city."""
    found = node.catalogue.get_city(city_id)
    known = newest_of(node)
    own, of_modes = known.by_city.get(city_id, {}), known.modes_of_city.get(city_id, {})
    history: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures_of(node.catalogue, cities=[city_id], mode=None):
        history.setdefault((figure.indicator, figure.mode), []).append(figure)
    figures = [*own.values(), *(each for listed in of_modes.values() for each in listed)]
    names = {each.id: each for each in node.catalogue.list_cities()}
    peers = _peers(city_id, known)
    feeds = [_feed(node, source) for source in node.catalogue.list_sources(city_id, "gtfs")]
    days = _days(node, city_id)
    rated, unrated = positions(node, city_id, language)
    for row in rated:
        row["recorded"] = _recorded(own, row["rating"])
    data = {
        "id": found.id, "names": {"en": found.name_en, "ru": found.name_ru, "zh": found.name_zh}, "country": found.country,
        "timezone": found.timezone, "wikidata": found.wikidata, "unlocode": found.unlocode, "point": found.point(),
        "figures": [plain_ranked(each) for each in figures], "peers": peers, "feeds": [source.id for source, _, _ in feeds],
        "reconstructed_days": [{"date": str(date), "figures": figures} for date, figures in days], "ratings": rated,
    }
    context = {
        "city": found, "key": [_key_row(own[code], known, history, peers) for code in KEY if code in own],
        "themes": {
            theme: [_row(figure, known, history) for each in listed for figure in _of_indicator(each.code, own, of_modes)]
            for theme, listed in by_theme(known.codes_of(city_id)).items()
        },
        "lacking": len(indicators()) - len(known.codes_of(city_id)), "peers": [names[each] for each in peers if each in names],
        "feeds": feeds, "days": days, "ranked_from": 100 * RANKED_FROM, "rated": rated, "unrated": unrated,
        "sources": sources_of(each.figure for each in figures), "data": data,
        "realtime": [source for source in node.catalogue.list_sources(city_id) if source.kind != "gtfs"],
    }
    return page(request, language, "city.html", context)


def _days(node: Node, city_id: str) -> list[tuple[dt.date, dict[str, Any]]]:
    """The last reconstructed days, the newest first, each with what is recorded of it: by indicator the value and its observation."""
    dates = performed_dates(node, city_id)[-DAYS:][::-1]
    if not dates:
        return []
    query = AnswerQuery(
        cities=(city_id,), indicators=OF_DAY, modes=("all",), frequencies=("D",), time_from=dates[-1], time_to=dates[0],
        columns=("indicator", "time_period", "value", "id"),
    )
    found: dict[str, dict[str, Any]] = {str(date): {} for date in dates}
    for row in (row for batch in node.catalogue.stream_answers(query) for row in batch.to_pylist()):
        if row["value"] is not None and row["time_period"] in found:
            found[row["time_period"]][row["indicator"]] = {"value": row["value"], "observation": row["id"]}
    return [(date, found[str(date)]) for date in dates]


def _of_indicator(code: str, own: Mapping[str, Ranked], of_modes: Mapping[str, Sequence[Ranked]]) -> list[Ranked]:
    """A city's figures of an indicator: of all modes together, then of each."""
    return [*([own[code]] if code in own else []), *of_modes.get(code, ())]


def _row(each: Ranked, known: Newest, history: Mapping[tuple[str, str], Sequence[Figure]]) -> dict[str, Any]:
    """One indicator of the city: value, change since the period before, place among all cities, course over time."""
    indicator = indicators()[each.figure.indicator]
    listed = [other.figure.value for other in known.ranking(indicator.code, each.figure.mode)]
    line = course(history.get((indicator.code, each.figure.mode), ()))
    before = line[-2] if len(line) > 1 else None
    breaks = break_between(before, each.figure) if before else ""
    change = each.figure.value - before.value if before and not breaks else None
    sense = {"higher": 1, "lower": -1}.get(indicator.direction, 0)
    low, high = min(*listed, each.figure.lower), max(*listed, each.figure.upper)
    return {
        "indicator": indicator, "ranked": each, "area": known.other_area(each.figure), "count": len(listed), "change": change,
        "before": before, "breaks": breaks,
        "sentiment": None if not change or not sense else "better" if change * sense > 0 else "worse",
        "shares": [share_of(value, low, high) for value in listed], "own": share_of(each.figure.value, low, high),
        "low": share_of(each.figure.lower, low, high), "high": share_of(each.figure.upper, low, high), "points": spark_points(line),
    }


def _key_row(each: Ranked, known: Newest, history: Mapping[tuple[str, str], Sequence[Figure]], peers: Sequence[str]) -> dict[str, Any]:
    """A key figure with the middle of what cities of similar size have, where at least two of them have it."""
    row = _row(each, known, history)
    code = each.figure.indicator
    values = [value for peer in peers if (value := known.value(peer, code)) is not None]
    # The size of cities of similar size says nothing.
    return {**row, "of_peers": statistics.median(values) if len(values) > 1 and code != "population" else None, "peers": len(values)}


def _recorded(own: Mapping[str, Ranked], rating: str) -> dict[str, Any] | None:
    """The rank that was last recorded of a rating, with the number that leads to what it rested on."""
    found = own.get(f"rating_{rating.replace('-', '_')}_rank")
    return None if found is None else {"rank": found.figure.value, "time_period": found.figure.time_period, "observation": found.figure.id}


def _peers(city_id: str, known: Newest) -> list[str]:
    """Cities nearest in population, by ratio."""
    size = known.value(city_id, "population")
    if not size:
        return []
    others = [(each.figure.city_id, each.figure.value) for each in known.by_indicator["population"] if each.figure.city_id != city_id]
    return [other for other, value in sorted(others, key=lambda pair: abs(math.log(pair[1] / size)) if pair[1] > 0 else math.inf)[:PEERS]]


def _feed(node: Node, source: Source) -> tuple[Source, FeedVersion | None, FeedView | None]:
    ready = [each for each in node.catalogue.list_feed_versions(source.id) if each.status is FeedVersionStatus.READY]
    return source, ready[-1] if ready else None, view_feed(node, ready[-1].id) if ready else None
