"""Finding by name: in any script, with or without accents, by a part of a word, with a small slip of the keyboard."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import TypeVar

_T = TypeVar("_T")
_CYRILLIC = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґў", (
    "a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh", "ts", "ch", "sh",
    "shch", "", "y", "", "e", "yu", "ya", "i", "yi", "ye", "g", "u",
), strict=True))
_LATIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
_SIGNS = {**dict.fromkeys("'’ʼ`´", ""), **dict.fromkeys("-‐‑–—,.()/", " ")}
_PLAIN = str.maketrans({**_CYRILLIC, **_LATIN, **_SIGNS})
MOST_LETTERS = 100
"""Of what is asked, so much is looked for."""
_MOST_WORDS = 6
_SLIPS_FROM = 5  # in shorter words, one letter makes another word
_LIKENESS = 0.8  # of five letters one may be wrong, of ten two
_LIKE = 20


@lru_cache(maxsize=30_000)
def folded(text: str) -> str:
    """In small Latin letters without accents and signs: São Paulo is "sao paulo", Санкт-Петербург "sankt peterburg"."""
    plain = text.casefold().translate(_PLAIN)
    return "".join(letter for letter in unicodedata.normalize("NFD", plain) if not unicodedata.combining(letter)).strip()


def fitting(asked: str, things: Iterable[_T], names: Callable[[_T], Sequence[str]]) -> list[_T]:
    """The things whose names hold every word of `asked`, those that begin with it first; a word that nothing holds may have a slip.

    Args:
        asked: What somebody wrote; of a long text only the beginning counts.
        things: What may be found.
        names: All names of one of them.
    """
    words = folded(asked[:MOST_LETTERS]).split()[:_MOST_WORDS]
    texts = [(each, f" {' | '.join(map(folded, names(each)))}") for each in things]
    held = [_held(word, [text for _, text in texts]) for word in words]
    found = [(each, text) for each, text in texts if words and all(any(form in text for form in forms) for forms in held)]
    return [each for each, text in sorted(found, key=lambda pair: not any(f" {form}" in pair[1] for form in held[0]))]


def _held(word: str, texts: Sequence[str]) -> Sequence[str]:
    """The word where any text holds it, else the words of the texts that it may be a slip of."""
    if len(word) < _SLIPS_FROM or any(word in text for text in texts):
        return (word,)
    known = {each for text in texts for each in text.split() if abs(len(each) - len(word)) <= 2}
    return get_close_matches(word, sorted(known), _LIKE, _LIKENESS) or (word,)
