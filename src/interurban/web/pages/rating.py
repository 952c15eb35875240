"""Ratings: ranks as intervals, what each score is made of, weights that a reader may move, what one city would gain, the archive."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

import interurban
from interurban.errors import DataError, NotFound, UsageError
from interurban.indicators.catalogue import indicators
from interurban.indicators.rating_files import read_rating, shipped_ratings
from interurban.indicators.rating_table import RatingData, rating_data
from interurban.indicators.typed_amount import typed_amount
from interurban.locales import message, number
from interurban.model import City
from interurban.model.indicator import Bounds
from interurban.ratings.archive import archive_of
from interurban.ratings.definition import Definition, WrongDefinition
from interurban.ratings.definition.parse import changed
from interurban.ratings.questions.gains import marginal_gains
from interurban.ratings.questions.what_if import WhatIf, reference_values, what_if
from interurban.ratings.rate import rate
from interurban.ratings.result import RatingResult
from interurban.ratings.runs.sensitivity import sensitivity
from interurban.ratings.runs.uncertainty import Uncertainty, uncertainty
from interurban.reports.charts.rating_charts import rank_heat_map, sensitivity_chart
from interurban.reports.charts.vega import to_svg
from interurban.store.node import Node
from interurban.web.open_node import OpenNode
from interurban.web.page_routes import PageLanguage, file_at, page_at
from interurban.web.templating import page
from interurban.web.twins.rating import RatingNameTwin, RatingTwin

routes = APIRouter()

RUNS, SEED = 500, 1
SENSITIVITY_ROWS = 100
_MOST_WEIGHT = 1000.0
GAINS = 8


@dataclass(frozen=True, slots=True)
class Made:
    """A rating that was made for a page; `result` None where no city has enough data."""

    definition: Definition
    data: RatingData | None
    result: RatingResult | None
    runs: Uncertainty | None


@page_at(routes, "/ratings", list[RatingNameTwin])
def ratings(request: Request, language: PageLanguage) -> Response:
    """The ratings that come with the program."""
    definitions = [read_rating(name) for name in shipped_ratings()]
    data = [
        {"id": each.id, "version": each.version, "name": each.names[language], "notes": each.notes.get(language)} for each in definitions
    ]
    return page(request, language, "ratings.html", {"definitions": definitions, "data": data})


@file_at(routes, "/rating/{name}/archive.json", "application/json")
def archive(node: OpenNode, language: PageLanguage, name: str) -> Response:
    """All that is needed to make the rating again elsewhere, bit for bit: `interurban rate --from FILE --verify`."""
    made = _make(node, name, ())
    if made.result is None or made.data is None:
        raise NotFound(message("ratings.no_data", language, rating=name), rating=name)
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"'}
    return JSONResponse(archive_of(made.result, made.runs, made.data.inputs(), interurban.__version__), headers=headers)


@page_at(routes, "/rating/{name}", RatingTwin)
def rating(request: Request, node: OpenNode, language: PageLanguage, name: str, city: str = "") -> Response:
    """A rating; parameters "w.<node>" give weights of the reader's own, `city` one city to look at, "v.<indicator>" other values of it."""
    definition = _definition(name)
    weights = _own_weights(request, definition, language)
    made = _make(node, name, tuple(sorted(weights.items())))
    cities = {each.id: each for each in node.catalogue.list_cities()}
    rows, left_out = _rows(made, cities, language), _left_out(made, cities, language)
    looked_at = _one_city(made, city, _other_values(request, definition, language), language) if city else None
    data = {
        "id": made.definition.id, "version": made.definition.version, "weights": dict(made.result.weights()) if made.result else {},
        "own_weights": weights, "runs": RUNS if made.runs else 0, "seed": SEED,
        "ranking": rows, "left_out": left_out,
        "groups_not_told_apart": [list(band) for band in made.runs.bands()] if made.runs else [], "city": looked_at and looked_at["data"],
    }
    context = {
        "made": made, "definition": made.definition, "rows": rows, "weights": _weights(made, weights, language), "own_weights": weights,
        "cities": cities, "city": cities.get(city), "looked_at": looked_at, "bands": made.runs.bands() if made.runs else [],
        "charts": _charts(node, _state(node), name, tuple(sorted(weights.items())), language),
        "left_out": _by_reason(made, left_out, language), "runs": RUNS, "parts": _parts(made, language),
        "wanted": [(each.code, name_of(made.definition, each.code, language)) for each in made.definition.indicators], "data": data,
    }
    return page(request, language, "rating.html", context)


def widest(node: Node, language: str) -> tuple[Definition, list[dict[str, Any]]] | None:
    """Of the shipped ratings the one that ranks most cities, with its rows; None where none ranks any."""
    made = {name: _make(node, name, ()) for name in shipped_ratings()}
    cities = {each.id: each for each in node.catalogue.list_cities()}
    rows = {name: _rows(each, cities, language) for name, each in made.items()}
    name = max(rows, key=lambda each: len(rows[each]))
    return (made[name].definition, rows[name]) if rows[name] else None


def positions(node: Node, city_id: str, language: str) -> tuple[list[dict[str, Any]], list[Definition]]:
    """Where a city stands in each shipped rating, made from what the node knows now, and the ratings for which it has too little data."""
    found, without = [], []
    for name in shipped_ratings():
        made = _make(node, name, ())
        rows = _rows(made, {}, language)
        own = next((row for row in rows if row["city"] == city_id), None)
        if own is None:
            without.append(made.definition)
        else:
            told = {key: own[key] for key in ("rank", "rank_low", "rank_high", "score", "known_share")}
            found.append({"rating": name, "version": made.definition.version, "name": made.definition.names[language], **told,
                          "count": len(rows)})
    return found, without


def _definition(name: str) -> Definition:
    if name not in shipped_ratings():
        raise NotFound(message("ratings.no_definition", path=name, known=", ".join(shipped_ratings())), rating=name)
    return read_rating(name)


def _make(node: Node, name: str, weights: Sequence[tuple[str, float]]) -> Made:
    _definition(name)
    return _made(node, _state(node), name, tuple(weights))


def _state(node: Node) -> str:
    """Another text whenever what ratings rest on is another: figures and cities, but not each minute of a feed that is watched."""
    return f"{node.catalogue.last_change()} {len(node.catalogue.list_cities())}"


@lru_cache(maxsize=64)
def _made(node: Node, _state: str, name: str, weights: tuple[tuple[str, float], ...]) -> Made:
    """The rating as the node now knows its cities: `_state` is what the node knows, so that nothing stale is kept."""
    definition = read_rating(name)
    levels, changes = _levels(definition), dict[str, Any]()
    for code, value in weights:
        if code not in levels:
            raise UsageError(message("site.no_such_weight", code=code, allowed=", ".join(levels)), code=code)
        changes[f"levels[{levels[code]}].weights.{code}"] = value
        # Who is rated is not the reader's to say: how much must be known is measured by the published weights.
        changes[f"levels[{levels[code]}].share_weights"] = dict(definition.levels[levels[code]].weights)
    try:
        definition = changed(definition, changes)
    except WrongDefinition as wrong:
        raise UsageError(message("site.weights_useless")) from wrong
    try:
        data = rating_data(node, definition)
        result = rate(definition, data.table)
    except DataError:
        return Made(definition, None, None, None)
    runs = uncertainty(definition, data.table, RUNS, SEED) if definition.factors else None
    return Made(definition, data, result, runs)


@lru_cache(maxsize=64)
def _charts(node: Node, state: str, name: str, weights: tuple[tuple[str, float], ...], language: str) -> dict[str, str]:
    """How likely each rank is, and where the uncertainty comes from, as SVG; nothing without uncertainty or scores."""
    made = _made(node, state, name, weights)
    if made.result is None or made.runs is None or made.data is None or np.isfinite(made.result.scores()).sum() < 2:
        return {}  # one city has one rank, whatever is uncertain
    names = {city.id: city.name(language) for city in node.catalogue.list_cities()}
    found = sensitivity(made.definition, made.data.table, SENSITIVITY_ROWS, SEED)
    specs = {
        "ranks": rank_heat_map(made.result, made.runs, names, language),
        "sensitivity": sensitivity_chart(made.result, found, language),
    }
    return {chart: to_svg(spec, language) for chart, spec in specs.items()}


def _levels(definition: Definition) -> dict[str, int]:
    """The level of each node below the top, whose weight stands there; indicators keep theirs."""
    return {code: number for number, level in enumerate(definition.levels) for code, parent in level.parents.items() if parent}


def _asked(request: Request, prefix: str) -> dict[str, str]:
    """What the address says by what stands behind the prefix; a field left empty says nothing."""
    return {name.removeprefix(prefix): text for name, text in request.query_params.items() if name.startswith(prefix) and text.strip()}


def _typed(text: str, name: str, unit: str, valid: Bounds, language: str) -> float:
    """The amount typed for what is called `name`, which a fault begins with."""
    try:
        return typed_amount(text, unit, valid, language)
    except UsageError as wrong:
        raise UsageError(message("site.named_fault", language, name=name, fault=wrong.message), field=name, value=text) from wrong


def _own_weights(request: Request, definition: Definition, language: str) -> dict[str, float]:
    return {
        code: _typed(text, name_of(definition, code, language), "", Bounds(0, _MOST_WEIGHT), language)
        for code, text in _asked(request, "w.").items()
    }


def _other_values(request: Request, definition: Definition, language: str) -> dict[str, float]:
    known = {each.code: indicators()[each.code] for each in definition.indicators}
    values = {}
    for code, text in _asked(request, "v.").items():
        if code not in known:
            wrong = message("store.wrong_value", language, field="v.", value=code, allowed=", ".join(known))
            raise UsageError(wrong, field="v.", value=code)
        values[code] = _typed(text, name_of(definition, code, language), known[code].unit, known[code].valid, language)
    return values


def _rows(made: Made, cities: Mapping[str, City], language: str) -> list[dict[str, Any]]:
    """Cities by mean rank: interval first, point rank second; the score, how much it rests on, what each direction adds to it."""
    result = made.result
    if result is None:
        return []
    scores, ranks, known = result.scores(), result.ranks(), result.known_share()
    spread = made.runs.ranks() if made.runs else None
    top = len(result.definition.levels) - 1
    directions, shares = result.definition.codes(top), result.levels[top].weights
    rows = []
    for at, city in enumerate(result.cities):
        if math.isnan(scores[at]):
            continue
        own = {code: float(result.scores(code)[at]) for code in directions}
        present = sum(float(w) for code, w in zip(directions, shares, strict=True) if not math.isnan(own[code]))
        rows.append({
            "city": city, "name": cities[city].name(language) if city in cities else city, "rank": int(ranks[at]),
            "score": float(scores[at]), "known_share": float(known[at]),
            "rank_low": float(spread.low[at]) if spread else float(ranks[at]),
            "rank_high": float(spread.high[at]) if spread else float(ranks[at]),
            "mean_rank": float(spread.mean[at]) if spread else float(ranks[at]),
            "parts": {
                code: None if math.isnan(own[code]) else own[code] * float(w) / present for code, w in zip(directions, shares, strict=True)
            },
            "scores": {code: None if math.isnan(value) else value for code, value in own.items()},
        })
    return sorted(rows, key=lambda row: (row["mean_rank"], row["rank"], row["city"]))


def _left_out(made: Made, cities: Mapping[str, City], language: str) -> list[dict[str, Any]]:
    """Cities of the table without a score, by name."""
    found = made.result.without_score() if made.result else ()
    named = [{**asdict(each), "name": cities[each.city].name(language) if each.city in cities else each.city} for each in found]
    return sorted(named, key=lambda each: str(each["name"]))


def _by_reason(made: Made, left_out: Sequence[Mapping[str, Any]], language: str) -> dict[str, list[Mapping[str, Any]]]:
    """Cities without a score by the reason why."""
    reasons: dict[str, list[Mapping[str, Any]]] = {}
    for each in sorted(left_out, key=lambda each: each["why"]):
        match each["why"]:
            case "rule":
                rule = made.definition.cities.at_least
                asked = [f"{name_of(made.definition, code, language)} ≥ {number(least, 0, language)}" for code, least in rule.items()]
                reason = message("site.left_out_rule", language, rule=", ".join(asked) or ", ".join(made.definition.cities.codes))
            case "screen":
                reason = message("site.left_out_screen", language)
            case _:
                missing = [name_of(made.definition, code, language) for code in each["missing"]]
                reason = message("site.left_out_floor", language, missing=", ".join(missing))
        reasons.setdefault(reason, []).append(each)
    return reasons


def _parts(made: Made, language: str) -> list[tuple[str, str]]:
    """The directions below the top with their names."""
    top = len(made.definition.levels) - 1
    return [(code, name_of(made.definition, code, language)) for code in made.definition.codes(top)]


def _weights(made: Made, own: Mapping[str, float], language: str) -> list[dict[str, Any]]:
    """The weights a reader may move: those of the nodes below the top, by their parent."""
    definition = made.definition
    listed = []
    for level in reversed(definition.levels):
        for code, parent in level.parents.items():
            # One that stands alone below its parent has no proportion to anything.
            if parent and list(level.parents.values()).count(parent) > 1:
                name, weight = name_of(definition, code, language), own.get(code, level.weights[code])
                listed.append({"code": code, "name": name, "weight": weight, "idle": _idle(made, parent, code)})
    return listed


def _idle(made: Made, parent: str, code: str) -> bool:
    """Whether nothing is known of a node, or of any other below its parent: then its weight moves no score."""
    if made.result is None:
        return False
    scores = made.result.scores
    siblings = [each for level in made.definition.levels for each, above in level.parents.items() if above == parent]
    known = [each for each in siblings if not np.isnan(scores(each)).all()]
    return code not in known or len(known) == 1


def name_of(definition: Definition, code: str, language: str) -> str:
    """Name of an indicator or node of a rating."""
    for each in definition.indicators:
        if each.code == code and each.names.get(language):
            return each.names[language]
    for level in definition.levels:
        if code in level.parents:
            return level.names.get(code, {}).get(language) or (definition.names[language] if code == definition.top else code)
    return indicators()[code].names[language] if code in indicators() else code


def _one_city(made: Made, city: str, values: Mapping[str, float], language: str) -> dict[str, Any] | None:
    """One city: its values, what it would gain from a tenth more or less, and what other values would give."""
    result = made.result
    if result is None or city not in result.cities:
        return None
    present = reference_values(result, city)
    gains = [gain for gain in marginal_gains(result, city) if gain.best_gain > 0][:GAINS]
    asked: WhatIf | None = what_if(result, city, values) if values else None
    rows: list[dict[str, Any]] = [
        {
            "indicator": indicators()[code], "name": name_of(made.definition, code, language), "value": _known(value),
            "asked": values.get(code),
            "score": _known(result.scores(code)[result.cities.index(city)]),
        }
        for code, value in present.items()
    ]
    data: dict[str, Any] = {
        "city": city, "values": {row["indicator"].code: row["value"] for row in rows},
        "what_if": asked and asdict(asked),
    }
    data["gains"] = [asdict(gain) for gain in gains]
    named = [(name_of(made.definition, gain.indicator, language), indicators()[gain.indicator], gain) for gain in gains]
    return {"rows": rows, "gains": named, "asked": asked, "data": data}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
