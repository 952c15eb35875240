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


def page_at(routes: APIRouter, path: str, **described: Any) -> Callable[[Answer], Answer]:
    """Answer `path` and, in JSON, `path` with ".json" after it ("/.json" is "/index.json")."""
    twin = f"{path}index.json" if path.endswith("/") else f"{path}.json"

    def register(function: Answer) -> Answer:
        routes.add_api_route(twin, function, methods=["GET"], tags=["pages"], **described)
        routes.add_api_route(path, function, methods=["GET"], include_in_schema=False)
        return function

    return register


def language_of_path(path: str) -> str | None:
    """The language of the site that a path lies in, or None where it lies in none."""
    first, _, _ = path.removeprefix("/").partition("/")
    return first if first in LANGUAGES else None
