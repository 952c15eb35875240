"""The catalogue of indicators, read from the definition files."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from interurban.errors import NotFound
from interurban.locales import message
from interurban.model.indicator import Bounds, Comparable, Decomposition, Derived, Indicator


@cache
def indicators() -> Mapping[str, Indicator]:
    """All indicators by code, in the order of the definition files (`indicators/definitions/<theme>.toml`)."""
    found: dict[str, Indicator] = {}
    for file in sorted(files("interurban.indicators").joinpath("definitions").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            theme = file.name.removesuffix(".toml")
            found |= {code: _indicator(code, theme, raw) for code, raw in tomllib.loads(file.read_text(encoding="utf-8")).items()}
    return found


def get_indicator(code: str) -> Indicator:
    """The definition of `code`.

    Raises:
        NotFound: there is no such indicator.
    """
    try:
        return indicators()[code]
    except KeyError:
        near = get_close_matches(code, indicators(), 3, cutoff=0.4)
        raise NotFound(message("metrics.no_indicator", indicator=code, near=", ".join(near) or "—"), indicator=code) from None


def _indicator(code: str, theme: str, raw: Mapping[str, Any]) -> Indicator:
    values = {**raw, "names": raw["name"], "definitions": raw["definition"]}
    values = {key: value for key, value in values.items() if key not in ("name", "definition")}
    values |= {key: tuple(values.get(key, ())) for key in ("breakdowns", "how", "sum_of")}
    values |= {key: Bounds(**values.get(key, {})) for key in ("valid", "plausible")}
    values["derived"] = Derived(**values["derived"]) if "derived" in values else None
    values["decomposition"] = Decomposition(**values["decomposition"])
    values["comparable"] = tuple(Comparable(**each) for each in values["comparable"])
    values["changelog"] = {int(version): text for version, text in values["changelog"].items()}
    return Indicator(code=code, theme=theme, **values)
