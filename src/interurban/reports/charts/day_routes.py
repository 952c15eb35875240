"""A service day: of each ranked route the share on time, of what was seen and of what was promised."""

from __future__ import annotations

from typing import Any

from interurban.indicators.reliability_report import DayReport
from interurban.indicators.reliability_text import route_text
from interurban.locales import message
from interurban.reports.charts.palette import LIGHT
from interurban.reports.charts.vega import Spec, specification

MOST = 25
_STEP = 20


def day_chart(report: DayReport, language: str, width: int = 760) -> Spec:
    """The first `MOST` of the ranked routes, the worst first, as in the table: two marks each, joined by what was dropped or not seen."""
    shown = report.ranked[:MOST]
    names = {"seen": message("charts.day_of_seen", language), "promised": message("charts.day_of_promised", language)}
    rows = [
        (f"{place}. {route_text(line)}", name, share)
        for place, line in enumerate(shown, 1)
        for name, share in (("seen", line.on_time_share), ("promised", line.on_time_of_scheduled)) if share is not None
    ]
    values = [{"route": route, "of": names[name], "share": 100 * share} for route, name, share in rows]
    route = {"field": "route", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": width // 4, "grid": False}}
    share: dict[str, Any] = {
        "field": "share", "type": "quantitative", "title": message("charts.day_on_time", language), "scale": {"domain": [0, 100]},
        "axis": {"tickCount": 5},
    }
    of = {
        "field": "of", "type": "nominal", "legend": {"orient": "top", "title": None},
        "scale": {"domain": list(names.values()), "range": [LIGHT["series-2"], LIGHT["series-4"]]},
    }
    shape = {**of, "scale": {"domain": list(names.values()), "range": ["circle", "diamond"]}}
    body = {
        "data": {"values": values}, "encoding": {"y": route},
        "layer": [
            {"mark": {"type": "line", "color": LIGHT["bar"], "strokeWidth": 3}, "encoding": {"x": share, "detail": {"field": "route"}}},
            {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 1}, "encoding": {"x": share, "color": of, "shape": shape}},
        ],
    }
    return specification(body, title=message("charts.day_title", language), width=width, height={"step": _STEP})
