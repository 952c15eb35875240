"""Rows of another server as observations, every value checked: nothing that comes from there is believed."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

from interurban.errors import UsageError
from interurban.exchange.sdmx.mapping import FlowMapping
from interurban.exchange.sdmx.units import unit_code
from interurban.exchange.sdmx.words import moment
from interurban.indicators.catalogue import indicators
from interurban.model import Observation
from interurban.model.indicator import Indicator
from interurban.model.modes import MODES
from interurban.model.time_period import read_time_period, time_period

_LONGEST_TEXT = 2000
_TEXTS = ("SOURCE", "LICENCE", "METHOD", "COMMENT", "PROVENANCE")
_MULTIPLIERS = {"": 1.0, "0": 1.0, "3": 1e3, "6": 1e6}
_STATUSES = "ABDEFGIJKLMNOPQSUVW"
_CONF_STATUSES = "FNCDSAOTGME"
_AREAS = ("ADM", "MET", "FUA", "UC", "_X")
_MISSING = ("", "NaN", "nan", "null")


class Faulty(Exception):
    """A fault of a row, on its way to the list of faults: in which component, what stands there, what may."""

    def __init__(self, component: str, value: str, reason: str, allowed: str = "") -> None:
        super().__init__(component)
        self.component, self.value, self.reason, self.allowed = component, value[:100], reason, allowed


@dataclass(frozen=True, slots=True)
class Importer:
    """What rows are checked against: the cities that are here, how sure the server's values are, what their codes mean."""

    address: str
    cities: frozenset[str]
    confidence: str
    mapping: FlowMapping

    def observation(self, row: Mapping[str, str]) -> tuple[Observation, bool]:
        """The observation that a row states, and whether it takes it back.

        Raises:
            Faulty: a value is not of its kind, or a code is not known here.
        """
        ours, unknown = self.mapping.apply(row)
        if unknown is not None:
            component, _, code = unknown.partition("=")
            raise Faulty(component, code, "unmapped")
        indicator = self._indicator(ours)
        frequency, starts, ends = _time(ours)
        is_withdrawn = ours.get("ACTION", "I") == "D"
        factor = _factor(ours, indicator)
        value = None if is_withdrawn else _number(ours, "OBS_VALUE", factor)
        if value is not None and value not in indicator.valid:
            raise Faulty("OBS_VALUE", ours["OBS_VALUE"], "invalid", str(indicator.valid))
        is_day = frequency == "D"
        observation = Observation(
            city_id=_code(ours, "REF_AREA", self.cities), indicator=indicator.code, definition_version=_version(ours, indicator),
            unit=indicator.unit, value=value, status="O" if is_withdrawn else _status(ours, value), code_version="",
            mode="all" if (mode := _code(ours, "MODE", ("_T", *MODES), "_T")) == "_T" else mode,
            period_start=None if is_day else starts, period_end=None if is_day else ends, reference_date=starts if is_day else None,
            coverage=_share(ours), inputs=self._inputs(ours), origin="imported", area_definition=_code(ours, "AREA_DEF", _AREAS, "_X"),
            frequency=frequency, conf_status=_code(ours, "CONF_STATUS", _CONF_STATUSES, "F"), decimals=_whole(ours, "DECIMALS"),
            lower=_number(ours, "LOWER", factor), upper=_number(ours, "UPPER", factor), confidence=self.confidence,
            source=self._source(ours), licence=_text(ours, "LICENCE") or self.mapping.licence or None, method=_text(ours, "METHOD"),
            comment=_text(ours, "COMMENT"),
        )
        return observation, is_withdrawn

    def _indicator(self, ours: Mapping[str, str]) -> Indicator:
        return indicators()[_code(ours, "INDICATOR", indicators())]

    def _source(self, ours: Mapping[str, str]) -> str:
        """Who states it, with where it was had: two servers that cite the same source may still differ."""
        stated = _text(ours, "SOURCE") or self.mapping.source or _text(ours, "ORIGIN")
        return f"{stated}; {self.address}" if stated else self.address

    def _inputs(self, ours: Mapping[str, str]) -> dict[str, str]:
        provenance = _text(ours, "PROVENANCE")
        return {"sdmx": self.address} | ({"provenance": provenance} if provenance else {})


def last_update(row: Mapping[str, str], before: dt.datetime) -> dt.datetime | None:
    """When the server says that this became the answer; None where it does not say, or says a time that is yet to come."""
    try:
        found = moment(row.get("LAST_UPDATE", ""), "LAST_UPDATE")
    except UsageError:
        return None
    return found if found <= before else None


def _code(row: Mapping[str, str], component: str, known: object, default: str | None = None) -> str:
    code = row.get(component, "")
    if not code and default is not None:
        return default
    # A list of letters is a text: an empty or longer code is not in it, although Python would say so.
    if (isinstance(known, str) and len(code) != 1) or code not in known:  # type: ignore[operator]
        raise Faulty(component, code, "unknown_code")
    return code


def _time(row: Mapping[str, str]) -> tuple[str, dt.date, dt.date]:
    text = row.get("TIME_PERIOD", "")
    try:
        found, starts, ends = read_time_period(text)
    except ValueError as wrong:
        raise Faulty("TIME_PERIOD", text, "not_a_period", "2023, 2023-Q1, 2023-05, 2023-05-06") from wrong
    frequency = row.get("FREQ", "") or found
    if len(frequency) > 4 or time_period(frequency, starts, ends) != text:
        raise Faulty("FREQ", frequency, "other_frequency", found)
    return frequency, starts, ends


def _factor(row: Mapping[str, str], indicator: Indicator) -> float:
    unit = row.get("UNIT_MEASURE", "")
    if unit != unit_code(indicator.unit):
        raise Faulty("UNIT_MEASURE", unit, "wrong_unit", unit_code(indicator.unit))
    multiplier = row.get("UNIT_MULT", "")
    if multiplier not in _MULTIPLIERS:
        raise Faulty("UNIT_MULT", multiplier, "unknown_code", "0, 3, 6")
    return _MULTIPLIERS[multiplier]


def _number(row: Mapping[str, str], component: str, factor: float = 1.0) -> float | None:
    text = row.get(component, "")
    if text in _MISSING:
        return None
    try:
        found = float(text) * factor
    except ValueError as wrong:
        raise Faulty(component, text, "not_a_number") from wrong
    if not math.isfinite(found) or "_" in text:
        raise Faulty(component, text, "not_a_number")
    return found


def _whole(row: Mapping[str, str], component: str) -> int | None:
    text = row.get(component, "")
    if text in _MISSING:
        return None
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 9):
        raise Faulty(component, text, "not_a_number")
    return int(text)


def _share(row: Mapping[str, str]) -> float | None:
    found = _number(row, "COVERAGE")
    if found is not None and not 0 <= found <= 1:
        raise Faulty("COVERAGE", row["COVERAGE"], "invalid", "0…1")
    return found


def _version(row: Mapping[str, str], indicator: Indicator) -> int:
    found = _whole(row, "METHOD_VERSION")
    if found is not None and not 1 <= found <= indicator.version:
        raise Faulty("METHOD_VERSION", row["METHOD_VERSION"], "invalid", f"1…{indicator.version}")
    return found or indicator.version


def _status(row: Mapping[str, str], value: float | None) -> str:
    return _code(row, "OBS_STATUS", _STATUSES, "A" if value is not None else "O")


def _text(row: Mapping[str, str], component: str) -> str | None:
    text = row.get(component, "")
    if len(text) > _LONGEST_TEXT:
        raise Faulty(component, text, "too_long", str(_LONGEST_TEXT))
    if component in _TEXTS and any(ord(letter) < 32 and letter not in "\n\r\t" for letter in text):
        raise Faulty(component, repr(text), "not_text")
    return text or None
