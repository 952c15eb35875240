"""Kinds of values in a definition: each takes what stands in the file, and gives it checked or reports a fault."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from interurban.ratings.definition.faults import Fault

Faults = list[Fault]
Kind = Callable[[Any, str, Faults], Any]
REQUIRED = object()
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def read_table(raw: Any, place: str, faults: Faults, fields: Mapping[str, tuple[Kind, Any]]) -> dict[str, Any]:
    """Values of a table by the names of `fields` (kind, default or REQUIRED); names that are not there are faults."""
    if not isinstance(raw, Mapping):
        faults.append(Fault(place or "the definition", "not_a_table", repr(raw), "a table of names and values"))
        return {name: None if default is REQUIRED else default for name, (_, default) in fields.items()}
    for name in raw:
        if name not in fields:
            faults.append(Fault(inside(place, str(name)), "unknown_name", str(name), ", ".join(fields)))
    return {name: _value(raw, name, kind, default, place, faults) for name, (kind, default) in fields.items()}


def _value(raw: Mapping[str, Any], name: str, kind: Kind, default: Any, place: str, faults: Faults) -> Any:
    if name in raw:
        return kind(raw[name], inside(place, name), faults)
    if default is REQUIRED:
        faults.append(Fault(inside(place, name), "missing", "nothing", "a value; it has no default"))
        return None
    return default


def inside(place: str, name: str) -> str:
    """Place of `name` in the table at `place`."""
    return f"{place}.{name}" if place else name


def text(value: Any, place: str, faults: Faults) -> str:
    """Any text that is not empty."""
    if isinstance(value, str) and value.strip():
        return value
    faults.append(Fault(place, "not_a_text", repr(value), "a text that is not empty"))
    return ""


def code(value: Any, place: str, faults: Faults) -> str:
    """A name of 1 to 64 letters, digits, "-" or "_"."""
    if isinstance(value, str) and _CODE.fullmatch(value):
        return value
    faults.append(Fault(place, "not_a_code", repr(value), 'a name of 1 to 64 letters, digits, "-" or "_"'))
    return ""


def flag(value: Any, place: str, faults: Faults) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        faults.append(Fault(place, "not_a_flag", repr(value), "true or false"))
    return bool(value)


def number(low: float = -math.inf, high: float = math.inf, *, above: bool = False) -> Kind:
    """A finite number between two limits, both included (`above`: the lower one excluded)."""
    sign = "above" if above else "at least"
    limits = [f"{sign} {low:g}"] if low > -math.inf else []
    limits += [f"at most {high:g}"] if high < math.inf else []
    allowed = " ".join(["a number", " and ".join(limits)]).strip()

    def read(value: Any, place: str, faults: Faults) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            within = low < value <= high if above else low <= value <= high
            if within:
                return float(value)
        faults.append(Fault(place, "not_in_range", repr(value), allowed))
        return 1.0

    return read


def whole(low: int, high: int) -> Kind:
    """A whole number between two limits, both included."""

    def read(value: Any, place: str, faults: Faults) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        faults.append(Fault(place, "not_in_range", repr(value), f"a whole number from {low} to {high}"))
        return low

    return read


def choice(*names: str) -> Kind:
    """One of some words."""

    def read(value: Any, place: str, faults: Faults) -> str:
        if isinstance(value, str) and value in names:
            return value
        faults.append(Fault(place, "not_one_of", repr(value), ", ".join(names)))
        return names[0]

    return read


def list_of(kind: Kind, least: int = 0) -> Kind:
    """A list of values of one kind, at least so many."""

    def read(value: Any, place: str, faults: Faults) -> tuple[Any, ...]:
        if not isinstance(value, Sequence) or isinstance(value, str) or len(value) < least:
            faults.append(Fault(place, "not_a_list", repr(value), f"a list of at least {least}" if least else "a list"))
            return ()
        return tuple(kind(each, f"{place}[{i}]", faults) for i, each in enumerate(value))

    return read


def map_of(kind: Kind) -> Kind:
    """A table of values of one kind under codes."""

    def read(value: Any, place: str, faults: Faults) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            faults.append(Fault(place, "not_a_table", repr(value), "a table of names and values"))
            return {}
        return {code(name, inside(place, str(name)), faults): kind(each, inside(place, str(name)), faults) for name, each in value.items()}

    return read


def interval(value: Any, place: str, faults: Faults) -> tuple[float, float]:
    """A list of two different numbers."""
    read = list_of(number())(value, place, faults)
    if len(read) == 2 and read[0] != read[1]:
        return (read[0], read[1])
    faults.append(Fault(place, "not_an_interval", repr(value), "two different numbers, as [0, 100]"))
    return (0.0, 1.0)
