"""Questions for data and availability, as SDMX-REST asks them: of which flow, which keys, which filters, as it stood when."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from interurban.errors import NotBuilt, NotFound, TooMuch, Unprocessable, UsageError
from interurban.exchange.sdmx.artefacts import AGENCY, VERSION, DataStructure, Role
from interurban.exchange.sdmx.structures import flow_ids, structure_of
from interurban.exchange.sdmx.words import FILTERS, Parameters, choice, has_version, ids, moment, one, only, segments, whole
from interurban.locales import message
from interurban.model.answer_query import OPERATORS
from interurban.model.time_period import read_time_period

_CONTEXTS = ("dataflow", "datastructure", "provisionagreement", "*")
_COMPONENT = re.compile(r"c\[([A-Za-z_][A-Za-z0-9_@$-]*)\]")
_MOST_CONDITIONS = 2000  # what a sensible client sends fits many times; beyond it a query only burdens the database
_NUMBER_TYPES = ("Double", "Integer")
_OF_NUMBERS = tuple(each for each in OPERATORS if each not in ("co", "nc", "sw", "ew"))
ALL_DIMENSIONS = "AllDimensions"
_OF_ROWS = (FILTERS, "startPeriod", "endPeriod", "asOf")
_OF_CHANGES = ("updatedAfter", "includeHistory")
_OF_SERIES = ("offset", "limit", "firstNObservations", "lastNObservations", "attributes", "measures", "detail")
DOWNLOAD_PARAMETERS = (*_OF_ROWS, *_OF_SERIES)
"""What chooses rows and columns of a file for spreadsheets, which tells of no changes."""
DATA_PARAMETERS = (*_OF_ROWS, *_OF_CHANGES, *_OF_SERIES, "dimensionAtObservation", "format")
AVAILABILITY_PARAMETERS = (*_OF_ROWS, *_OF_CHANGES, "mode", "references", "format")

Alternatives = tuple[tuple[str, str], ...]
"""(operator, value) pairs of which one must hold."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A component must fulfil any of `any_of`; several conditions must hold together."""

    component: str
    any_of: Alternatives


@dataclass(frozen=True, slots=True)
class DataQuery:
    """A question for data of one flow.

    `conditions` hold together: those of the key come first. `at_observation` is the dimension along which observations stand inside a
    series, or "AllDimensions". `shown` are the measures and attributes to give, in the order of the structure. `first_n` and `last_n`
    are observations at most of each series.
    """

    structure: DataStructure
    conditions: tuple[Condition, ...] = ()
    updated_after: dt.datetime | None = None
    as_of: dt.datetime | None = None
    include_history: bool = False
    offset: int = 0
    limit: int | None = None
    at_observation: str = "TIME_PERIOD"
    shown: tuple[str, ...] = ()
    first_n: int | None = None
    last_n: int | None = None
    component: tuple[str, ...] | None = None
    asked: Parameters = field(default_factory=dict)

    @property
    def has_changes(self) -> bool:
        """Whether the answer tells of changes rather than of what stands: then each row says what kind of change it is."""
        return self.updated_after is not None or self.include_history


def read_data_query(path: str, asked: Parameters, allowed: Sequence[str] = DATA_PARAMETERS, *, availability: bool = False) -> DataQuery:
    """The question of a path below `/data/` or `/availability/`: `{context}/{agency}/{id}/{version}/{key}`, with `{component}` after it.

    Any part may be missing at the end; the context may be "*". `allowed` are the parameters that have a meaning.

    Raises:
        UsageError: a part of it is not of the standard.
        Unprocessable: it is, but does not fit the data structure: too many dimensions, an unknown component.
        NotFound: there is no such dataflow.
        TooMuch: it has more conditions than a database should be asked with.
    """
    only(asked, allowed)
    choice(one(asked, "detail", "full"), "detail", ("full",))  # older clients send it
    parts = segments(path)
    most = 6 if availability else 5
    if len(parts) > most:
        raise UsageError(message("sdmx.too_many_parts", most=most), path=path[:200])
    context, agency, identifier, version, key, component = parts + ["*", "*", "*", "~", "*", "*"][len(parts):]
    choice(context, "context", _CONTEXTS)
    structure = _structure(agency, identifier, version)
    conditions = (*_of_key(key, structure), *_of_filters(asked, structure))
    if sum(len(each.any_of) for each in conditions) > _MOST_CONDITIONS:
        raise TooMuch(message("sdmx.too_many_conditions", most=_MOST_CONDITIONS))
    return DataQuery(
        structure, conditions, _moment(asked, "updatedAfter"), _moment(asked, "asOf"),
        choice(one(asked, "includeHistory", "false").lower(), "includeHistory", ("true", "false")) == "true",
        whole(one(asked, "offset", "0"), "offset"), _number(asked, "limit", 0),
        _at_observation(asked, structure), _shown(asked, structure), _number(asked, "firstNObservations", 1),
        _number(asked, "lastNObservations", 1), ids(component, "componentID"), asked,
    )


def _structure(agency: str, identifier: str, version: str) -> DataStructure:
    agencies, identifiers = ids(agency, "agencyID"), ids(identifier, "resourceID")
    fits = has_version(version)
    if agencies is not None and AGENCY not in agencies:
        raise NotFound(message("sdmx.no_agency", agency=agency[:100], allowed=AGENCY), allowed=AGENCY)
    # One message tells of one structure, so "every dataflow" is the one with the indicators.
    found = [flow for flow in flow_ids() if identifiers is None or flow in identifiers]
    if not found:
        raise NotFound(message("sdmx.no_dataflow", flow=identifier, allowed=", ".join(flow_ids())))
    if not fits:
        raise NotFound(message("sdmx.no_version", version=version[:100], flow=found[0], allowed=VERSION), allowed=VERSION)
    return structure_of(found[0])


def _of_key(key: str, structure: DataStructure) -> tuple[Condition, ...]:
    """Conditions of "A.moscow+paris..pt_trips.*": dots part the dimensions (without time), "+" or "," stands between codes."""
    if key in ("*", "all", ""):
        return ()
    dimensions = structure.of(Role.DIMENSION)
    keys = [each.split(".") for each in key.split(",")] if "." in key.partition(",")[2] else [key.split(".")]
    for parts in keys:
        if len(parts) > len(dimensions):
            text = message("sdmx.key_too_long", most=len(dimensions), dimensions=".".join(each.id for each in dimensions))
            raise Unprocessable(text, key=key[:200])
    if len(keys) > 1:
        return _of_several_keys(keys, structure)
    found = []
    for dimension, part in zip(dimensions, keys[0], strict=False):
        codes = re.split(r"[+,]", part)
        if not any(code in ("", "*") for code in codes):
            found.append(Condition(dimension.id, tuple(("eq", code) for code in codes)))
    return tuple(found)


def _of_several_keys(keys: list[list[str]], structure: DataStructure) -> tuple[Condition, ...]:
    """Several whole keys, "A.moscow…,A.paris…": possible where they differ in one dimension, else they are several requests."""
    length = max(len(parts) for parts in keys)
    columns = list(itertools.zip_longest(*keys, fillvalue="")) if length else []
    varying = [place for place, column in enumerate(columns) if len(set(column)) > 1]
    if len(varying) > 1:
        raise Unprocessable(message("sdmx.keys_differ"), allowed="c[…]")
    found = []
    for dimension, column in zip(structure.of(Role.DIMENSION), columns, strict=False):
        codes = dict.fromkeys(code for part in column for code in part.split("+"))
        if not any(code in ("", "*") for code in codes):
            found.append(Condition(dimension.id, tuple(("eq", code) for code in codes)))
    return tuple(found)


def _of_filters(asked: Parameters, structure: DataStructure) -> tuple[Condition, ...]:
    """Conditions of `c[…]`, and of the startPeriod and endPeriod of older clients."""
    known = {each.id for each in structure.components}
    numbers = {each.id for each in structure.components if each.data_type in _NUMBER_TYPES}
    found: list[Condition] = []
    for name, values in asked.items():
        component = _COMPONENT.fullmatch(name)
        if component is None:
            if name.startswith("c["):
                raise UsageError(message("sdmx.bad_filter", text=name[:100]), parameter=name[:100])
            continue
        if component[1] not in known:
            raise Unprocessable(message("sdmx.no_component", component=component[1][:100], allowed=", ".join(sorted(known))))
        for value in values:
            conditions = _conditions(component[1], value)
            if component[1] == "TIME_PERIOD":
                _check_periods(conditions)
            if component[1] in numbers:
                _check_operators(component[1], conditions)
            found += conditions
    for name, operator in (("startPeriod", "ge"), ("endPeriod", "le")):
        if name in asked:
            found.append(Condition("TIME_PERIOD", ((operator, one(asked, name)),)))
    return tuple(found)


def _check_periods(conditions: list[Condition]) -> None:
    """Refuse a period that cannot be, such as 2020-13: no observation has it, and "no data" would be a wrong answer."""
    for test, value in (each for condition in conditions for each in condition.any_of):
        if test in ("eq", "ne"):
            try:
                read_time_period(value)
            except (ValueError, OverflowError):
                raise UsageError(message("store.not_a_time_period", text=value[:100]), parameter="c[TIME_PERIOD]") from None


def _check_operators(component: str, conditions: list[Condition]) -> None:
    """Refuse to look for a text in numbers: databases write them in their own ways, 5 as 5.0 or not at all."""
    for test, _ in (each for condition in conditions for each in condition.any_of):
        if test not in _OF_NUMBERS:
            text = message("sdmx.not_one_of", parameter=f"c[{component}]", text=test, allowed=", ".join(_OF_NUMBERS))
            raise Unprocessable(text, component=component, operator=test)


def _conditions(component: str, text: str) -> list[Condition]:
    """ "ge:2020+le:2021,eq:2030" is (ge 2020 and le 2021) or eq 2030; as conditions that hold together, every choice of one from each."""
    choices = [[_test(each) for each in alternative.split("+")] for alternative in text.split(",")]
    if len(choices) > 1 and sum(len(each) > 1 for each in choices) > 3:
        raise TooMuch(message("sdmx.too_many_conditions", most=_MOST_CONDITIONS))
    return [Condition(component, tuple(dict.fromkeys(each))) for each in itertools.product(*choices)]


def _test(text: str) -> tuple[str, str]:
    operator, colon, value = text.partition(":")
    if colon and operator in OPERATORS:
        return operator, value
    if colon and re.fullmatch("[a-z]{2}", operator):
        allowed = ", ".join(OPERATORS)
        raise Unprocessable(message("sdmx.not_one_of", parameter="c[…]", text=operator, allowed=allowed), operator=operator)
    return "eq", text


def _at_observation(asked: Parameters, structure: DataStructure) -> str:
    known = [each.id for each in structure.dimensions]
    text = one(asked, "dimensionAtObservation", "TIME_PERIOD")
    choice(text, "dimensionAtObservation", (ALL_DIMENSIONS, *known))
    if text not in (ALL_DIMENSIONS, "TIME_PERIOD"):
        raise NotBuilt(message("sdmx.along_not_built", dimension=text), parameter="dimensionAtObservation")
    return text


def _shown(asked: Parameters, structure: DataStructure) -> tuple[str, ...]:
    """Measures and attributes to give. Those that tell of history are given when it is asked for."""
    def wanted(parameter: str, role: Role, words: tuple[str, ...]) -> set[str]:
        known = {each.id for each in structure.of(role)}
        chosen: set[str] = set()
        for text in one(asked, parameter, words[0]).split(","):
            chosen |= known if text in words and text != "none" else set()
            if text not in words:
                if text not in known:
                    raise Unprocessable(message("sdmx.no_component", component=text[:100], allowed=", ".join(sorted(known))))
                chosen.add(text)
        return chosen

    attributes = wanted("attributes", Role.ATTRIBUTE, ("dsd", "all", "dataset", "series", "obs", "msd", "none"))
    measures = wanted("measures", Role.MEASURE, ("all", "none"))
    return tuple(each.id for each in structure.components if each.id in attributes | measures)


def _moment(asked: Parameters, name: str) -> dt.datetime | None:
    return moment(one(asked, name), name) if name in asked else None


def _number(asked: Parameters, name: str, least: int) -> int | None:
    return whole(one(asked, name), name, least) if name in asked else None
