"""Ranking of cities: a bar each, with its interval and its value."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from interurban.indicators.figures import Ranked
from interurban.locales import number
from interurban.reports.charts.palette import LIGHT
from interurban.reports.charts.vega import Spec, specification


def ranking_chart(
    ranking: Sequence[Ranked], names: Mapping[str, str], chosen: Collection[str], title: str, unit: str, decimals: int, language: str,
    width: int = 760,
) -> Spec:
    """Bars from best to worst, those chosen in another colour; whiskers are the stated or proposed 90 % intervals."""
    values = [
        {
            "place": f"{each.rank}. {names[each.figure.city_id]}", "value": each.figure.value, "lower": each.figure.lower,
            "upper": each.figure.upper, "label": number(each.figure.value, decimals, language),
            "is_chosen": each.figure.city_id in chosen,
        }
        for each in ranking
    ]
    place = {"field": "place", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 220}}
    colour = {"condition": {"test": "datum.is_chosen", "value": LIGHT["series-1"]}, "value": LIGHT["bar"]}
    body = {
        "data": {"values": values}, "encoding": {"y": place},
        "layer": [
            {"mark": {"type": "bar", "height": {"band": 0.72}},
             "encoding": {"x": {"field": "value", "type": "quantitative", "title": unit}, "color": colour}},
            {"mark": {"type": "rule", "color": LIGHT["ink"]},
             "encoding": {"x": {"field": "lower", "type": "quantitative"}, "x2": {"field": "upper"}}},
            {"mark": {"type": "text", "align": "left", "dx": 6},
             "encoding": {"x": {"field": "upper", "type": "quantitative"}, "text": {"field": "label"}}},
        ],
    }
    return specification(body, title=title, width=width, height={"step": 22})
