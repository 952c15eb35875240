"""How a page is declared: one function for the page and for its JSON twin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from interurban.locales import LANGUAGES

Answer = Callable[..., Response]


def page_language(request: Request) -> str:
    """The language that the path begins with."""
    return request.url.path[1:3]


PageLanguage = Annotated[str, Depends(page_language)]


def page_at(routes: APIRouter, path: str, twin: Any) -> Callable[[Answer], Answer]:
    """Answer `path` and, in JSON, `path` with ".json" after it ("/.json" is "/index.json"), described as a `twin` (`web/twins/`)."""
    place = f"{path}index.json" if path.endswith("/") else f"{path}.json"

    def register(function: Answer) -> Answer:
        routes.add_api_route(place, function, methods=["GET"], tags=["pages"], response_model=twin)
        routes.add_api_route(path, function, methods=["GET"], include_in_schema=False)
        return function

    return register


def file_at(routes: APIRouter, path: str, media_type: str) -> Callable[[Answer], Answer]:
    """Answer `path` with a file that belongs to a page."""
    return routes.get(path, tags=["pages"], response_class=Response, responses={200: {"content": {media_type: {}}}})


def language_of_path(path: str) -> str | None:
    """The language of the site that a path lies in, or None where it lies in none."""
    first, _, _ = path.removeprefix("/").partition("/")
    return first if first in LANGUAGES else None
