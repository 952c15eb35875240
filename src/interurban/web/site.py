"""The pages for people: each under its language, with its JSON twin beside it."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from interurban.locales import LANGUAGES, current_language
from interurban.web import assets
from interurban.web.pages import (
    cities,
    city,
    compare,
    data,
    day,
    desk,
    diagnosis,
    explain,
    feed,
    find,
    home,
    indicator,
    indicators,
    provider,
    rating,
)

_PAGES = (
    home.routes, find.routes, cities.routes, city.routes, day.routes, indicators.routes, indicator.routes, compare.routes, feed.routes,
    explain.routes, rating.routes, diagnosis.routes, data.routes, desk.routes, provider.routes,
)

_A_DAY = "public, max-age=86400"
_start = APIRouter(include_in_schema=False)


@_start.get("/")
def start() -> Response:
    """Lead to the site in the language that the browser asks for."""
    return RedirectResponse(f"/{current_language()}/", 307, headers={"Vary": "Accept-Language"})


@_start.get("/robots.txt")
def robots() -> Response:
    """What programs that read the site for search engines may read: all but the desk, where there is nothing for them."""
    rules = ["User-agent: *", *(f"Disallow: /{language}/desk" for language in LANGUAGES), "Allow: /"]
    return PlainTextResponse("\n".join(rules) + "\n", headers={"Cache-Control": _A_DAY})


@_start.get("/favicon.ico")
def icon() -> Response:
    """Lead programs that look for the site's mark where it always was to where it is."""
    return RedirectResponse(assets.asset_url("mark.svg"), 302, headers={"Cache-Control": _A_DAY})


def site_routes() -> Iterator[tuple[APIRouter, str]]:
    """Every router of the site with the prefix it stands under."""
    yield assets.routes, ""
    yield _start, ""
    yield provider.back_routes, ""
    for language in LANGUAGES:
        for routes in _PAGES:
            yield routes, f"/{language}"
