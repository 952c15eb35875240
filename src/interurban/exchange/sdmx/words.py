"""The words of SDMX-REST requests: ids, versions, lists of them, moments, parameters."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from interurban.errors import UsageError
from interurban.exchange.sdmx.artefacts import VERSION
from interurban.locales import message

_ID = re.compile(r"[A-Za-z0-9_@$-]+(\.[A-Za-z0-9_@$-]+)*")
_VERSION = re.compile(r"(\d+)\+?(?:\.(\d+)\+?)?(?:\.(\d+)\+?)?(?:-[A-Za-z0-9.-]+)?")
_ALL_VERSIONS = ("*", "~", "+", "latest")

FILTERS = "c[…]"
"""Stands for the filters of all components among the names of parameters."""

Parameters = Mapping[str, Sequence[str]]
"""Values by name, as they stand in the query of an address."""


def segments(path: str) -> list[str]:
    """The parts of a path; a slash at the end, or two in a row, say nothing."""
    return [unquote(part) for part in path.split("/") if part]


def parameters(query: str) -> Parameters:
    """The parameters of a query string. "+" stays "+": in a filter it is the "and" of SDMX-REST, however it came."""
    found: dict[str, list[str]] = {}
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name:
            found.setdefault(unquote(name), []).append(unquote(value))
    return found


def only(asked: Parameters, allowed: Sequence[str]) -> None:
    """Hold a request to the parameters that have a meaning; `c[…]` is one: what is not understood would be answered wrongly in silence.

    Raises:
        UsageError: it has another one, which case or a letter may make.
    """
    for name in asked:
        if name not in allowed and not (name.startswith("c[") and FILTERS in allowed):
            text = message("sdmx.no_parameter", parameter=name[:100], allowed=", ".join(allowed))
            raise UsageError(text, parameter=name[:100], allowed=list(allowed))


def one(asked: Parameters, name: str, default: str = "") -> str:
    """The value of a parameter that may be given once.

    Raises:
        UsageError: it is given several times.
    """
    values = asked.get(name, [default])
    if len(values) > 1:
        raise UsageError(message("sdmx.given_twice", parameter=name), parameter=name)
    return values[0]


def ids(text: str, what: str) -> tuple[str, ...] | None:
    """Ids out of "A,B"; None for "*", which is all.

    Raises:
        UsageError: one of them is no id.
    """
    found = tuple(text.split(","))
    for each in found:
        if each not in ("*", "all", "") and not _ID.fullmatch(each):
            raise UsageError(message("sdmx.not_an_id", what=what, text=each[:100]), parameter=what)
    return None if any(each in ("*", "all", "") for each in found) else found


def has_version(text: str, version: str = VERSION) -> bool:
    """Whether `text` names this version: "1.0.0" and "1.0" alike, "1.0+.0" a later one that fits, "*", "~" and "+" any and the newest.

    Raises:
        UsageError: it names no version.
    """
    return any(_is_version(each, version) for each in text.split(","))


def _is_version(text: str, version: str) -> bool:
    if text in _ALL_VERSIONS:
        return True
    found = _VERSION.fullmatch(text)
    if not found:
        raise UsageError(message("sdmx.not_a_version", text=text[:100]), parameter="version")
    asked = [int(part or 0) for part in found.groups()]
    ours = ([int(part) for part in version.split(".")] + [0, 0])[:3]
    return ours >= asked if "+" in text else ours == asked


def moment(text: str, parameter: str) -> dt.datetime:
    """A moment by ISO 8601; one without a time zone is in UTC.

    Raises:
        UsageError: it is none.
    """
    try:
        # A "+" of the time zone that came as a blank, as forms write it, is a "+".
        found = dt.datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        raise UsageError(message("sdmx.not_a_moment", parameter=parameter, text=text[:100]), parameter=parameter) from None
    try:
        return found.replace(tzinfo=dt.UTC) if found.tzinfo is None else found.astimezone(dt.UTC)
    except OverflowError:
        raise UsageError(message("sdmx.not_a_moment", parameter=parameter, text=text[:100]), parameter=parameter) from None


def whole(text: str, parameter: str, least: int = 0) -> int:
    """A whole number that is at least `least`.

    Raises:
        UsageError: it is none.
    """
    if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) >= least):
        raise UsageError(message("sdmx.not_a_number", parameter=parameter, text=text[:100], least=least), parameter=parameter)
    return int(text)


def choice(text: str, parameter: str, allowed: Sequence[str]) -> str:
    """One of the words that a parameter may be.

    Raises:
        UsageError: it is none of them.
    """
    if text not in allowed:
        raise UsageError(message("sdmx.not_one_of", parameter=parameter, text=text[:100], allowed=", ".join(allowed)), parameter=parameter)
    return text
