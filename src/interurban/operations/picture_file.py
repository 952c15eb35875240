"""A chart as a file: SVG or PNG drawn by vl-convert, or the Vega-Lite specification itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from interurban.errors import NodeError, UsageError
from interurban.locales import message

SUFFIXES = (".svg", ".png", ".json")
# Names of files of fonts that have Chinese letters, and where systems keep fonts.
_CHINESE_FONTS = (
    "cjk", "sourcehan", "wqy", "uming", "ukai", "pingfang", "msyh", "simsun", "simhei", "droidsansfallback", "heiti", "songti",
)
_FONT_FOLDERS = (
    "/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts", "~/.fonts", "~/.local/share/fonts",
)
_FONT_FILES = (".ttf", ".ttc", ".otf")


def check_picture_path(path: Path) -> None:
    """Refuse a file that no chart can be written to, before anything is computed.

    Raises:
        UsageError: the name ends otherwise than in .svg, .png or .json, or the extra `charts` is not installed.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(message("journey.not_a_picture", path=path))
    if path.suffix.lower() != ".json":
        try:
            import vl_convert  # noqa: F401
        except ImportError as missing:
            raise UsageError(message("journey.no_charts")) from missing


def write_picture(specification: Mapping[str, Any], path: Path) -> None:
    """Write a Vega-Lite specification as a picture, or as it is, by the name's ending.

    Raises:
        UsageError: as in `check_picture_path`.
        NodeError: the file cannot be written.
    """
    check_picture_path(path)
    text = json.dumps(specification, ensure_ascii=False)
    try:
        match path.suffix.lower():
            case ".json":
                path.write_text(text, encoding="utf-8")
            case ".svg":
                import vl_convert

                path.write_text(vl_convert.vegalite_to_svg(text), encoding="utf-8")
            case _:
                import vl_convert

                path.write_bytes(vl_convert.vegalite_to_png(text, scale=2))
    except OSError as wrong:
        raise NodeError(message("store.cannot_write", path=str(path), reason=wrong.strerror), path=str(path)) from wrong


def has_chinese_font() -> bool:
    """Whether this system has a font with Chinese letters; without one a PNG would show boxes."""
    folders = (Path(folder).expanduser() for folder in _FONT_FOLDERS)
    files = (file for folder in folders if folder.is_dir() for file in folder.rglob("*") if file.suffix.lower() in _FONT_FILES)
    plain = (file.name.lower().replace("-", "").replace("_", "") for file in files)
    return any(name in file for file in plain for name in _CHINESE_FONTS)
