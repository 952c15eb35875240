"""Pages kept as they were answered, until the node knows something new.

A page is the same for everybody who is not signed in, so that it is made once and handed out from memory. Each has an ETag: a browser that
has it still gets no body.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interurban.web.page_routes import language_of_path

_LOOK_AGAIN_S = 0.5
_SIGNED_IN = ("authorization", "cookie")


@dataclass(frozen=True, slots=True)
class _Kept:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class PageCache:
    """Answers anonymous GET requests of the site from memory.

    `version` says what the node knows as one text; when it changes, everything kept is forgotten. It is asked at most twice a second.
    """

    def __init__(self, app: ASGIApp, version: Callable[[], str], max_bytes: int = 64 << 20) -> None:
        self.app = app
        self._version = version
        self._max_bytes = max_bytes
        self._kept: OrderedDict[tuple[str, ...], _Kept] = OrderedDict()
        self._bytes = 0
        self._known = ""
        self._looked_at = float("-inf")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or let the request through and keep what it is answered."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if scope["type"] != "http" or not _is_for_all(scope, headers):
            await self.app(scope, receive, send)
            return
        await self._look()
        packed = "gzip" if "gzip" in headers.get("accept-encoding", "") else ""
        # Pages name the address that they were asked at: one asked for under a forged Host is nobody else's.
        key = (scope["scheme"], headers.get("host", ""), scope["path"], scope["query_string"].decode("latin-1"), packed)
        kept = self._kept.get(key)
        if kept is None:
            known = self._known
            kept = await self._made(scope, receive)
            if kept.status == 200 and known == self._known:
                self._keep(key, kept)
        else:
            self._kept.move_to_end(key)
        await _answer(kept, headers.get("if-none-match", ""), send, is_head=scope["method"] == "HEAD")

    async def _look(self) -> None:
        now = time.monotonic()
        if now - self._looked_at < _LOOK_AGAIN_S:
            return
        self._looked_at = now
        version = await run_in_threadpool(self._version)
        if version != self._known:
            self._known, self._bytes = version, 0
            self._kept.clear()

    async def _made(self, scope: Scope, receive: Receive) -> _Kept:
        status, headers, body = 500, MutableHeaders(), bytearray()

        async def caught(sent: Message) -> None:
            nonlocal status, headers
            if sent["type"] == "http.response.start":
                status, headers = sent["status"], MutableHeaders(raw=list(sent["headers"]))
            else:
                body.extend(sent.get("body", b""))

        await self.app({**scope, "method": "GET"}, receive, caught)
        if status == 200:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
            headers.setdefault("Cache-Control", "no-cache")
            headers.add_vary_header("Accept-Encoding")
        return _Kept(status, headers.raw, bytes(body))

    def _keep(self, key: tuple[str, ...], kept: _Kept) -> None:
        if len(kept.body) > self._max_bytes // 8:
            return
        self._kept[key] = kept
        self._bytes += len(kept.body)
        while self._bytes > self._max_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= len(oldest.body)


def _is_for_all(scope: Scope, headers: Headers) -> bool:
    return (
        scope["method"] in ("GET", "HEAD") and language_of_path(scope["path"]) is not None
        and not any(name in headers for name in _SIGNED_IN)
    )


async def _answer(kept: _Kept, known: str, send: Send, *, is_head: bool) -> None:
    tag = Headers(raw=kept.headers).get("etag")
    status, body = kept.status, b"" if is_head else kept.body
    headers = kept.headers
    if tag and tag in [each.strip().removeprefix("W/") for each in known.split(",")]:
        status, body = 304, b""
        headers = [(name, value) for name, value in headers if name not in (b"content-length", b"content-type", b"content-encoding")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
