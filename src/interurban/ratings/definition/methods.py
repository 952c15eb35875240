"""The methods of every step, with the options of each, what they may be and what they are when not given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from interurban.ratings.definition.faults import Fault
from interurban.ratings.definition.fields import (
    REQUIRED,
    Faults,
    Kind,
    choice,
    code,
    flag,
    inside,
    list_of,
    map_of,
    number,
    read_table,
    whole,
)

Options = Mapping[str, tuple[Kind, Any]]


@dataclass(frozen=True, slots=True)
class Method:
    """A method by name with all its options; what a definition leaves out has its default here."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


_SCALE: Options = {"low": (number(), 0.0), "high": (number(), 100.0)}
_GROUP: Options = {"group": (code, REQUIRED)}

SCREEN: Mapping[str, Options] = {
    "none": {},
    "shares": {"known": (number(0, 1), 0.65), "non_zero": (number(0, 1), 0.0)},
}
IMPUTE: Mapping[str, Options] = {
    "none": {}, "mean": {}, "median": {}, "group-mean": _GROUP, "group-median": _GROUP,
    "pillar": {}, "panel-last": {}, "panel-linear": {},
}
TREAT: Mapping[str, Options] = {
    "none": {},
    "winsorise": {
        "points": (whole(0, 1000), 5), "skew": (number(0), 2.0), "kurtosis": (number(), 3.5),
        "otherwise": (choice("log", "box-cox", "none"), "log"),
    },
    "clip": {"deviations": (number(0, above=True), 2.0)},
    "log": {"only_outliers": (flag, False)},
    "box-cox": {"only_outliers": (flag, False)},
    "signed-log": {"only_outliers": (flag, False)},
}
NORMALISE: Mapping[str, Options] = {
    "min-max": _SCALE,
    "z": {"mean": (number(), 0.0), "sd": (number(0, above=True), 1.0)},
    "percentile-rank": {}, "borda": {},
    "target": {"high": (number(0, above=True), 1.0), "cap": (flag, False)},
    "goalposts": {**_SCALE, "cap": (flag, True)},
    "fraction-of-max": _SCALE, "reference": _SCALE,
    "none": {"low": (number(), 0.0), "high": (number(), 1.0)},
}
WEIGH: Mapping[str, Options] = {
    "given": {}, "equal": {}, "pca": {}, "entropy": {}, "critic": {},
    "ahp": {"judgements": (map_of(list_of(list_of(list_of(number(0, above=True), 1), 1), 1)), REQUIRED)},
    "budget": {"points": (map_of(map_of(list_of(number(0), 1))), REQUIRED)},
    "tuned": {"importances": (map_of(map_of(number(0))), REQUIRED)},
}
AGGREGATE: Mapping[str, Options] = {
    "arithmetic": {}, "geometric": {}, "harmonic": {}, "minimum": {}, "copeland": {}, "kemeny": {},
    "power": {"p": (number(-100, 100), REQUIRED)},
    "owa": {"exponent": (number(0, above=True), 1.0), "order_weights": (list_of(number(0)), ())},
    "promethee": {"indifference": (number(0), 0.0), "preference": (number(0), 0.0)},
    "benefit-of-the-doubt": {
        "low_share": (number(0, 1), 0.0), "high_share": (number(0, 1, above=True), 1.0),
        "leave_one_out": (flag, False), "common": (flag, False),
    },
}


def method_of(methods: Mapping[str, Options], default: str) -> Kind:
    """A table `{method = "…", option = …}`; without `method` it is the default one, a bare word is a method without options."""

    def read(value: Any, place: str, faults: Faults) -> Method:
        raw = {"method": value} if isinstance(value, str) else value
        if not isinstance(raw, Mapping):
            faults.append(Fault(place, "not_a_method", repr(value), "a table with a method: " + ", ".join(methods)))
            return Method(default)
        known = len(faults)
        name = choice(*methods)(raw.get("method", default), inside(place, "method"), faults)
        if len(faults) > known:
            return Method(default)
        options = {key: option for key, option in raw.items() if key != "method"}
        return Method(name, read_table(options, place, faults, methods[name]))

    return read


def default_method(methods: Mapping[str, Options], name: str) -> Method:
    """The method with the defaults of its options."""
    return Method(name, {key: default for key, (_, default) in methods[name].items()})


