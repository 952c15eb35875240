"""The form by which a city diagnoses itself: its steps and fields, and answers checked against it, every fault with its place."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from interurban.errors import InterurbanError
from interurban.indicators.catalogue import indicators
from interurban.indicators.typed_amount import WrongAmount, in_unit, typed_amount, within
from interurban.locales import message, number
from interurban.model.indicator import Bounds

_HUNDRED = 100.05  # shares rounded to tenths may sum to this
_LINK = re.compile(r"https?://\S{3,2000}")


@dataclass(frozen=True, slots=True)
class Field:
    """One question: the unit that its answer is kept in, what is possible, where else a figure may be taken from, by language."""

    code: str
    names: Mapping[str, str]
    unit: str
    valid: Bounds
    is_needed: bool
    wants_document: bool
    source: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FormStep:
    """Questions asked together; shares named in one of `sums` are at most 100 % together."""

    code: str
    names: Mapping[str, str]
    fields: tuple[Field, ...]
    sums: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """Checked answers in the units of the form; `faults` as (place, text) are in the way of a diagnosis."""

    values: Mapping[str, float]
    documents: Mapping[str, str]
    faults: tuple[tuple[str, str], ...]


@cache
def climate_form() -> tuple[FormStep, ...]:
    """The steps of the form of the climate agenda."""
    text = files("interurban.ratings").joinpath("forms", "climate.toml").read_text(encoding="utf-8")
    raw = tomllib.loads(text)
    steps = []
    for step in raw["steps"]:
        fields, sums = (_field(each, raw) for each in step["fields"]), (tuple(each) for each in step.get("sums", ()))
        steps.append(FormStep(step["code"], step["names"], tuple(fields), tuple(sums)))
    return tuple(steps)


def check_answers(raw: Mapping[str, Any], language: str | None = None) -> Answers:
    """Answers by field, each a number, a text of number and unit ("5,2 TWh"), or a table with `value`, `unit` and `document`.

    Missing: a field that is not answered is left out, and so is an empty text.
    """
    fields = {each.code: each for step in climate_form() for each in step.fields}
    values: dict[str, float] = {}
    documents: dict[str, str] = {}
    faults: list[tuple[str, str]] = []
    for code, given in raw.items():
        place = f"answers.{code}"
        if code not in fields:
            near = ", ".join(get_close_matches(str(code), fields, 3, cutoff=0.4)) or ", ".join(fields)
            faults.append((place, message("diagnosis.no_field", language, near=near)))
            continue
        parts = given if isinstance(given, Mapping) else {"value": given}
        if parts.get("value") in (None, ""):
            continue
        try:
            values[code] = _value(fields[code], parts, language)
        except InterurbanError as wrong:
            faults.append((place, wrong.message))
            continue
        document = str(parts.get("document", ""))
        if _LINK.fullmatch(document):
            documents[code] = document
        elif document or (fields[code].wants_document and values[code] > 0):
            faults.append((f"{place}.document", message("diagnosis.wants_document", language)))
    return Answers(values, documents, (*faults, *_whole(values, fields, language)))


def _field(raw: Mapping[str, Any], form: Mapping[str, Any]) -> Field:
    code = raw["code"]
    known = indicators().get(code)
    names = known.names if known else form["names"][code]
    valid = known.valid if known else Bounds(raw.get("low"), raw.get("high"))
    unit, source = known.unit if known else raw["unit"], form["sources"].get(raw.get("source", ""), {})
    return Field(code, names, unit, valid, raw.get("needed", False), raw.get("document", False), source)


def _value(field: Field, parts: Mapping[str, Any], language: str | None) -> float:
    given, unit = parts["value"], str(parts.get("unit") or "")
    # What is needed is what other answers are divided by.
    valid = Bounds(1, field.valid.max) if field.is_needed else field.valid
    if isinstance(given, str):
        return typed_amount(given, field.unit, valid, language, unit)
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise WrongAmount(message("diagnosis.not_a_number", language))
    return within(in_unit(float(given), unit, field.unit), field.unit, valid, language)


def _whole(values: Mapping[str, float], fields: Mapping[str, Field], language: str | None) -> Sequence[tuple[str, str]]:
    """Faults of answers together: shares above 100 %, what is needed and not told."""
    faults = [
        (f"answers.{code}", message("diagnosis.needed", language)) for code, each in fields.items() if each.is_needed and code not in values
    ]
    for step in climate_form():
        for parts in step.sums:
            total = sum(values.get(code, 0.0) for code in parts)
            if total > _HUNDRED:
                place = ", ".join(f"answers.{code}" for code in parts if code in values)
                faults.append((place, message("diagnosis.above_hundred", language, total=number(total, 1, language))))
    return faults
