"""The language of an answer, from what a request accepts."""

from __future__ import annotations

import re

from interurban.locales import LANGUAGES

_RANGE = re.compile(r"\s*([a-zA-Z]{1,8}|\*)(?:-[a-zA-Z0-9-]*)?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*")


def language_of(accept_language: str) -> str:
    """Our language that an Accept-Language header likes best: "zh-Hans-CN, ru;q=0.7" is "zh"; English where none of ours is in it."""
    best, best_q = LANGUAGES[0], 0.0
    for part in accept_language[:500].split(","):
        found = _RANGE.fullmatch(part)
        if not found:
            continue
        language, q = found[1].lower(), float(found[2] or 1)
        if language in LANGUAGES and q > best_q:
            best, best_q = language, q
    return best
