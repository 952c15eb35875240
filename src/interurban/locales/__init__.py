"""Everything a person reads, in English, Russian and Chinese.

`locales/<language>/<area>.toml` holds the messages of one area; `message("cli.collect_done", count=3)` reads `collect_done` of
`cli.toml`. A message is a string with `{name}` places, or a table of plural forms (`one`, `few`, `many`, `other`) chosen by `count`.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from importlib.resources import files

LANGUAGES = ("en", "ru", "zh")
_chosen: str | None = None
_of_request: ContextVar[str | None] = ContextVar("language of a request", default=None)


def choose_language(language: str | None) -> None:
    """Set the language of this process; None goes back to what the environment says."""
    global _chosen  # noqa: PLW0603  one process talks to one person; a server speaks to each in theirs by `speaking`
    _chosen = language


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak this language in the block, and in all threads and tasks it starts: a server's answer to one request."""
    before = _of_request.set(language)
    try:
        yield
    finally:
        _of_request.reset(before)


def current_language() -> str:
    """The language of the request being answered, else the chosen one, else INTERURBAN_LANG, LC_ALL, LC_MESSAGES or LANG, else English."""
    for said in (_of_request.get(), _chosen, *(os.environ.get(name) for name in ("INTERURBAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))):
        if said and said[:2].lower() in LANGUAGES:
            return said[:2].lower()
    return "en"


@cache
def area_messages(language: str, area: str) -> Mapping[str, str | Mapping[str, str]]:
    """All messages of one area in one language."""
    import tomllib

    text = files("interurban.locales").joinpath(language, f"{area}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def plural_form(language: str, count: float) -> str:
    """CLDR plural category of `count`: Russian has one, few, many, other; English one, other; Chinese other."""
    if language == "zh":
        return "other"
    if language == "en":
        return "one" if count == 1 else "other"
    if count != int(count):
        return "other"
    tens, units = int(count) % 100, int(count) % 10
    if units == 1 and tens != 11:
        return "one"
    return "few" if units in (2, 3, 4) and tens not in (12, 13, 14) else "many"


def number(value: float, decimals: int = 0, language: str | None = None) -> str:
    """A number as the language writes it: 1,234.5 in English and Chinese, 1 234,5 (no-break spaces) in Russian."""
    text = f"{value:,.{decimals}f}"
    if (language or current_language()) == "ru":
        return text.replace(",", "\u00a0").replace(".", ",")
    return text


@lru_cache(maxsize=16_384)
def sort_key(name: str, language: str) -> tuple[str | bytes, str]:
    """What to sort names by for readers of a language.

    English: letters without their accents. Russian: its alphabet, ё as е, after names in Latin letters. Chinese: the order of GB 2312,
    which is that of pinyin for the common characters and of strokes for the rare ones; a character of several readings has one place.
    """
    if language == "zh":
        return name.casefold().encode("gb18030"), name
    letters = name.casefold().replace("ё", "е")
    if not letters.isascii():  # but й is a letter of its own, no и with an accent
        letters = "".join(each if "а" <= each <= "я" else unicodedata.normalize("NFKD", each)[0] for each in letters)
    return letters, name


def has_message(key: str, language: str = "en") -> bool:
    """Whether `key` exists; for texts that come from outside, such as the notices of another validator."""
    area, _, name = key.partition(".")
    return name in area_messages(language, area)


def message(key: str, language: str | None = None, **values: object) -> str:
    """The text of `key`, filled with `values`; KeyError when it does not exist (a guard test sees to it that all do)."""
    language = language or current_language()
    area, _, name = key.partition(".")
    text = area_messages(language, area)[name]
    if not isinstance(text, str):
        count = values["count"]
        form = plural_form(language, float(count) if isinstance(count, (int, float)) else 0)
        text = text.get(form) or text["other"]
    shown = {k: number(v, language=language) if type(v) is int else v for k, v in values.items()}
    return text.format(**shown) if shown else text
