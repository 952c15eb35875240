"""Notices in words: what was met, where, and the first places of it."""

from __future__ import annotations

from collections.abc import Mapping

from interurban.locales import has_message, message
from interurban.model import Notice

_AREAS = ("notices", "fetch")
_SAMPLES = 3


def notice_title(notice: Notice) -> str:
    """What a notice says, in the chosen language; another validator's code that we have no text for as plain words."""
    for area in _AREAS:
        if has_message(f"{area}.{notice.code}"):
            return message(f"{area}.{notice.code}").format_map(_values(notice))
    return notice.code.replace("_", " ")


def place(notice: Notice) -> str:
    """File and field of a notice: "stop_times.txt: arrival_time"; a dash when it is about the whole feed."""
    return ": ".join(part for part in (notice.file, notice.field) if part) or "—"


def samples(notice: Notice) -> str:
    """The first rows, with their values, in which the fault was met: "12 (25:61:00), 40 (8h)"."""
    shown = []
    for sample in notice.samples[:_SAMPLES]:
        row = "" if sample.row is None else str(sample.row)
        shown.append(f"{row} ({sample.value})".strip() if sample.value is not None else row)
    return ", ".join(shown)


def _values(notice: Notice) -> Mapping[str, str]:
    first = notice.samples[0].value if notice.samples else None
    known = {"file": notice.file, "field": notice.field, "allowed": notice.allowed, "value": first, "found": first}
    return _Blank({name: value for name, value in known.items() if value}, count=str(notice.count))


class _Blank(dict[str, str]):
    """A place to fill that a notice says nothing about reads as three dots rather than as a fault of ours."""

    def __missing__(self, name: str) -> str:
        return "…"
