"""Numbers as people write them: "1 234,5", "1,234.5", "12%". What can be read in two ways is refused, never guessed."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

_SPACES = "\u0020\u00a0\u2009\u202f\u2007'’"  # also the apostrophe that groups thousands in Switzerland
_MINUS = str.maketrans({"−": "-", "–": "-", "﹣": "-", "－": "-"})
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，％", "0123456789.,%")
_PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_GROUPED = re.compile(rf"[+-]?[0-9]{{1,3}}(?:[{_SPACES}][0-9]{{3}})+(?:[.,][0-9]+)?")
_ONE_MARK = re.compile(r"[+-]?([0-9]+)[.,]([0-9]+)")


@dataclass(frozen=True, slots=True)
class NotANumber(Exception):
    """Why a cell holds no number: the code of a finding."""

    code: str


def read_number(value: object, decimal_mark: str | None = None, number_format: str = "") -> float | None:
    """The number in a cell; None for an empty one.

    Args:
        value: What the file holds: text, or a number of a workbook.
        decimal_mark: "." or "," where the file says how it writes numbers; None where it does not.
        number_format: Of a workbook's cell: 0.35 shown as 35% is 35.

    Raises:
        NotANumber: it is text, a date, a formula, an error, infinite, or can be read in two ways ("1,234").
    """
    match value:
        case None:
            return None
        case bool():
            raise NotANumber("not_a_number")
        case int() | float():
            shown_as_percent = "%" in number_format
            return _finite(float(value) * 100 if shown_as_percent else float(value), rounded=shown_as_percent)
        case dt.date() | dt.time() | dt.timedelta():
            raise NotANumber("date_in_place_of_number")
        case str():
            return _from_text(value.translate(_MINUS).translate(_FULL_WIDTH).strip(_SPACES + "\t\r\n"), decimal_mark)
    raise NotANumber("not_a_number")


def is_percentage(value: object, number_format: str = "") -> bool:
    """Whether a cell says of its number that it is a percentage: "50 %", or a number that a workbook shows so."""
    if isinstance(value, str):
        return value.translate(_FULL_WIDTH).strip(_SPACES + "\t\r\n").endswith("%")
    return isinstance(value, int | float) and "%" in number_format


def _from_text(text: str, decimal_mark: str | None) -> float | None:
    if not text:
        return None
    if text.startswith("="):
        raise NotANumber("formula")
    if text.startswith("#"):
        raise NotANumber("error_in_cell")
    text = text.removesuffix("%").rstrip(_SPACES)
    marks = {mark: text.count(mark) for mark in ".," if mark in text}
    if _GROUPED.fullmatch(text):
        text = re.sub(f"[{_SPACES}]", "", text)
        return _finite(float(text.replace(",", ".")))
    if decimal_mark is not None:
        return _declared(text, decimal_mark)
    if len(marks) == 2:
        return _declared(text, max(marks, key=text.rfind))
    if marks and next(iter(marks.values())) > 1:
        (mark,) = marks
        return _declared(text, "," if mark == "." else ".")
    if marks and _is_ambiguous(text):
        raise NotANumber("ambiguous_number")
    return _declared(text, next(iter(marks), "."))


def _is_ambiguous(text: str) -> bool:
    """Whether one mark may as well group thousands: "1,234", but not "0,123", "1234,567" or "1,23"."""
    found = _ONE_MARK.fullmatch(text)
    return found is not None and len(found[2]) == 3 and len(found[1]) <= 3 and not found[1].startswith("0")


def _declared(text: str, decimal_mark: str) -> float:
    whole, _, fraction = text.partition(decimal_mark)
    grouping = "," if decimal_mark == "." else "."
    groups = whole.split(grouping)
    grouped_well = 1 <= len(groups[0].lstrip("+-")) <= 3 and all(re.fullmatch("[0-9]{3}", each) for each in groups[1:])
    plain = "".join(groups) + ("." + fraction if decimal_mark in text else "")
    if (len(groups) > 1 and not grouped_well) or not _PLAIN.fullmatch(plain):
        raise NotANumber("not_a_number")
    return _finite(float(plain))


def _finite(value: float, *, rounded: bool = False) -> float:
    if not math.isfinite(value):
        raise NotANumber("not_a_number")
    return float(f"{value:.15g}") if rounded else value  # 0.07 * 100 is 7.000000000000001
