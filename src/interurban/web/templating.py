"""Pages from templates: the texts, numbers and dates of a language, escaped by default, with nothing left undefined."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from interurban.locales import LANGUAGES, has_message, message, number
from interurban.model import City
from interurban.model.indicator import Indicator
from interurban.web.address import base_of
from interurban.web.assets import asset_url

LOCALES = {"en": "en_GB", "ru": "ru_RU", "zh": "zh_Hans_CN"}


def page(request: Request, language: str, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
    """The page `template` in `language`; its JSON twin (the member `data` of the context) where the path ends in ".json".

    Args:
        request: What was asked; its path begins with the language.
        language: "en", "ru" or "zh".
        template: Name of the file in `templates/`.
        context: What the template shows. `data` is what the page says, as plain JSON, or a function that gives it.
        status: HTTP status.
    """
    if request.url.path.endswith(".json"):
        data = context["data"]
        return _Twin(data() if callable(data) else data, status)
    base = base_of(request, request.app.state.node)
    html = environment(language).get_template(template).render(**context, page=_Address(request, language), base=base)
    return HTMLResponse(html, status)


class _Twin(JSONResponse):
    """What a page says as JSON, which has no word for a number that is not known: null."""

    def render(self, content: Any) -> bytes:
        """The content written down; it is looked through only where it holds such a number."""
        try:
            return super().render(content)
        except ValueError:
            return super().render(_with_nulls(content))


def _with_nulls(content: Any) -> Any:
    match content:
        case float():
            return content if math.isfinite(content) else None
        case dict():
            return {name: _with_nulls(each) for name, each in content.items()}
        case list() | tuple():
            return [_with_nulls(each) for each in content]
    return content


@cache
def environment(language: str) -> Environment:
    """Jinja's environment with the texts of one language as `t("site.home")`, and what templates call to write things out."""
    made = Environment(
        loader=PackageLoader("interurban.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )

    def t(key: str, **values: object) -> str:
        return message(key, language, **values)

    def unit(name: str) -> str:
        return t(f"units.{name}") if has_message(f"units.{name}") else name

    def day(value: dt.date) -> str:
        return str(format_date(value, format="long" if language != "zh" else "medium", locale=LOCALES[language]))

    def word(kind: str, name: str) -> str:
        """What a parameter, method or input is called; one that nobody named, by its own name."""
        return t(f"lineage.{kind}_{name}") if has_message(f"lineage.{kind}_{name}") else name

    def moment(value: dt.datetime) -> str:
        """A moment in UTC, to the minute."""
        return f"{day(value)}{' ' if language == 'zh' else ', '}{value:%H:%M} UTC"

    def month_name(value: dt.date) -> str:
        return str(format_skeleton("yMMM", value, locale=LOCALES[language]))

    def weekday_name(value: dt.date) -> str:
        name = str(format_date(value, "cccc", locale=LOCALES[language]))
        return name[:1].upper() + name[1:]

    def listed(cities: Sequence[City]) -> str:
        """Names one after the other with the language's "and" before the last."""
        return str(format_list([city.name(language) for city in cities], locale=LOCALES[language]))

    def country(code: str) -> str:
        return str(Locale.parse(LOCALES[language]).territories.get(code, code))

    made.globals.update(
        t=t, language=language, languages=LANGUAGES, asset=asset_url, unit=unit, day=day, moment=moment, word=word, month_name=month_name,
        weekday_name=weekday_name, listed=listed, country=country, mode_name=lambda mode: mode_name(mode, language),
        name_of=lambda indicator, mode: name_of(indicator, mode, language),
        comma="、" if language == "zh" else ", ", colon="：" if language == "zh" else ": ", semicolon="；" if language == "zh" else "; ",
        number=lambda value, decimals=0: "—" if value is None or math.isnan(value) else number(value, decimals, language), query=_query,
    )
    return made


def mode_name(mode: str, language: str) -> str:
    """Name of a mode of transport, or of all together."""
    key = "site.all_modes" if mode == "all" else f"cli.mode_{mode}"
    return message(key, language) if has_message(key) else mode


def name_of(indicator: Indicator, mode: str, language: str) -> str:
    """Name of an indicator, with the mode where it speaks of one."""
    name = indicator.names[language]
    return name if mode == "all" else message("site.of_mode", language, name=name, mode=mode_name(mode, language))


class _Address:
    """Where the reader is, and the same place in another language, form or state."""

    def __init__(self, request: Request, language: str) -> None:
        self.path = request.url.path
        self.language = language
        asked = request.query_params
        self._query = {name: ",".join(filter(None, asked.getlist(name))) for name in asked}

    @property
    def rest(self) -> str:
        """The path after the language."""
        return self.path.removeprefix(f"/{self.language}")

    def in_language(self, language: str) -> str:
        """The same page in another language."""
        return f"/{language}{self.rest}" + _query(self._query)

    def with_(self, **changes: object) -> str:
        """The same page with some of its parameters changed; None takes one away."""
        return self.path + _query({**self._query, **changes})

    def as_(self, ending: str) -> str:
        """The same view as a file: "json", "csv", "svg", "png"."""
        path = f"{self.path}index" if self.path.endswith("/") else self.path
        return f"{path}.{ending}" + _query(self._query)


def _query(values: Mapping[str, object]) -> str:
    given = {name: value for name, value in values.items() if value not in (None, "")}
    return f"?{urlencode(given, safe=',')}" if given else ""
