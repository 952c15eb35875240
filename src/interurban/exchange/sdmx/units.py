"""Units of measure as SDMX codes."""

from __future__ import annotations

import re
from functools import cache

_SPECIAL = {"%": "PT"}  # "per cent" has a code of its own in the cross-domain list


@cache
def unit_code(unit: str) -> str:
    """The code of a unit of ours: "km per 100 000 inhabitants" is "KM_PER_100000_INHABITANTS", "%" is "PT"."""
    if unit in _SPECIAL:
        return _SPECIAL[unit]
    words = re.sub(r"(?<=\d) (?=\d)", "", unit)
    for sign, word in (("/", " PER "), ("²", "2"), ("%", " PT "), ("$", " DOLLAR "), ("°", " DEG ")):
        words = words.replace(sign, word)
    return re.sub(r"[^A-Za-z0-9]+", "_", words).strip("_").upper() or "_X"
