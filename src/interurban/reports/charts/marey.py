"""The time-space (Marey) chart of a route's day.

Time runs to the right, the route upwards: a line per run, steep where it is fast, flat where it waits. Thin grey lines are the timetable,
coloured ones what happened, dashed ones runs of the timetable that nobody saw.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from interurban.locales import message
from interurban.operations.marey import Place, Row, TimeSpace
from interurban.reports.charts.palette import LIGHT
from interurban.reports.charts.vega import Spec, specification

DELAYS = {
    "early": LIGHT["series-2"], "on_time": LIGHT["series-3"], "late": LIGHT["series-4"], "very_late": LIGHT["series-1"],
    "unknown": LIGHT["ink"],
}
PLANS = {"planned": (LIGHT["series-9"], [1, 0]), "missing": (LIGHT["series-8"], [4, 3])}
WIDTH, HEIGHT = 1400, 760
_LABELS = 32


def marey_chart(day: TimeSpace, language: str) -> Spec:
    """The chart; its title is the route and the date, where it leads stands in `marey_note`."""
    where = _where(day, language)
    body = {
        "data": {"values": [_with_text(line, language) for line in day.lines]},
        "layer": _layers(where, language),
        "resolve": {"scale": {"color": "independent", "strokeDash": "independent"}},
    }
    title = message("journey.chart_title", language, route=day.route_name, date=day.service_date.isoformat())
    return specification(body, title=title, width=WIDTH, height=HEIGHT)


def marey_note(day: TimeSpace, language: str) -> str:
    """Where the direction leads, and whose time it is."""
    return message("journey.chart_subtitle", language, to=day.places[-1][1], timezone=day.timezone)


def _where(day: TimeSpace, language: str) -> dict[str, Any]:
    """Time to the right; upwards the stops, by their names."""
    shown = _labelled(day.places)
    names = {str(round(metres)): name for _, name, metres in shown}
    x = {
        "field": "from", "type": "temporal", "title": message("journey.chart_time", language),
        "axis": {"format": "%H:%M", "grid": True, "tickCount": 16},
        "scale": {"type": "utc", "nice": False} | ({"domain": list(day.window)} if day.window else {}),
    }
    y = {
        "field": "y", "type": "quantitative", "title": None,
        "scale": {"nice": False, "zero": False, "domain": [day.places[0][2], day.places[-1][2]], "padding": 6},
        "axis": {
            "values": [round(metres) for _, _, metres in shown], "labelExpr": f"({_javascript(names)})[round(datum.value)]",
            "labelLimit": 220,
        },
    }
    return {"x": x, "x2": {"field": "to"}, "y": y, "y2": {"field": "y2"}}


def _layers(where: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """The timetable below what happened, dots above both."""
    colours = {name: colour for name, (colour, _) in PLANS.items()}
    dashes = _scale("plan", {name: dash for name, (_, dash) in PLANS.items()}, language)
    return [
        _layer("schedule", {"type": "rule", "strokeWidth": 1.2}, {
            **where, "color": _colour("plan", colours, language), "strokeDash": {"field": "shown", "legend": None, "scale": dashes},
        }),
        _layer("actual", {"type": "rule", "strokeWidth": 2, "strokeCap": "round"}, {**where, "color": _colour("delay", DELAYS, language)}),
        _layer("dot", {"type": "point", "filled": True, "opacity": 1, "size": 36}, {
            "x": where["x"], "y": where["y"], "color": _colour("delay", DELAYS, language) | {"legend": None},
        }),
    ]  # fmt: skip


def _layer(kind: str, mark: Mapping[str, Any], encoding: Mapping[str, Any]) -> dict[str, Any]:
    return {"transform": [{"filter": f"datum.kind == '{kind}'"}], "mark": {"clip": True, **mark}, "encoding": encoding}


def _with_text(line: Row, language: str) -> dict[str, Any]:
    return {**line, "shown": _said("plan" if line["kind"] == "schedule" else "delay", line["class"], language)}


def _said(area: str, name: str, language: str) -> str:
    return message(f"journey.plan_{name}" if area == "plan" else f"journey.delay_{name}", language)


def _colour(area: str, colours: Mapping[str, str], language: str) -> dict[str, Any]:
    legend = {
        "title": _said(area, "legend", language), "symbolType": "stroke", "symbolStrokeWidth": 3, "symbolSize": 300, "orient": "top",
        "labelLimit": 0,
    }
    return {"field": "shown", "type": "nominal", "scale": _scale(area, colours, language), "legend": legend}


def _scale(area: str, values: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {"domain": [_said(area, name, language) for name in values], "range": list(values.values())}


def _labelled(places: Sequence[Place]) -> list[Place]:
    """The stops whose names fit beside each other: both ends, and of the others those far enough from the one before."""
    room = (places[-1][2] - places[0][2]) / _LABELS
    shown = [places[0]]
    for place in places[1:-1]:
        if place[2] - shown[-1][2] >= room and places[-1][2] - place[2] >= room:
            shown.append(place)
    return [*shown, places[-1]] if len(places) > 1 else shown


def _javascript(names: Mapping[str, str]) -> str:
    """An object of Vega's expression language, from names that somebody else wrote."""
    return json.dumps(names, ensure_ascii=False).replace("\u2028", " ").replace("\u2029", " ")
