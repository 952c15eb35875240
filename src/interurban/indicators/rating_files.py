"""Definitions and archives of ratings as files: those that come with the program, and anybody's own."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

from interurban.errors import DataError, NodeError, NotFound, UsageError
from interurban.locales import message
from interurban.ratings.definition import Definition, WrongDefinition, parse_definition

MOST_BYTES = {"definition": 2_000_000, "archive": 200_000_000}


def shipped_ratings() -> tuple[str, ...]:
    """Names of the definitions that come with the program."""
    found = files("interurban.ratings").joinpath("definitions").iterdir()
    return tuple(sorted(each.name.removesuffix(".toml") for each in found if each.name.endswith(".toml")))


def read_rating(name_or_path: str) -> Definition:
    """The definition in a file, or a shipped one by its name.

    Raises:
        NotFound: there is neither such a file nor such a shipped definition.
        UsageError: the file is too large, or not TOML.
        WrongDefinition: it has faults; the message tells all of them in the chosen language.
    """
    if name_or_path in shipped_ratings():
        text = files("interurban.ratings").joinpath("definitions", f"{name_or_path}.toml").read_text(encoding="utf-8")
    else:
        text = _text(Path(name_or_path), "definition", shipped_ratings)
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        raise UsageError(message("ratings.not_toml", path=name_or_path, reason=wrong)) from wrong
    return parse_definition(raw)


def told_faults(wrong: WrongDefinition) -> list[str]:
    """Every fault of a definition in the chosen language, one line each."""
    return [
        message("ratings.fault", place=each.place, kind=message(f"ratings.fault_{each.code}"), found=each.found, allowed=each.allowed)
        for each in wrong.faults
    ]


def write_archive(archive: dict[str, Any], path: Path) -> None:
    """Write an archive whole or not at all; the same archive gives the same bytes.

    Raises:
        NodeError: it cannot be written.
    """
    from interurban.store.locks import write_whole

    # Names keep their order: that of nodes and columns says which random number goes where.
    text = json.dumps(archive, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        write_whole(path, text.encode() + b"\n")
    except OSError as wrong:
        raise NodeError(message("cli.cannot_write", path=path)) from wrong


def read_archive_file(path: Path) -> Any:
    """What an archive file holds, unchecked: see `interurban.ratings.archive.verify`.

    Raises:
        NotFound: there is no such file.
        DataError: it is too large, or not JSON.
    """
    text = _text(path, "archive", tuple)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise DataError(message("ratings.not_an_archive", path=path)) from wrong


def _text(path: Path, kind: str, known: Callable[[], tuple[str, ...]]) -> str:
    try:
        with path.open("rb") as file:
            read = file.read(MOST_BYTES[kind] + 1)
    except OSError as wrong:
        names = known()
        near = ", ".join(get_close_matches(str(path), names, 3, cutoff=0.4) or names) or "—"
        raise NotFound(message(f"ratings.no_{kind}", path=path, known=near)) from wrong
    if len(read) > MOST_BYTES[kind]:
        raise UsageError(message("ratings.too_large", path=path, most=MOST_BYTES[kind]))
    try:
        return read.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise UsageError(message("ratings.not_text", path=path)) from wrong
