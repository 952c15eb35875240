"""Charts of a rating: intervals first, how likely each rank is, what scores are made of, where the uncertainty comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from interurban.locales import message, number
from interurban.ratings.result import RatingResult
from interurban.ratings.runs.sensitivity import Sensitivity
from interurban.ratings.runs.uncertainty import Uncertainty
from interurban.reports.charts.palette import LIGHT, SEQUENCE
from interurban.reports.charts.vega import Spec, specification
from interurban.reports.rating_tables import name_in

_STEP = 18
_DESCRIBED = 4
_NAME_WIDTH, _NAME_HEIGHT = 16, 3  # of a name in the scatter plot, in points of score


def interval_chart(result: RatingResult, runs: Uncertainty, names: Mapping[str, str], language: str, width: int = 760) -> Spec:
    """The 90 % interval of each city's rank as a bar, the point rank as a tick, best mean rank first."""
    spread, ranks = runs.ranks(), result.ranks()
    values = [
        {"city": _name(names, runs.cities[i]), "low": float(spread.low[i]), "high": float(spread.high[i]), "rank": float(ranks[i]),
         "label": f"{number(spread.low[i], 0, language)}–{number(spread.high[i], 0, language)}"}
        for i in _by_mean(runs)
    ]
    rank = {"type": "quantitative", "title": _text("rank", language), "scale": {"domain": [1, max(len(values), 2)], "nice": False}}
    body = {
        "data": {"values": values}, "encoding": {"y": _cities()},
        "layer": [
            {"mark": {"type": "bar", "height": {"band": 0.6}, "color": LIGHT["bar"]},
             "encoding": {"x": {"field": "low", **rank}, "x2": {"field": "high"}}},
            {"mark": {"type": "tick", "color": LIGHT["series-1"], "thickness": 3}, "encoding": {"x": {"field": "rank", **rank}}},
        ],
    }
    return specification(body, title=_title(result, "intervals", language), width=width, height={"step": _STEP})


def rank_heat_map(result: RatingResult, runs: Uncertainty, names: Mapping[str, str], language: str, width: int = 760) -> Spec:
    """Share of runs in which each city stood at each rank: a row each, dark where it mostly stood."""
    at_most = runs.rank_at_most()
    share = np.diff(at_most, axis=1, prepend=0.0)
    order = _by_mean(runs)
    values = [
        {"city": _name(names, runs.cities[i]), "rank": k + 1, "share": round(100 * float(share[i, k]), 2)}
        for i in order for k in range(len(order)) if share[i, k] > 0
    ]
    every = max(1, len(order) // 15)
    rank = {
        "field": "rank", "type": "ordinal", "title": _text("rank", language),
        "axis": {"labelAngle": 0, "labelExpr": f"datum.value % {every} == 0 || datum.value == 1 ? datum.label : ''"},
        "scale": {"domain": list(range(1, len(order) + 1))},
    }
    colour = {
        "field": "share", "type": "quantitative", "title": _text("share_of_runs", language),
        "scale": {"range": list(SEQUENCE), "type": "sqrt", "domainMin": 0},
    }
    body = {
        "data": {"values": values}, "mark": {"type": "rect"}, "encoding": {"y": _cities(), "x": rank, "color": colour},
    }
    return specification(body, title=_title(result, "heat_map", language), width=width, height={"step": _STEP})


def contribution_chart(result: RatingResult, names: Mapping[str, str], language: str, width: int = 760) -> Spec:
    """Points that each part below the top adds to a city's score, over the parts that it has."""
    definition, top = result.definition, len(result.definition.levels) - 1
    codes, weights = definition.codes(top), result.levels[top].weights
    scores = np.array([result.scores(code) for code in codes])
    present = np.where(np.isnan(scores), 0.0, weights[:, None])
    points = np.nan_to_num(scores) * present / np.maximum(present.sum(axis=0), 1e-12)
    values = [
        {"city": _name(names, result.cities[i]), "part": name_in(definition, code, language), "points": float(points[k, i]), "order": k}
        for i in _by_rank(result) for k, code in enumerate(codes) if present[k, i] > 0
    ]
    body = {
        "data": {"values": values}, "mark": {"type": "bar", "height": {"band": 0.72}},
        "encoding": {
            "y": _cities(), "order": {"field": "order", "type": "quantitative"},
            "x": {"field": "points", "type": "quantitative", "title": _text("points", language)}, "color": _parts(result, language),
        },
    }
    return specification(body, title=_title(result, "contributions", language), width=width, height={"step": _STEP})


def profile_chart(result: RatingResult, city: str, names: Mapping[str, str], language: str, width: int = 760) -> Spec:
    """One city by indicator: its score as a point on the range of all cities, the middle of them as a tick."""
    at, values = result.cities.index(city), []
    for code in result.definition.codes(0):
        scores = result.scores(code)
        if not math.isnan(scores[at]):
            low, middle, high = np.nanquantile(scores, [0, 0.5, 1])
            values.append({
                "indicator": name_in(result.definition, code, language), "score": float(scores[at]), "low": float(low),
                "middle": float(middle), "high": float(high),
            })
    row = {"field": "indicator", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 460}}
    score = {"type": "quantitative", "title": _text("score", language), "scale": {"domain": [0, 100]}}
    body = {
        "data": {"values": values}, "encoding": {"y": row},
        "layer": [
            {"mark": {"type": "bar", "height": 5, "color": LIGHT["line"]},
             "encoding": {"x": {"field": "low", **score}, "x2": {"field": "high"}}},
            {"mark": {"type": "tick", "color": LIGHT["ink-soft"]}, "encoding": {"x": {"field": "middle", **score}}},
            {"mark": {"type": "point", "filled": True, "size": 90, "color": LIGHT["series-1"]},
             "encoding": {"x": {"field": "score", **score}}},
        ],
    }
    title = f"{_name(names, city)}: {_title(result, 'profile', language)}"
    return specification(body, title=title, width=width, height={"step": 26})


def sensitivity_chart(result: RatingResult, found: Sensitivity, language: str, width: int = 760) -> Spec:
    """Sobol's indices of each factor on the mean shift of ranks, first and total order, with their 90 % intervals."""
    values = []
    for i, factor in enumerate(result.definition.factors):
        name = message(f"charts.rating_factor_{factor.kind}", language) + (f" ({factor.code})" if factor.kind == "choice" else "")
        for order, (value, low, high) in {
            "first": (found.rank_shift.first, found.rank_shift.first_low, found.rank_shift.first_high),
            "total": (found.rank_shift.total, found.rank_shift.total_low, found.rank_shift.total_high),
        }.items():
            values.append({
                "factor": name, "order": _text(f"order_{order}", language), "value": float(value[i, 0]), "low": float(low[i, 0]),
                "high": float(high[i, 0]),
            })
    orders = [_text("order_first", language), _text("order_total", language)]
    row = {"field": "factor", "type": "nominal", "sort": None, "title": None}
    offset = {"field": "order", "type": "nominal", "sort": orders}
    colour = {
        "field": "order", "type": "nominal", "legend": {"orient": "top", "title": None},
        "scale": {"domain": orders, "range": [LIGHT["series-2"], LIGHT["bar"]]},
    }
    share = {"type": "quantitative", "title": _text("share_of_variance", language), "axis": {"tickCount": 6}}
    body = {
        "data": {"values": values}, "encoding": {"y": row, "yOffset": offset},
        "layer": [
            {"mark": {"type": "bar"}, "encoding": {"x": {"field": "value", **share}, "color": colour}},
            {"mark": {"type": "rule"}, "encoding": {"x": {"field": "low", **share}, "x2": {"field": "high"}}},
        ],
    }
    return specification(body, title=_title(result, "sensitivity", language), width=width, height={"step": 22})


def pillar_scatter(result: RatingResult, codes: tuple[str, str], names: Mapping[str, str], language: str, width: int = 760) -> Spec:
    """Cities by two parts of the rating; the first and the last of each are named, so that no names cover each other much."""
    x, y = (result.scores(code) for code in codes)
    known = [i for i in range(len(result.cities)) if not (math.isnan(x[i]) or math.isnan(y[i]))]
    named = _apart([i for part in (x, y) for i in _ends(known, part)], x, y)
    values = []
    for i in known:
        name = _name(names, result.cities[i])
        values.append({"city": name, "x": float(x[i]), "y": float(y[i]), "label": name if i in named else ""})
    axes = [
        {"field": field, "type": "quantitative", "title": name_in(result.definition, code, language), "scale": {"domain": [0, 105]}}
        for field, code in zip("xy", codes, strict=True)
    ]
    body = {
        "data": {"values": values}, "encoding": {"x": axes[0], "y": axes[1]},
        "layer": [
            {"mark": {"type": "point", "filled": True, "size": 60, "color": LIGHT["series-2"], "opacity": 0.75}},
            {"mark": {"type": "text", "align": "left", "dx": 7, "dy": -4}, "encoding": {"text": {"field": "label"}}},
        ],
    }
    return specification(body, title=_title(result, "scatter", language), width=width, height=480)


def _ends(known: Sequence[int], scores: Any) -> Sequence[int]:
    ordered = sorted(known, key=lambda i: float(scores[i]))
    return [*ordered[:_DESCRIBED], *ordered[-_DESCRIBED:]]


def _apart(wanted: Sequence[int], x: Any, y: Any) -> set[int]:
    """Those of `wanted` whose names do not cover the name of one before them."""
    named: set[int] = set()
    for i in wanted:
        if all(abs(x[i] - x[k]) > _NAME_WIDTH or abs(y[i] - y[k]) > _NAME_HEIGHT for k in named if k != i):
            named.add(i)
    return named


def _by_mean(runs: Uncertainty) -> list[int]:
    mean = runs.ranks().mean
    return [int(i) for i in np.lexsort((np.array(runs.cities), mean)) if not np.isnan(mean[i])]


def _by_rank(result: RatingResult) -> list[int]:
    ranks = result.ranks()
    return [int(i) for i in np.lexsort((np.array(result.cities), ranks)) if not np.isnan(ranks[i])]


def _parts(result: RatingResult, language: str) -> dict[str, Any]:
    every = result.definition.codes(len(result.definition.levels) - 1)
    codes = [code for code in every if not np.isnan(result.scores(code)).all()]
    domain = [name_in(result.definition, code, language) for code in codes]
    colours = [LIGHT[f"series-{1 + every.index(code) % 10}"] for code in codes]
    return {
        "field": "part", "type": "nominal", "legend": {"orient": "top", "title": None}, "scale": {"domain": domain, "range": colours},
    }


def _cities() -> dict[str, Any]:
    return {"field": "city", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 220}}


def _name(names: Mapping[str, str], city: str) -> str:
    return names.get(city, city)


def _title(result: RatingResult, chart: str, language: str) -> str:
    return f"{result.definition.names.get(language, result.definition.id)}: {_text(chart, language)}"


def _text(key: str, language: str) -> str:
    return message(f"charts.rating_{key}", language)
