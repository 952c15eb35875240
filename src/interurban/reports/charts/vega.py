"""Drawing a Vega-Lite specification: SVG for a page or a file, PNG.

The specification is data and can be handed on as it is. Nothing is fetched: fonts come with the package, and data stands in the
specification.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from interurban.errors import UsageError
from interurban.locales import message
from interurban.reports.charts.palette import DARK, LIGHT

Spec = dict[str, Any]

# The renderer looks for a missing letter in any font of the system, not in the next of the list: Chinese comes first where it is meant.
_FONTS = {"en": "Onest, 'Noto Sans SC', sans-serif", "ru": "Onest, 'Noto Sans SC', sans-serif", "zh": "'Noto Sans SC', Onest, sans-serif"}
_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_VERSION = "6.1"
# Numbers as each language writes them; Vega's own names of the fields.
_NUMBERS = {
    "en": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]},
    "ru": {"decimal": ",", "thousands": "\u00a0", "grouping": [3], "currency": ["", ""]},
    "zh": {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", ""]},
}


def specification(body: Mapping[str, Any], *, title: str, width: int, height: int | Mapping[str, Any]) -> Spec:
    """`body` (data, marks, encodings) with the project's look around it, and `title` as the text for who cannot see it."""
    return {
        "$schema": _SCHEMA, "description": title, "width": width, "height": height, "background": None, "padding": 4,
        "autosize": {"type": "fit", "contains": "padding"}, **body, "config": _config(),
    }


def titled(spec: Spec, language: str, notes: Sequence[str] = ()) -> Spec:
    """The chart as it stands alone, away from its page: its description as a title, `notes` in small lines below it, cut to the width."""
    letters = int(spec["width"]) // (12 if language == "zh" else 6)
    lines = [line for note in notes for line in textwrap.wrap(note, letters, max_lines=3, placeholder=" …")]
    heading = {
        "text": textwrap.wrap(spec["description"], letters * 3 // 4), "subtitle": lines, "anchor": "start", "frame": "bounds", "offset": 12,
        "color": LIGHT["ink"], "subtitleColor": LIGHT["ink-soft"], "fontSize": 15, "subtitleFontSize": 11,
    }
    return {**spec, "title": heading}


def to_svg(spec: Spec, language: str, *, theme: str = "page") -> str:
    """The chart as an SVG element.

    Args:
        spec: The specification.
        language: "en", "ru" or "zh": how numbers are written.
        theme: "page" writes colours as CSS variables, which follow the page around it; "light" and "dark" write them out, for a file.
    """
    svg: str = _renderer().vegalite_to_svg(_written(spec, language), vl_version=_VERSION, format_locale=_NUMBERS[language])
    svg = re.sub(r' style="[^"]*"', "", svg)  # a strict content policy refuses them, and none is needed
    # The chart is one image with one name; what its parts say of themselves is no text for those who cannot see it.
    svg = re.sub(r' (role|aria-[a-z]+)="[^"]*"', "", svg)
    svg = re.sub(r"<svg [^>]*?(width=\"[\d.]+\") (height=\"[\d.]+\") (viewBox=\"[^\"]+\")[^>]*>",
                 r'<svg xmlns="http://www.w3.org/2000/svg" \1 \2 \3 role="img">', svg, count=1)
    svg = svg.replace('role="img">', f'role="img" aria-label="{_attribute(spec.get("description", ""))}">', 1)
    return _coloured(svg, theme)


def to_png(spec: Spec, language: str, scale: float = 2.0) -> bytes:
    """The chart as a PNG on white paper, `scale` pixels to a point."""
    paper = {**spec, "background": LIGHT["paper"]}
    draw = _renderer().vegalite_to_png
    picture: bytes = draw(_written(paper, language), vl_version=_VERSION, scale=scale, format_locale=_NUMBERS[language])
    return picture


def check_renderer() -> None:
    """Refuse to draw where the extra `charts` is not installed, by a UsageError."""
    _renderer()


@cache
def _renderer() -> Any:
    try:
        import vl_convert
    except ImportError as absent:
        raise UsageError(message("charts.not_installed")) from absent
    vl_convert.register_font_directory(str(files("interurban.reports").joinpath("fonts")))
    return vl_convert


def _written(spec: Spec, language: str) -> str:
    return json.dumps({**spec, "config": {**spec["config"], "font": _FONTS[language]}}, ensure_ascii=False)


def _coloured(svg: str, theme: str) -> str:
    if theme == "light":
        return svg
    for name, colour in LIGHT.items():
        wanted = f"var(--{name})" if theme == "page" else DARK[name]
        svg = svg.replace(f'"{colour}"', f'"{wanted}"')
    return svg


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _config() -> dict[str, Any]:
    axis = {
        "labelColor": LIGHT["ink-soft"], "titleColor": LIGHT["ink-soft"], "gridColor": LIGHT["line"], "domain": False, "ticks": False,
        "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelPadding": 6,
    }
    return {
        "axis": axis, "view": {"stroke": None},
        "text": {"color": LIGHT["ink"], "fontSize": 12}, "legend": {"labelColor": LIGHT["ink"], "titleColor": LIGHT["ink-soft"]},
        "rule": {"color": LIGHT["ink"]}, "range": {"category": [LIGHT[f"series-{n}"] for n in range(1, 11)]},
    }
