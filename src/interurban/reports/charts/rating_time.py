"""A rating over time: the scores of a panel's cities year by year, on the one scale that a panel has."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from interurban.errors import UsageError
from interurban.locales import message
from interurban.ratings.result import RatingResult
from interurban.reports.charts.palette import LIGHT
from interurban.reports.charts.vega import Spec, specification

_TICKS = 12
_NAMED = 8  # more lines than these cannot be told apart by colour


def time_chart(result: RatingResult, names: Mapping[str, str], language: str, width: int = 760) -> Spec:
    """A line per city, broken where a year has no score; coloured are those that stand first in the last year that has any.

    Raises:
        UsageError: the rating is of no panel.
    """
    if result.years is None:
        raise UsageError(message("charts.rating_no_years", language, rating=result.definition.id), rating=result.definition.id)
    rows = zip(result.cities, result.years, result.scores().tolist(), strict=True)
    scores = {(city, year): score for city, year, score in rows if not math.isnan(score)}
    years = list(range(min(result.years), max(result.years) + 1))
    values = [
        {"city": names.get(city, city), "year": year, "score": scores.get((city, year))}
        for city in sorted({city for city, _ in scores}) for year in years
    ]
    last = max((year for _, year in scores), default=0)
    first = sorted((-score, city) for (city, year), score in scores.items() if year == last)[:_NAMED]
    named = [names.get(city, city) for _, city in first]
    leading = {"field": "city", "oneOf": named}
    colour = {
        "field": "city", "type": "nominal", "legend": {"orient": "right", "title": None},
        "scale": {"domain": named, "range": [LIGHT[f"series-{1 + place}"] for place in range(len(named))]},
    }
    body = {
        "data": {"values": values},
        "encoding": {
            "x": {"field": "year", "type": "quantitative", "title": message("charts.rating_year", language), "scale": {"nice": False},
                  "axis": {"format": "d", "values": years[:: 1 + len(years) // _TICKS]}},
            "y": {"field": "score", "type": "quantitative", "title": message("charts.rating_score", language), "scale": {"zero": False}},
            "detail": {"field": "city"},
        },
        "layer": [
            _lines({"not": leading}, color=LIGHT["bar"], point={"color": LIGHT["bar"], "size": 20}, strokeWidth=1.2),
            {**_lines(leading, point=True, strokeWidth=2.2), "encoding": {"color": colour}},
        ],
    }
    title = f"{result.definition.names.get(language, result.definition.id)}: {message('charts.rating_time', language)}"
    return specification(body, title=title, width=width, height=420)


def _lines(wanted: Mapping[str, Any], **style: Any) -> dict[str, Any]:
    return {"transform": [{"filter": wanted}], "mark": {"type": "line", **style}}
