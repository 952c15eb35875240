"""From the table that a definition file holds to a checked definition."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from interurban.ratings.definition.check import check_whole
from interurban.ratings.definition.factors import read_factor
from interurban.ratings.definition.faults import Fault, WrongDefinition
from interurban.ratings.definition.fields import (
    REQUIRED,
    Faults,
    Kind,
    choice,
    code,
    interval,
    list_of,
    map_of,
    number,
    read_table,
    text,
    whole,
)
from interurban.ratings.definition.methods import (
    AGGREGATE,
    IMPUTE,
    NORMALISE,
    SCREEN,
    TREAT,
    WEIGH,
    default_method,
    method_of,
)
from interurban.ratings.definition.records import CityRule, DataRule, Definition, Group, Level, RatedIndicator

# Relative standard deviation of values of each class. A: measured by our code from a feed with coverage of at least 95 %; B: official
# statistics; C: reported by the city itself; D: estimated or imputed. A proposal of ours; a definition may give its own.
CONFIDENCE = {"A": 0.01, "B": 0.03, "C": 0.08, "D": 0.20}


def parse_definition(raw: Mapping[str, Any]) -> Definition:
    """The definition that a table (as read from TOML or JSON) tells.

    Raises:
        WrongDefinition: with every fault found, each with its place (`levels[1].weights.energy`) and what is allowed there.
    """
    return _parse(copy.deepcopy(raw))


def _parse(raw: Any) -> Definition:
    faults: Faults = []
    values = read_table(raw, "", faults, _WHOLE)
    if faults:
        raise WrongDefinition(faults)
    definition = Definition(**values, raw=raw)
    check_whole(definition, faults)
    if faults:
        raise WrongDefinition(faults)
    return definition


def changed(definition: Definition, changes: Mapping[str, Any]) -> Definition:
    """The definition with other values at some places, checked anew.

    Args:
        definition: the one to start from; it stays as it is.
        changes: new values by place: `normalise`, `treat.points`, `levels[1].weights.energy`, `indicators[LPI].weight` (an indicator
            may be named by its code instead of its number).

    Raises:
        WrongDefinition: a place does not exist, or the changed definition has faults.
    """
    raw = copy.deepcopy(dict(definition.raw))
    for place, value in changes.items():
        _put(raw, place, value)
    return _parse(raw)


_PART = re.compile(r"([A-Za-z0-9_-]+)((?:\[[A-Za-z0-9_-]+\])*)")


def _put(raw: dict[str, Any], place: str, value: Any) -> None:
    steps: list[str | int] = []
    for part in place.split("."):
        found = _PART.fullmatch(part)
        if not found:
            raise WrongDefinition([Fault(place, "no_such_place", part, "names joined by dots, with [number] or [code] after a list")])
        steps += [found[1], *(f"[{index}" for index in re.findall(r"\[([^\]]+)\]", found[2]))]
    at: Any = raw
    for step, following in zip(steps, [*steps[1:], ""], strict=True):
        last = following == ""
        if isinstance(step, str) and step.startswith("["):
            index = _index(at, step[1:], place)
            if last:
                at[index] = value
            at = at[index]
        elif not isinstance(at, dict):
            raise WrongDefinition([Fault(place, "no_such_place", str(step), "a name inside a table")])
        elif last:
            at[step] = value
        else:
            # A bare word for a method is that method without options: it can be given some.
            if isinstance(at.get(step), str):
                at[step] = {"method": at[step]}
            at = at.setdefault(step, {})


def _index(at: Any, name: str, place: str) -> int:
    if isinstance(at, Sequence) and not isinstance(at, str):
        if name.isdecimal() and int(name) < len(at):
            return int(name)
        codes = [each.get("code") for each in at if isinstance(each, Mapping)]
        if name in codes:
            return codes.index(name)
    raise WrongDefinition([Fault(place, "no_such_place", name, "the number or code of a member of a list that is there")])


def _record(kind: type, fields: Mapping[str, tuple[Kind, Any]]) -> Kind:
    return lambda value, place, faults: kind(**read_table(value, place, faults, fields))


_NAMES = map_of(text)

_INDICATOR: Mapping[str, tuple[Kind, Any]] = {
    "code": (code, REQUIRED), "parent": (code, REQUIRED), "direction": (choice("higher", "lower"), REQUIRED),
    "weight": (number(0), 1.0), "denominator": (code, ""), "scale": (number(0, above=True), 1.0),
    "goalposts": (interval, None), "target": (number(), None), "reference": (number(), None), "bounds": (interval, None),
    "treat": (method_of(TREAT, "none"), None), "normalise": (method_of(NORMALISE, "min-max"), None),
    "confidence": (code, "B"), "noise_sd": (number(0), None), "fallback": (code, ""),
    "kind": (choice("basic", "qualitative"), "basic"), "names": (_NAMES, {}),
}


def _indicator(value: Any, place: str, faults: Faults) -> RatedIndicator:
    values = read_table(value, place, faults, _INDICATOR)
    return RatedIndicator(higher_better=values.pop("direction") == "higher", **values)


def _parent(value: Any, place: str, faults: Faults) -> str:
    return "" if value == "" else code(value, place, faults)


_LEVEL: Mapping[str, tuple[Kind, Any]] = {
    "name": (text, REQUIRED), "parents": (map_of(_parent), REQUIRED), "weights": (map_of(number(0)), {}),
    "weigh": (method_of(WEIGH, "given"), default_method(WEIGH, "given")),
    "aggregate": (method_of(AGGREGATE, "arithmetic"), default_method(AGGREGATE, "arithmetic")),
    "min_share": (number(0, 1), 0.0), "share_weights": (map_of(number(0)), {}), "names": (map_of(_NAMES), {}),
}


def _level(value: Any, place: str, faults: Faults) -> Level:
    level = Level(**read_table(value, place, faults, _LEVEL))
    if level.parents is None:
        return replace(level, parents={}, weights={}, share_weights={})
    for field in ("weights", "share_weights"):
        for node in getattr(level, field):
            if node not in level.parents:
                faults.append(Fault(f"{place}.{field}.{node}", "unknown_node", node, ", ".join(level.parents)))
    weights = {node: level.weights.get(node, 1.0) for node in level.parents}
    shares = {node: level.share_weights.get(node, weight) for node, weight in weights.items()} if level.share_weights else {}
    return replace(level, weights=weights, share_weights=shares)


_WHOLE: Mapping[str, tuple[Kind, Any]] = {
    "id": (code, REQUIRED), "version": (whole(1, 10**6), REQUIRED), "names": (_NAMES, {}), "notes": (_NAMES, {}),
    "data": (_record(DataRule, {
        "oldest": (whole(1000, 9999), None), "newest": (whole(1000, 9999), None),
        "areas": (list_of(choice("ADM", "MET", "FUA", "UC", "_X"), 1), DataRule().areas),
    }), DataRule()),
    "cities": (_record(CityRule, {"codes": (list_of(code), ()), "at_least": (map_of(number()), {})}), CityRule()),
    "groups": (list_of(_record(Group, {
        "code": (code, REQUIRED), "by": (code, ""), "limits": (list_of(number()), ()), "cities": (list_of(code), ()),
        "label": (code, ""), "values": (list_of(text), ()), "names": (_NAMES, {}),
    })), ()),
    "indicators": (list_of(_indicator, 1), REQUIRED),
    "levels": (list_of(_level, 1), REQUIRED),
    "screen": (method_of(SCREEN, "shares"), default_method(SCREEN, "none")),
    "impute": (method_of(IMPUTE, "none"), default_method(IMPUTE, "none")),
    "treat": (method_of(TREAT, "winsorise"), default_method(TREAT, "none")),
    "normalise": (method_of(NORMALISE, "min-max"), default_method(NORMALISE, "min-max")),
    "base_year": (whole(1000, 9999), None),
    "confidence": (map_of(number(0)), CONFIDENCE),
    "factors": (list_of(read_factor), ()),
}
