"""Whether what a client has is still what it would get."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from starlette.requests import Request


def answer_headers(parts: object) -> dict[str, str]:
    """The headers of an answer that stays the same as long as `parts` do; clients ask again each time whether it has."""
    # A weak tag: the same answer may be compressed or not.
    return {"ETag": f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"', "Cache-Control": "no-cache"}


def is_fresh(request: Request, headers: Mapping[str, str]) -> bool:
    """Whether the request says that it has the answer with these headers already."""
    known = request.headers.get("if-none-match", "")
    tag = headers.get("ETag")
    return tag is not None and (known.strip() == "*" or tag in (each.strip() for each in known.split(",")))
