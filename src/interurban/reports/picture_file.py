"""A chart as a file: SVG, PNG, or the Vega-Lite specification itself."""

from __future__ import annotations

import json
from pathlib import Path

from interurban.errors import NodeError, UsageError
from interurban.locales import message
from interurban.reports.charts.vega import Spec, check_renderer, to_png, to_svg

SUFFIXES = (".svg", ".png", ".json")


def check_picture_path(path: Path) -> None:
    """Refuse a file that no chart can be written to, before anything is computed.

    Raises:
        UsageError: the name ends otherwise than in .svg, .png or .json, or the extra `charts` is not installed.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(message("journey.not_a_picture", path=path))
    if path.suffix.lower() != ".json":
        check_renderer()


def write_picture(spec: Spec, path: Path, language: str) -> None:
    """Write a chart as a picture, or as it is, by the ending of a name that `check_picture_path` let pass.

    Raises:
        NodeError: the file cannot be written.
    """
    match path.suffix.lower():
        case ".json":
            contents = json.dumps(spec, ensure_ascii=False).encode()
        case ".svg":
            contents = to_svg(spec, language, theme="light").encode()
        case _:
            contents = to_png(spec, language)
    try:
        path.write_bytes(contents)
    except OSError as wrong:
        raise NodeError(message("store.cannot_write", path=str(path), reason=wrong.strerror), path=str(path)) from wrong
