"""A number and its lineage: value, formula, inputs, feed version, the publisher's bytes, with the version of the code."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from interurban.errors import NotFound
from interurban.indicators.catalogue import indicators
from interurban.indicators.explain import Explanation
from interurban.indicators.explain import explain as walk_back
from interurban.locales import has_message, message
from interurban.model import Observation
from interurban.web.open_node import OpenNode
from interurban.web.page_routes import PageLanguage, page_at
from interurban.web.sight import Sight, sight_headers, sight_of
from interurban.web.templating import page
from interurban.web.twins.explain import ExplainTwin

routes = APIRouter()

OPEN = "F"


@page_at(routes, "/explain/{observation}", ExplainTwin)
def explain(request: Request, node: OpenNode, language: PageLanguage, observation: str) -> Response:
    """One observation walked back to where it comes from, every hash checked."""
    explanation, sight = walk_back(node, observation), sight_of(request, node)
    if not _may_see(explanation, sight):
        # The same answer as where there is none: ids follow from what is asked, so that they can be worked out.
        raise NotFound(message("store.no_observation", id=observation), id=observation)
    told = explanation.recorded.observation
    revisions = [each for each in node.observations(told.city_id, told.indicator, told.mode, history=True)
                 if each.observation.time_period == told.time_period and _is_seen(each.observation, sight)]
    context = {
        "e": explanation, "o": told, "parameters": [_parameter(*each, language) for each in sorted(told.parameters.items())],
        "revisions": revisions, "data": plain(explanation),
    }
    answer = page(request, language, "explain.html", context)
    answer.headers.update(sight_headers(sight))
    return answer


def _may_see(explanation: Explanation, sight: Sight) -> bool:
    """Whether nothing that the number rests on is confidential to the asker."""
    return _is_seen(explanation.recorded.observation, sight) and all(_may_see(each, sight) for each in explanation.inputs)


def _is_seen(observation: Observation, sight: Sight) -> bool:
    return observation.conf_status == OPEN or sight is None or observation.city_id in sight


def plain(explanation: Explanation) -> dict[str, Any]:
    """The lineage as the JSON twin gives it; paths of this machine are not told."""
    recorded, told = explanation.recorded, explanation.recorded.observation
    return {
        "id": recorded.id, "revision": recorded.revision, "recorded_at": recorded.recorded_at.isoformat(), "city": told.city_id,
        "indicator": told.indicator, "definition_version": told.definition_version, "formula": explanation.indicator.formula,
        "time_period": told.time_period, "mode": told.mode, "value": told.value, "lower": told.lower, "upper": told.upper,
        "unit": told.unit, "status": told.status, "confidence": told.confidence, "origin": told.origin, "n": told.n,
        "area_definition": told.area_definition, "coverage": told.coverage, "source": told.source, "licence": told.licence,
        "method": told.method, "comment": told.comment,
        "parameters": dict(told.parameters), "inputs": dict(told.inputs), "code_version": told.code_version,
        "feed_versions": [
            {
                "id": each.version.id, "source_id": each.source.id, "location": each.source.public_location, "licence": each.source.licence,
                "fetched_at": each.snapshot.fetched_at.isoformat(), "sha256": each.snapshot.sha256, "bytes": each.snapshot.bytes,
                "content_hash": each.version.content_hash, "is_sound": each.is_sound and not each.damaged_tables,
                "tables": {file.table: file.sha256 for file in each.lake_files if file.rows},
            }
            for each in explanation.origins
        ],
        "service_days": [
            {"source_id": each.source.id, "date": str(each.partition.service_date), "content_hash": each.partition.content_hash,
             "is_same": each.is_same}
            for each in explanation.days
        ],
    }


def _parameter(name: str, value: object, language: str) -> tuple[str, str, str | None]:
    """A parameter as the page shows it: what it is called, what it is, and the page that it leads to, if any."""
    place, _, part = name.partition("_")
    key = f"lineage.parameter_{name}"
    label = message(key, language) if has_message(key) else name
    if name in ("numerator", "denominator") and value in indicators():
        return label, indicators()[str(value)].names[language], f"/{language}/indicator/{value}"
    if place == "numerator" and part in indicators():
        return message("lineage.part", language, indicator=indicators()[part].names[language]), str(value), f"/{language}/explain/{value}"
    return label, _written(value, language), f"/{language}/explain/{value}" if name.endswith("_observation") else None


def _written(value: object, language: str) -> str:
    if isinstance(value, bool):
        return message("lineage.yes" if value else "lineage.no", language)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
