"""The pages for people: each under its language, with its JSON twin beside it."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

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

_start = APIRouter(include_in_schema=False)


@_start.get("/")
def start() -> Response:
    """Lead to the site in the language that the browser asks for."""
    return RedirectResponse(f"/{current_language()}/", 307, headers={"Vary": "Accept-Language"})


def site_routes() -> Iterator[tuple[APIRouter, str]]:
    """Every router of the site with the prefix it stands under."""
    yield assets.routes, ""
    yield _start, ""
    yield provider.back_routes, ""
    for language in LANGUAGES:
        for routes in _PAGES:
            yield routes, f"/{language}"
