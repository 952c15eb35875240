"""A city's own diagnosis by the climate agenda: its answers against the cities of the baseline, nothing kept anywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from interurban.errors import UsageError
from interurban.indicators.baseline.tables import baseline_cities, baseline_observations
from interurban.indicators.rating_files import read_rating
from interurban.indicators.rating_table import check_columns, chosen_of, rating_columns, table_of
from interurban.locales import message
from interurban.model.city import City
from interurban.ratings.definition import Definition
from interurban.ratings.definition.parse import changed
from interurban.ratings.questions.gains import Gain, marginal_gains
from interurban.ratings.rate import rate
from interurban.ratings.result import RatingResult
from interurban.ratings.runs.uncertainty import uncertainty

OWN = "answers"
_GAINS, _PEERS, _RUNS, _SEED = 5, 5, 500, 1
_SHARED = 2  # directions that a peer must have in common
_BASE_TEMPERATURE = 18.0


@dataclass(frozen=True, slots=True)
class Peer:
    """A city of the baseline whose directions stand alike: root of the mean squared difference in points, over those both have."""

    city: str
    distance: float
    score: float


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the answers give; `score` and ranks are None where too little is known. `directions` stand weakest first.

    `stand_ins` are the figures of the country that stood in for what was not answered.
    """

    score: float | None
    rank: int | None
    rank_low: float | None
    rank_high: float | None
    cities: int
    known_share: float
    directions: Mapping[str, float]
    missing: tuple[str, ...]
    gains: tuple[Gain, ...]
    peers: tuple[Peer, ...]
    stand_ins: tuple[str, ...]


def diagnose(values: Mapping[str, float], country: str = "", city: str = "") -> Diagnosis:
    """Score, weakest directions, what moves the score most, and peers.

    The reference is frozen: the shipped definition, whose goalposts do not depend on who is rated, over the baseline of the package.

    Args:
        values: checked answers in the units of the form.
        country: two letters, whose electricity stands in for what was not answered; "": nothing stands in.
        city: id of the city in the baseline that answers; its figures there stand in too, and it is no reference of its own.

    Raises:
        UsageError: the baseline has no such city.
    """
    if city and city not in baseline_cities():
        raise UsageError(message("baseline.no_city", city=city, known=", ".join(baseline_cities())), city=city)
    definition, found = reference_definition(), dict(_reference())
    country = baseline_cities()[city].city.country if city else country.upper()
    own = {code: row for (name, code), row in found.items() if name == city}
    own |= {code: row for code, row in _of_country(country).items() if code not in own}
    own |= {code: _answer(code, value) for code, value in derived_answers(values).items()}
    found = {key: row for key, row in found.items() if key[0] != city} | {
        (OWN, code): {**row, "city_id": OWN} for code, row in own.items()
    }
    cities = [each.city for each in baseline_cities().values() if each.city.id != city]
    data = table_of(found, [*cities, City(OWN, OWN, country or "XX", "UTC")], definition)
    result = rate(definition, data.table)
    stand_ins = tuple(each.indicator for each in data.used if each.city_id == OWN and each.indicator.startswith("country_"))
    return _told(result, stand_ins)


@cache
def reference_definition() -> Definition:
    """The climate agenda without its rule of who is rated: a small city may diagnose itself too."""
    return changed(read_rating("climate-agenda"), {"cities": {}})


def derived_answers(values: Mapping[str, float]) -> dict[str, float]:
    """The answers with what follows from them: shares of low carbon, amounts per inhabitant, heat by how cold it is."""
    found = dict(values)
    people = values.get("population", math.nan)
    if {"elec_share_nuclear", "elec_share_renewables"} <= set(values):
        found["elec_low_carbon_share"] = min(values["elec_share_nuclear"] + values["elec_share_renewables"], 100.0)
    if "electricity_consumption" in values and people > 0:
        found["elec_consumption_per_capita"] = values["electricity_consumption"] * 1e6 / people
    if {"heat_consumption", "mean_annual_temperature"} <= set(values) and people > 0:
        cold = max(_BASE_TEMPERATURE - values["mean_annual_temperature"], 1.0)
        found["heat_consumption_climate_adjusted"] = values["heat_consumption"] * 1e6 / people / cold
    return found


def _told(result: RatingResult, stand_ins: tuple[str, ...]) -> Diagnosis:
    at = result.cities.index(OWN)
    below = result.definition.codes(len(result.definition.levels) - 1)
    own = {code: float(result.scores(code)[at]) for code in below}
    known = dict(sorted(((code, score) for code, score in own.items() if not math.isnan(score)), key=lambda pair: pair[1]))
    missing = tuple(code for code in below if code not in known)
    scores, share = result.scores(), float(result.known_share()[at])
    ranked = int((~np.isnan(scores)).sum())
    if math.isnan(scores[at]):
        return Diagnosis(None, None, None, None, ranked, share, known, missing, (), (), stand_ins)
    spread = uncertainty(result.definition, result.table, _RUNS, _SEED).ranks()
    gains = tuple(each for each in marginal_gains(result, OWN) if each.best_gain > 0)[:_GAINS]
    return Diagnosis(
        float(scores[at]), int(result.ranks()[at]), float(spread.low[at]), float(spread.high[at]), ranked, share, known, missing, gains,
        _peers(result, at, known), stand_ins,
    )


def _peers(result: RatingResult, at: int, known: Mapping[str, float]) -> tuple[Peer, ...]:
    apart = np.array([(result.scores(code) - result.scores(code)[at]) ** 2 for code in known])
    shared = (~np.isnan(apart)).sum(axis=0)
    distance = np.sqrt(np.nansum(apart, axis=0) / np.maximum(shared, 1))
    scores = result.scores()
    order = [i for i in np.argsort(distance, kind="stable") if i != at and shared[i] >= _SHARED and not np.isnan(scores[i])]
    return tuple(Peer(result.cities[i], float(distance[i]), float(scores[i])) for i in order[:_PEERS])


@cache
def _reference() -> Mapping[tuple[str, str], dict[str, Any]]:
    """The value of the baseline for each city and code of the definition, chosen as a node chooses its answers."""
    definition = reference_definition()
    codes = {*rating_columns(definition), *check_columns(definition)}
    oldest = definition.data.oldest or 0
    rows = (
        {
            "id": each.identity(), "city_id": each.city_id, "indicator": each.indicator, "area_definition": each.area_definition,
            "time_period": each.time_period, "ends": each.days[1], "value": each.value, "unit": each.unit, "confidence": each.confidence,
            "origin": each.origin, "source": each.source, "definition_version": each.definition_version,
        }
        for each in baseline_observations()
        if each.indicator in codes and each.mode == "all" and each.days[0].year >= oldest
    )
    return chosen_of(rows, definition)


def _of_country(country: str) -> dict[str, dict[str, Any]]:
    """Figures of the country, as the first city of it in the baseline has them."""
    for city, each in baseline_cities().items():
        if country and each.city.country == country:
            return {code: row for (name, code), row in _reference().items() if name == city and code.startswith("country_")}
    return {}


def _answer(code: str, value: float) -> dict[str, Any]:
    return {
        "id": "", "city_id": OWN, "indicator": code, "area_definition": "ADM", "time_period": "", "value": value, "unit": "",
        "confidence": "C", "origin": "reported", "source": "", "definition_version": 1,
    }
