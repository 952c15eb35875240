"""Course of an indicator over the years: a line for each city with its interval, named at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from interurban.indicators.figures import Figure, unbroken
from interurban.reports.charts.palette import LIGHT
from interurban.reports.charts.vega import Spec, specification

NARROW = 500
"""Below this width, in points, a legend stands above the lines instead of names at their ends."""


@dataclass(frozen=True, slots=True)
class Line:
    """The course of one city, in the order of time."""

    name: str
    figures: Sequence[Figure]


def trend_chart(lines: Sequence[Line], title: str, unit: str, *, scale: str = "linear", width: int = 760) -> Spec:
    """Lines over the years, broken where figures are not comparable; `scale` is "linear" (from 0) or "log" (figures of 0 and less are
    left out)."""
    values = [
        {"city": line.name, "part": part, "year": figure.year, "value": figure.value, "lower": figure.lower, "upper": figure.upper,
         "is_alone": len(figures) == 1}
        for line in lines for part, figures in enumerate(unbroken(line.figures)) for figure in figures
        if scale == "linear" or figure.lower > 0
    ]
    ends = [{"city": line.name, "year": line.figures[-1].year, "value": line.figures[-1].value} for line in lines if line.figures]
    names = [line.name for line in lines]
    legend = {"orient": "top", "title": None, "offset": 22, "symbolOpacity": 1}  # above the unit; the symbol would be as faint as the bands
    colour = {
        "field": "city", "type": "nominal", "legend": legend if width < NARROW else None,
        "scale": {"domain": names, "range": [LIGHT[f"series-{1 + place % 10}"] for place in range(len(names))]},
    }
    year = {
        "field": "year", "type": "quantitative", "title": None, "scale": {"zero": False, "nice": False},
        "axis": {"format": "d", "tickMinStep": 1, "grid": False, "tickCount": width // 90},
    }
    value = {
        "field": "value", "type": "quantitative", "title": unit,
        "axis": {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "start", "titleX": 0, "titleY": -8},
        "scale": {"type": scale, "zero": scale == "linear"},
    }
    labels = {
        "data": {"values": ends}, "mark": {"type": "text", "align": "left", "dx": 8, "fontWeight": "bold"},
        "encoding": {"x": year, "y": value, "text": {"field": "city"}, "color": colour},
    }
    part = {"field": "part", "type": "nominal"}
    layer = [
        {"mark": {"type": "area", "opacity": 0.14},
         "encoding": {"x": year, "y": {**value, "field": "lower"}, "y2": {"field": "upper"}, "color": colour, "detail": part}},
        {"mark": {"type": "line", "strokeWidth": 2.2, "point": {"size": 34}},
         "encoding": {"x": year, "y": value, "color": colour, "detail": part}},
        # A band of one year has no width.
        {"mark": {"type": "rule", "strokeWidth": 2, "opacity": 0.4}, "transform": [{"filter": "datum.is_alone"}],
         "encoding": {"x": year, "y": {**value, "field": "lower"}, "y2": {"field": "upper"}, "color": colour}},
    ]
    is_narrow = width < NARROW
    room = 12 + 8 * max((len(name) for name in names), default=0)  # for the names at the ends of the lines
    padding = {"left": 4, "top": 22, "bottom": 4, "right": 4 if is_narrow else room}
    body = {"data": {"values": values}, "layer": layer if is_narrow else [*layer, labels], "padding": padding}
    return specification(body, title=title, width=width, height=280 if is_narrow else 360)
