"""Style sheet, scripts, fonts and vendored libraries: served under an address that holds their hash, so that they never go stale."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import cache
from importlib.resources import files
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.responses import Response

from interurban.errors import NotFound
from interurban.locales import message

routes = APIRouter(include_in_schema=False)

_FOREVER = "public, max-age=31536000, immutable"
_PACKED = (".css", ".js", ".mjs", ".svg", ".json")
_HASH_DIGITS = 12
_TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".woff2": "font/woff2"}


def asset_url(name: str) -> str:
    """Where the site's file `name` ("site.css", "fonts/onest-latin.woff2") is served; KeyError when there is none."""
    return f"/assets/{_hashes()[name]}/{name}"


@routes.get("/assets/{digest}/{name:path}")
def asset(digest: str, name: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
    """A file of the site. Another hash than the present one gives the present file, to be kept by nobody."""
    if name not in _hashes():
        raise NotFound(message("site.no_page"), path=name)
    ending = name[name.rfind("."):]
    headers = {"Cache-Control": _FOREVER if digest == _hashes()[name] else "no-store", "Vary": "Accept-Encoding"}
    body = _contents(name)
    if ending in _PACKED and "gzip" in accept_encoding:
        body, headers["Content-Encoding"] = _packed(name), "gzip"
    return Response(body, media_type=_TYPES.get(ending) or mimetypes.guess_type(name)[0], headers=headers)


@cache
def _hashes() -> dict[str, str]:
    return {name: _hash(name) for name in _names()}


def _names() -> list[str]:
    root = files("interurban.web").joinpath("assets")
    folders = [("", root), *((f"{folder}/", root.joinpath(folder)) for folder in ("fonts", "vendor"))]
    return sorted(
        f"{prefix}{each.name}" for prefix, folder in folders for each in folder.iterdir()
        if each.is_file() and not each.name.endswith((".toml", ".py"))
    )


@cache
def _contents(name: str) -> bytes:
    raw = files("interurban.web").joinpath("assets", *name.split("/")).read_bytes()
    if name.endswith(".css"):
        # A style sheet names its fonts by {{font}}, so that they too get an address of their hash.
        for font in (each for each in _names() if each.startswith("fonts/")):
            if f"{{{{{font}}}}}".encode() in raw:
                raw = raw.replace(f"{{{{{font}}}}}".encode(), f"/assets/{_hash(font)}/{font}".encode())
    return raw


def _hash(name: str) -> str:
    return hashlib.sha256(_contents(name)).hexdigest()[:_HASH_DIGITS]


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_contents(name), compresslevel=9, mtime=0)
