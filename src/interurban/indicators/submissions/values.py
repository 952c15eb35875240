"""Rows of a submitted file become reported values; every fault of form is found, not only the first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from interurban.errors import UsageError
from interurban.indicators.submissions.numbers import NotANumber, is_percentage, read_number
from interurban.indicators.submissions.raw import RawCell, RawFile, RawRow, error_at
from interurban.indicators.units import convert
from interurban.locales import LANGUAGES, has_message, message
from interurban.model.indicator import Indicator
from interurban.model.modes import MODES
from interurban.model.submission import Finding, ReportedValue
from interurban.model.time_period import read_time_period

AREA_DEFINITIONS = ("ADM", "MET", "FUA", "UC", "_X")
STATUSES = ("A", "B", "D", "E", "I", "M", "O", "P", "U", "V")
CONF_STATUSES = ("F", "N", "C", "D", "S", "A", "O", "T", "G", "M", "E")
CONFIDENCES = ("B", "C", "D")
"""Confidence that a city may claim: official, self-reported, estimated; "A" is measured by us."""
WITHOUT_VALUE = ("M", "O")
_TEXTS = {"source": 500, "licence": 200, "method": 1000, "evidence": 500, "comment": 2000}
_TIME_FORMS = "2023, 2023-Q1, 2023-05, 2023-W07, 2023-05-06"
_NUMBERS = ("value", "lower", "upper")
_NOT_APPLICABLE = "_Z"  # of SDMX, as "_T" is for a total
_ALL_MODES = {"": "all", "_T": "all", _NOT_APPLICABLE: "all"}
_WITHDRAWN = "D"  # ACTION of SDMX-CSV
_PER_PERIOD = {"A": "year", "M": "month", "W": "week", "D": "day"}


@dataclass(frozen=True, slots=True)
class Codes:
    """What a file may name. `city_id` is the only city that it may speak of."""

    city_ids: tuple[str, ...]
    indicators: Mapping[str, Indicator]
    city_id: str


def read_values(file: RawFile, codes: Codes) -> tuple[list[ReportedValue], list[Finding]]:
    """The values of a file, with every fault of form in its rows. A row with a fault gives no value."""
    values: list[ReportedValue] = []
    findings = list(file.findings)
    for row in file.rows:
        reader = _Row(row, file, codes)
        value = reader.value()
        findings += reader.findings
        if value is not None and not reader.findings:
            values.append(value)
    return values, findings


class _Row:
    """One row being read; `findings` gathers what is wrong with it."""

    def __init__(self, row: RawRow, file: RawFile, codes: Codes) -> None:
        self.row = row
        self.file = file
        self.codes = codes
        self.findings: list[Finding] = []

    def value(self) -> ReportedValue | None:
        city = self._code("city", self.codes.city_ids, default=self.codes.city_id)
        if city is not None and city != self.codes.city_id:
            self._wrong("other_city", "city", allowed=self.codes.city_id)
        indicator = self.codes.indicators.get(self._code("indicator", tuple(self.codes.indicators)) or "")
        self._check_mode(indicator)
        period = self._period()
        number, status = self._number("value"), self._status()
        lower, upper = self._number("lower"), self._number("upper")
        chosen: dict[str, Any] = {
            "mode": self._code("mode", ("all", *MODES), default="all"),
            "area_definition": self._code("area_definition", AREA_DEFINITIONS, default="_X"),
            "conf_status": self._code("conf_status", CONF_STATUSES, default="F"),
            "confidence": self._code("confidence", CONFIDENCES, default="C"),
            "decimals": self._decimals(),
            **{field: self._text(field, longest) for field, longest in _TEXTS.items()},
        }
        self._check_presence(number, status)
        if city is None or indicator is None or period is None or self.findings:
            return None
        value = ReportedValue(
            self.row.row, city, indicator.code, period[0], indicator.unit, number, indicator.version, status=status,
            lower=lower, upper=upper, sheet=self.row.sheet,
            columns={field: cell.cell or cell.column for field, cell in self.row.cells.items()},
            **_days(*period[1:]), **chosen,
        )
        return self._in_unit(value, indicator)

    def _code(self, field: str, known: tuple[str, ...], default: str = "") -> str | None:
        """A code as we write it, whatever its case; the mapping's own word for it first."""
        cell = self.row.cells.get(field)
        text = cell.text if cell else ""
        text = self.file.codes.get(field, {}).get(text, text)
        text = _ALL_MODES.get(text, text) if field == "mode" else text or default
        if text in known:
            return text
        by_case = {code.casefold(): code for code in known}
        if text.casefold() in by_case:
            return by_case[text.casefold()]
        if not text:
            self._wrong("nothing_there", field, allowed=_some(known))
            return None
        near = get_close_matches(text.casefold(), list(by_case), 3, cutoff=0.5)
        allowed = ", ".join(by_case[code] for code in near) if near else _some(known)
        self._wrong("unknown_code", field, allowed=allowed)
        return None

    def _check_mode(self, indicator: Indicator | None) -> None:
        """"Not applicable" is right for what has no modes and is "all" there; of what has modes it leaves open which is meant."""
        cell = self.row.cells.get("mode")
        if indicator is not None and "mode" in indicator.breakdowns and cell is not None and cell.text == _NOT_APPLICABLE:
            self._wrong("mode_applies", "mode", allowed=_some(("_T", *MODES)))

    def _period(self) -> tuple[str, dt.date, dt.date] | None:
        cell = self.row.cells.get("time")
        held = cell.value if cell else None
        if isinstance(held, dt.datetime):
            return "D", held.date(), held.date()
        text = str(int(held)) if isinstance(held, float) and held.is_integer() else cell.text if cell else ""
        try:
            period = read_time_period(text.upper())
        except (ValueError, OverflowError):
            self._wrong("not_a_period", "time", allowed=_TIME_FORMS)
            return None
        frequency = self._code("frequency", ("A", "S", "Q", "M", "W", "D", "_O"), default=period[0])
        if frequency not in (None, period[0]) and period[0] != "D":
            self._wrong("frequency_differs", "frequency", allowed=period[0])
        return frequency or period[0], period[1], period[2]

    def _number(self, field: str) -> float | None:
        cell = self.row.cells.get(field)
        if cell is None:
            return None
        try:
            return read_number(cell.value, self.file.decimal_mark, cell.number_format)
        except NotANumber as wrong:
            self._wrong(wrong.code, field)
            return None

    def _status(self) -> str:
        action = self.row.cells.get("action")
        if action and action.text.upper() not in ("", "I", "A", "M", "R", _WITHDRAWN):
            self._wrong("unknown_code", "action", allowed="I, A, M, R, D")
        if action and action.text.upper() == _WITHDRAWN:
            return "O"
        return self._code("status", STATUSES, default="A") or "A"

    def _decimals(self) -> int | None:
        cell = self.row.cells.get("decimals")
        if cell is None or not cell.text:
            return None
        text = cell.text.removesuffix(".0")
        if text.isascii() and text.isdigit() and int(text) <= 15:
            return int(text)
        self._wrong("not_decimals", "decimals", allowed="0–15")
        return None

    def _text(self, field: str, longest: int) -> str | None:
        cell = self.row.cells.get(field)
        text = cell.text if cell else ""
        if len(text) > longest or any(character < " " and character not in "\t\n\r" for character in text):
            self._wrong("text_unfit", field, allowed=str(longest))
        return text or None

    def _check_presence(self, number: float | None, status: str) -> None:
        cell = self.row.cells.get("value")
        if number is None and status not in WITHOUT_VALUE and not (cell and cell.text):
            self._wrong("value_missing", "value", allowed=", ".join(WITHOUT_VALUE))
        if number is not None and status in WITHOUT_VALUE:
            self._wrong("value_with_missing_status", "status", allowed=", ".join(code for code in STATUSES if code not in WITHOUT_VALUE))

    def _in_unit(self, value: ReportedValue, indicator: Indicator) -> ReportedValue | None:
        cell = self.row.cells.get("unit")
        written = self.file.codes.get("unit", {}).get(cell.text, cell.text) if cell else ""
        is_own = written in ("", indicator.unit, *_shown(indicator.unit))
        self._check_percentages(indicator.unit if is_own else written)
        if is_own:
            return value
        numbers = {field: number for field in _NUMBERS if (number := getattr(value, field)) is not None}
        try:
            period = _PER_PERIOD.get(value.frequency)
            converted: dict[str, Any] = {f: convert(n, written, indicator.unit, period=period) for f, n in numbers.items()}
            return replace(value, **converted)
        except UsageError:
            self._wrong("wrong_unit", "unit", allowed=indicator.unit)
            return None

    def _check_percentages(self, unit: str) -> None:
        """`not_this_unit` of numbers that say of themselves that they are percentages, in a row of another unit."""
        said = [f for f in _NUMBERS if (cell := self.row.cells.get(f)) and is_percentage(cell.value, cell.number_format)]
        if said and not _is_percent(unit):
            for field in said:
                self._wrong("not_this_unit", field, allowed=unit)

    def _wrong(self, code: str, field: str, *, allowed: str | None = None) -> None:
        cell = self.row.cells.get(field) or RawCell(None, field)
        self.findings.append(error_at(code, self.row.row, cell, allowed=allowed))


def _days(start: dt.date, end: dt.date) -> dict[str, Any]:
    return {"reference_date": start} if start == end else {"period_start": start, "period_end": end}


def _shown(unit: str) -> tuple[str, ...]:
    """A unit as questionnaires and pages write it: words for readers, of which not all are words for units by themselves."""
    key = f"units.{unit}"
    return tuple(message(key, language) for language in LANGUAGES) if has_message(key) else ()


def _is_percent(unit: str) -> bool:
    try:
        return unit == "%" or convert(1, unit, "%") == 1
    except UsageError:
        return False


def _some(known: tuple[str, ...]) -> str:
    return ", ".join(known[:15]) + (", …" if len(known) > 15 else "")
