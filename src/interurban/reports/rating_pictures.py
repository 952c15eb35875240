"""All charts of a rating, and writing them: the specification as data, a picture for pages, a picture for papers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from interurban.ratings.result import RatingResult
from interurban.ratings.runs.sensitivity import sensitivity
from interurban.ratings.runs.uncertainty import Uncertainty
from interurban.reports.charts.rating_charts import (
    contribution_chart,
    interval_chart,
    pillar_scatter,
    profile_chart,
    rank_heat_map,
    sensitivity_chart,
)
from interurban.reports.charts.rating_time import time_chart
from interurban.reports.charts.vega import Spec, to_png, to_svg

SENSITIVITY_ROWS = 500


def rating_charts(result: RatingResult, runs: Uncertainty | None, names: Mapping[str, str], language: str) -> dict[str, Spec]:
    """The charts by name; without runs those of uncertainty are left out, and a scatter where fewer than two parts are known.

    A panel is drawn over its years: the other charts would put a city's years on top of each other.
    """
    if result.years is not None:
        return {"time": time_chart(result, names, language)}
    drawn = {"contributions": contribution_chart(result, names, language)}
    top = result.definition.codes(len(result.definition.levels) - 1)
    parts = [code for code in top if not np.isnan(result.scores(code)).all()]
    if len(parts) > 1:
        drawn["scatter"] = pillar_scatter(result, (parts[0], parts[1]), names, language)
    if runs is not None:
        drawn["intervals"] = interval_chart(result, runs, names, language)
        drawn["ranks"] = rank_heat_map(result, runs, names, language)
        found = sensitivity(result.definition, result.table, SENSITIVITY_ROWS, runs.runs.seed)
        drawn["sensitivity"] = sensitivity_chart(result, found, language)
    known = [city for city, score in zip(result.cities, result.scores(), strict=True) if not np.isnan(score)]
    return drawn | {f"profile-{city}": profile_chart(result, city, names, language) for city in known}


def write_charts(drawn: Mapping[str, Spec], folder: Path, language: str) -> None:
    """Each chart as `<name>.vl.json`, `<name>.svg` and `<name>.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, spec in drawn.items():
        (folder / f"{name}.vl.json").write_text(json.dumps(spec, ensure_ascii=False, indent=1), encoding="utf-8")
        (folder / f"{name}.svg").write_text(to_svg(spec, language, theme="light"), encoding="utf-8")
        (folder / f"{name}.png").write_bytes(to_png(spec, language))
