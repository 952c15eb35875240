"""Amounts as people type them into forms: a number that reads in one way only, with a unit or without, within what is possible."""

from __future__ import annotations

import re
import unicodedata

from interurban.errors import UsageError
from interurban.indicators.submissions.numbers import NotANumber, read_number
from interurban.indicators.units import convert, number_word
from interurban.locales import has_message, message, number
from interurban.model.indicator import Bounds

_LONGEST = 200  # letters
_AMOUNT = re.compile(r"([-+]?[\d.,'’\s]*\d(?:[eE][-+]?\d{1,3}\b)?)\s*(.*)")
_HYPHENS = str.maketrans("−–", "--")


class WrongAmount(UsageError):
    """What is wrong with an amount, in the reader's language."""


def typed_amount(text: str, unit: str, valid: Bounds, language: str | None = None, own_unit: str = "") -> float:
    """The amount that `text` says, in `unit`: "5,2 TWh", "1 234.5", "120万" (a word for a number alone counts units).

    A single point is a decimal mark in every language of the site, and in an address; a single comma before three digits is grouping to
    some and a decimal mark to others, and is refused.

    Args:
        text: what was typed.
        unit: the unit wanted, also where none was typed; "" for a pure number.
        valid: what is possible, in `unit`.
        language: of the faults.
        own_unit: the unit that was told beside the text, if any.

    Raises:
        WrongAmount: it is no number, can be read in two ways, or is not possible.
        UsageError: its unit is not known or measures something else.
    """
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).translate(_HYPHENS).strip()
    found = _AMOUNT.fullmatch(plain)
    if found is None or len(text) > _LONGEST:
        raise WrongAmount(message("diagnosis.not_a_number", language))
    return within(in_unit(_number(found[1], language), own_unit or found[2], unit), unit, valid, language)


def in_unit(value: float, given: str, wanted: str) -> float:
    """`value` in the unit wanted; without a given one it is in it already, a thing counted in a year is often told without the year."""
    if not given:
        return value
    times = number_word(given)
    return value * times if times is not None else convert(value, given, wanted, period="year")


def within(value: float, unit: str, valid: Bounds, language: str | None = None) -> float:
    """`value`, which is possible.

    Raises:
        WrongAmount: it is not.
    """
    if value not in valid:
        key = f"units.{unit}"
        named = message(key, language) if has_message(key) else unit
        allowed = f"{interval(valid, language)} {named}".strip()
        raise WrongAmount(message("diagnosis.out_of_bounds", language, value=f"{value:g}", allowed=allowed))
    return value


def interval(valid: Bounds, language: str | None = None) -> str:
    """What is possible, as the language says it: "0 … 100", "at least 0"."""
    low, high = (None if end is None else number(end, 0 if end == int(end) else 2, language) for end in (valid.min, valid.max))
    if low is not None and high is not None:
        return f"{low} … {high}"
    return message("diagnosis.at_most", language, most=high) if low is None else message("diagnosis.at_least", language, least=low)


def _number(text: str, language: str | None) -> float:
    is_point = text.count(".") == 1 and "," not in text
    try:
        found = read_number(text, "." if is_point else None)
    except NotANumber as wrong:
        if wrong.code == "ambiguous_number":
            ways = {"whole": text.replace(",", ""), "fraction": text.replace(",", ".").rstrip("0").rstrip(".")}
            raise WrongAmount(message("diagnosis.ambiguous_number", language, value=text, **ways)) from wrong
        raise WrongAmount(message("diagnosis.not_a_number", language)) from wrong
    if found is None:
        raise WrongAmount(message("diagnosis.not_a_number", language))
    return found
