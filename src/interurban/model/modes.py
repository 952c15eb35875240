"""Modes of transport, from GTFS route types, basic (0-12) and extended (100-1702)."""

from __future__ import annotations

MODES = (
    "tram", "metro", "rail", "bus", "ferry", "cable", "gondola", "funicular", "trolleybus", "monorail", "coach", "taxi", "air", "other",
)

_BASIC = {
    0: "tram", 1: "metro", 2: "rail", 3: "bus", 4: "ferry", 5: "cable", 6: "gondola", 7: "funicular", 11: "trolleybus", 12: "monorail",
}

# Hundreds of the extended list; the two exceptions inside a hundred stand below.
_EXTENDED = {
    1: "rail", 2: "coach", 3: "rail", 4: "metro", 5: "metro", 6: "metro", 7: "bus", 8: "trolleybus", 9: "tram", 10: "ferry",
    11: "air", 12: "ferry", 13: "gondola", 14: "funicular", 15: "taxi", 16: "other", 17: "other",
}
_EXCEPTIONS = {405: "monorail"}


def mode_of(route_type: int | None) -> str:
    """Mode name of a GTFS route_type; "other" for one that no list knows or that is missing."""
    if route_type is None:
        return "other"
    return _EXCEPTIONS.get(route_type) or _BASIC.get(route_type) or _EXTENDED.get(route_type // 100 if route_type >= 100 else -1, "other")


def known_route_types() -> list[int]:
    """Every route type that a list knows: basic ones, and all of 100-1799."""
    return [*_BASIC, *range(100, 1800)]
