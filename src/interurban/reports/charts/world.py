"""The world as a picture to put cities on: land only, in the equal-earth projection, labels that do not cover each other.

Land is that of Natural Earth 1:110 million (public domain, from world-atlas 2.0.2), cut at the 180th meridian and without Antarctica; no
borders of countries are drawn.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

WIDTH, HEIGHT = 960.0, 430.0
_NORTH, _SOUTH = 84.0, -57.0
# Equal Earth: Šavrič, Patterson and Jenny 2018, doi 10.1080/13658816.2018.1504949, equations 5-7.
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M = math.sqrt(3) / 2
_LETTER_WIDTH, _CJK_WIDTH, _LETTER_HEIGHT = 6.6, 12.5, 14.0
_WIDE_LETTERS, _WIDE_WIDTH = frozenset("mwMWШЩЖЮМФшщжюмфы"), 11.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A city on the map: where, how large, and where its label stands ("" where there is no room for one)."""

    key: str
    x: float
    y: float
    radius: float
    label: str
    label_x: float
    label_y: float
    anchor: str


def project(lat: float, lon: float) -> tuple[float, float]:
    """Place of a point in the picture, from the top left."""
    x, y = _equal_earth(lat, lon)
    west, east = _equal_earth(0, -180)[0], _equal_earth(0, 180)[0]
    top, bottom = _equal_earth(_NORTH, 0)[1], _equal_earth(_SOUTH, 0)[1]
    return (x - west) / (east - west) * WIDTH, (top - y) / (top - bottom) * HEIGHT


@cache
def land_path() -> str:
    """The land as the `d` of an SVG path."""
    rings = json.loads(files("interurban.reports.charts").joinpath("land.json").read_text(encoding="utf-8"))
    return "".join(_ring([project(lat, lon) for lon, lat in ring]) for ring in rings)


def place_marks(cities: Sequence[tuple[str, str, float, float, float]], scale: float = 1.0, most: int = 400) -> list[Mark]:
    """Cities (key, label, latitude, longitude, radius) on the map; the first given get their labels first.

    A label stands right, left, above or below its circle, where it covers neither a circle nor another label; else it is left out. Letters
    are `scale` times as large, circles as far as they keep apart; no label is tried beyond the first `most` cities.
    """
    spots = [(key, label, *project(lat, lon), radius * min(scale, 2)) for key, label, lat, lon, radius in cities]
    taken = [(x - r, y - r, x + r, y + r) for _, _, x, y, r in spots]
    marks = []
    for number, (key, label, x, y, radius) in enumerate(spots):
        mark = Mark(key, x, y, radius, "", 0, 0, "start")
        for place_x, place_y, anchor in _places(x, y, radius, scale) if number < most else ():
            box = _box(label, place_x, place_y, anchor, scale)
            others = taken[:number] + taken[number + 1:]
            if box[0] >= 0 and box[1] >= 0 and box[2] <= WIDTH and box[3] <= HEIGHT and not any(_meet(box, other) for other in others):
                taken.append(box)
                mark = Mark(key, x, y, radius, label, place_x, place_y, anchor)
                break
        marks.append(mark)
    return marks


def _equal_earth(lat: float, lon: float) -> tuple[float, float]:
    t = math.asin(_M * math.sin(math.radians(lat)))
    slope = _A1 + 3 * _A2 * t**2 + t**6 * (7 * _A3 + 9 * _A4 * t**2)
    x = math.radians(lon) * math.cos(t) / (_M * slope)
    return x, t * (_A1 + _A2 * t**2 + t**6 * (_A3 + _A4 * t**2))


def _ring(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def _places(x: float, y: float, radius: float, scale: float) -> list[tuple[float, float, str]]:
    beside, lower = radius + 4, y + 4 * scale
    return [
        (x + beside, lower, "start"), (x - beside, lower, "end"), (x, y - radius - 5, "middle"),
        (x, y + radius + _LETTER_HEIGHT * scale, "middle"),
    ]


def _box(label: str, x: float, y: float, anchor: str, scale: float) -> tuple[float, float, float, float]:
    width = scale * sum(map(_width, label))
    left = {"start": x, "end": x - width, "middle": x - width / 2}[anchor]
    return left, y - (_LETTER_HEIGHT - 3) * scale, left + width, y + 3 * scale


def _width(letter: str) -> float:
    if ord(letter) > 0x2E80:
        return _CJK_WIDTH
    return _WIDE_WIDTH if letter in _WIDE_LETTERS else _LETTER_WIDTH


def _meet(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
