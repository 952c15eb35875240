"""Results of a rating as observations: score and rank of each city with their intervals, walked back to what they rest on."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
from collections.abc import Mapping, Sequence

import numpy as np

from interurban.errors import UsageError
from interurban.indicators.catalogue import indicators
from interurban.indicators.rating_table import UsedValue
from interurban.locales import message
from interurban.model.observation import Observation
from interurban.ratings.definition import Definition
from interurban.ratings.result import RatingResult
from interurban.ratings.runs.uncertainty import Spread, Uncertainty
from interurban.store.code import code_version

_PARTS = ("score", "rank")


def rating_observations(result: RatingResult, runs: Uncertainty | None, used: Sequence[UsedValue]) -> list[Observation]:
    """One observation of the score and one of the rank of each city that has them.

    They speak of the year of the newest value used. `coverage` is the share of the weight that is known, `n` how many cities are ranked,
    `lower` and `upper` the 90 % interval of the runs; confidence is that of the least certain value of the city.

    Raises:
        UsageError: the catalogue has no indicators for the results of this rating.
    """
    codes = {part: _code(result.definition, part) for part in _PARTS}
    values = {"score": result.scores(), "rank": result.ranks()}
    spreads: Mapping[str, Spread | None] = {"score": runs.scores() if runs else None, "rank": runs.ranks() if runs else None}
    known, ranked = result.known_share(), int((~np.isnan(result.scores())).sum())
    year = max(int(each.time_period[:4]) for each in used)
    parameters = _parameters(result.definition, runs)
    found = []
    for row, city in enumerate(result.cities):
        if math.isnan(values["score"][row]):
            continue
        inputs = [each for each in used if each.city_id == city]
        for part, code in codes.items():
            definition, spread = indicators()[code], spreads[part]
            confidence = max((each.confidence for each in inputs), default="D")
            status = "E" if confidence == "D" else "A"
            found.append(Observation(
                city, code, definition.version, definition.unit, float(values[part][row]), status, code_version(),
                period_start=dt.date(year, 1, 1), period_end=dt.date(year, 12, 31), n=ranked, coverage=float(known[row]), origin="rating",
                parameters=parameters, inputs={each.indicator: each.id for each in inputs if each.id}, confidence=confidence,
                lower=float(spread.low[row]) if spread else None, upper=float(spread.high[row]) if spread else None,
            ))
    return found


def _code(definition: Definition, part: str) -> str:
    code = f"rating_{definition.id.replace('-', '_')}_{part}"
    if code not in indicators():
        raise UsageError(message("ratings.not_in_catalogue", rating=definition.id, indicator=code), rating=definition.id)
    return code


def _parameters(definition: Definition, runs: Uncertainty | None) -> dict[str, object]:
    text = json.dumps(definition.raw, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    drawn = {"runs": len(runs.runs.scores), "seed": runs.runs.seed} if runs else {"runs": 0}
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return {"rating": definition.id, "rating_version": definition.version, "definition_sha256": sha256, **drawn}
