"""A city's own diagnosis: a form in steps and, on the same page, what the answers give; nothing that is sent is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from babel import Locale
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from interurban.indicators.baseline.tables import baseline_cities
from interurban.indicators.catalogue import indicators
from interurban.indicators.diagnosis import Diagnosis, diagnose, reference_definition
from interurban.indicators.diagnosis_form import Field, FormStep, check_answers, climate_form
from interurban.indicators.rating_files import read_rating
from interurban.locales import message
from interurban.web.page_routes import PageLanguage, page_at
from interurban.web.pages.rating import name_of
from interurban.web.templating import LOCALES, page
from interurban.web.twins.diagnosis import DiagnosisTwin

routes = APIRouter()

_DOCUMENT = "document."
_MOST_PARTS = 200


async def _sent(request: Request) -> Mapping[str, str]:
    """The texts of the form's own fields; whatever else was sent is not looked at."""
    async with request.form(max_files=0, max_fields=_MOST_PARTS) as form:
        texts = {name: value.strip() for name in _names() if isinstance(value := form.get(name), str)}
    return {name: text for name, text in texts.items() if text}


Sent = Annotated[Mapping[str, str], Depends(_sent)]


@page_at(routes, "/diagnosis", DiagnosisTwin)
def form(request: Request, language: PageLanguage) -> Response:
    """The form, with nothing answered yet; as JSON its steps and fields."""
    return _page(request, language, {})


@routes.post("/diagnosis", include_in_schema=False)
def diagnosis(request: Request, language: PageLanguage, sent: Sent) -> Response:
    """The form with its faults (status 422), each beside its field, or with what the answers give."""
    country = sent.get("country", "")
    codes = [each.code for each in _fields() if each.code in sent]
    raw = {code: {"value": sent[code], "document": sent.get(_DOCUMENT + code, "")} for code in codes}
    checked = check_answers(raw, language)
    faults = _by_field(checked.faults)
    if country and country not in _countries(language):
        faults["country"] = [message("diagnosis.no_country", language)]
    found = None if faults else diagnose(checked.values, country)
    answer = _page(request, language, sent, faults, found, status=422 if faults else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _page(
    request: Request, language: str, sent: Mapping[str, str], faults: Mapping[str, Sequence[str]] | None = None,
    found: Diagnosis | None = None, status: int = 200,
) -> Response:
    definition = reference_definition()
    context = {
        "steps": climate_form(), "sent": sent, "faults": faults or {}, "found": found, "countries": _countries(language),
        "labels": {name: label for each in _fields() for name, label in _labels(each, language)} | {
            "country": message("diagnosis.country", language)
        },
        "peers": [(each, baseline_cities()[each.city].city.name(language)) for each in found.peers] if found else [],
        "stand_ins": [indicators()[code].names[language] for code in found.stand_ins] if found else [],
        "missing": [name_of(definition, code, language) for code in found.missing] if found else [],
        "least": read_rating(definition.id).cities.at_least["population"],
        "name": lambda code: name_of(definition, code, language),
        "data": {"rating": definition.id, "version": definition.version, "steps": [_step_data(each, language) for each in climate_form()]},
    }
    return page(request, language, "diagnosis.html", context, status)


def _fields() -> tuple[Field, ...]:
    return tuple(each for step in climate_form() for each in step.fields)


@cache
def _names() -> tuple[str, ...]:
    """Names of all that the form may send."""
    return ("country", *(name for each in _fields() for name, _ in _labels(each, "en")))


def _labels(field: Field, language: str) -> list[tuple[str, str]]:
    """The inputs of a question with their labels: the answer, and the document that shows it."""
    name = field.names[language]
    document = (_DOCUMENT + field.code, f"{name}: {message('diagnosis.document', language)}")
    return [(field.code, name), *([document] if field.wants_document else [])]


def _by_field(faults: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    """Faults by the name of the input that they stand beside; what several answers do together stands beside each of them."""
    found: dict[str, list[str]] = {}
    for places, text in faults:
        for place in places.split(", "):
            code, _, part = place.removeprefix("answers.").partition(".")
            found.setdefault(_DOCUMENT + code if part else code, []).append(text)
    return found


@cache
def _countries(language: str) -> Mapping[str, str]:
    """The countries of the baseline by name: the figures of these can stand in."""
    known = Locale.parse(LOCALES[language]).territories
    named = {code: str(known.get(code, code)) for code in {each.city.country for each in baseline_cities().values()}}
    return dict(sorted(named.items(), key=lambda pair: pair[1]))


def _step_data(step: FormStep, language: str) -> dict[str, Any]:
    fields = [
        {
            "code": each.code, "name": each.names[language], "unit": each.unit, "low": each.valid.min, "high": each.valid.max,
            "needed": each.is_needed, "wants_document": each.wants_document, "source": each.source.get(language),
        }
        for each in step.fields
    ]
    return {"code": step.code, "name": step.names[language], "at_most_100_together": [list(each) for each in step.sums], "fields": fields}
