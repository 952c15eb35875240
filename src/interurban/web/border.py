"""What every request passes before it is looked at, and every answer on its way out."""

from __future__ import annotations

import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interurban.errors import TooMuch, TooOften
from interurban.locales import message, speaking
from interurban.web.faults import fault_answer
from interurban.web.language import language_of
from interurban.web.page_routes import language_of_path

REQUESTS = logging.getLogger("interurban.requests")

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Headers of every answer that does not set them itself."""


class RequestLog:
    """One line for each request: who, what path, how it ended, how long it took. No query, header or body: they may hold secrets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through and write down how it ended."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status, size = time.perf_counter(), 0, 0

        async def counted(sent: Message) -> None:
            nonlocal status, size
            status = sent.get("status", status)
            size += len(sent.get("body", b""))
            await send(sent)

        try:
            await self.app(scope, receive, counted)
        finally:
            taken_ms = (time.perf_counter() - started) * 1000
            path = scope["path"].encode("unicode_escape").decode()  # a line break in a path would forge a line
            REQUESTS.info("%s %s %s %d %d B %.0f ms", address_of(scope), scope["method"], path, status, size, taken_ms)


class SecurityHeaders:
    """Adds the `SECURITY` headers; over HTTPS also tells browsers to stay with it. What does not say who may keep it, nobody may."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through and add headers to the answer."""
        async def secured(sent: Message) -> None:
            if sent["type"] == "http.response.start":
                headers = MutableHeaders(scope=sent)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "private, no-store")
                if scope.get("scheme") == "https":
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(sent)

        await self.app(scope, receive, secured)


class PublicData:
    """Lets pages of other sites read what is public: SDMX, downloads, the catalogue, the description; their faults, too.

    HEAD is answered as GET is, without the body: harvesters ask so whether a file is there still.
    Nothing that a cookie opens is opened by it: browsers withhold an answer to a request with cookies where the header says "*".
    """

    prefixes = ("/sdmx/", "/downloads/", "/catalog", "/openapi.json")
    headers: Mapping[str, str] = {
        "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Content-Language, ETag, Link, Retry-After",
    }
    asked_before: Mapping[str, str] = {
        "Access-Control-Allow-Methods": "GET", "Access-Control-Allow-Headers": "Accept, Accept-Language, Authorization, If-None-Match",
        "Access-Control-Max-Age": "86400",
    }

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through with the headers on its answer; answer itself what a browser asks before it."""
        if scope["type"] != "http" or not scope["path"].startswith(self.prefixes):
            await self.app(scope, receive, send)
            return
        if scope["method"] == "OPTIONS" and "access-control-request-method" in Headers(scope=scope):
            await Response(status_code=204, headers={**self.headers, **self.asked_before})(scope, receive, send)
            return

        is_head = scope["method"] == "HEAD"

        async def opened(sent: Message) -> None:
            if sent["type"] == "http.response.start":
                MutableHeaders(scope=sent).update(self.headers)
            await send({**sent, "body": b""} if is_head and "body" in sent else sent)

        await self.app({**scope, "method": "GET"} if is_head else scope, receive, opened)


class Language:
    """Answers each request in the language that its path names, else in the one it asks for."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, speaking its language."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope).get("accept-language", "")
        with speaking(language_of_path(scope["path"]) or language_of(asked)):
            await self.app(scope, receive, send)


class RateLimit:
    """So many requests a minute from one address, evenly: who has used them up waits until the next is free.

    An address that asks no more is forgotten; memory is bounded by `addresses`. `per_minute` 0: no limit.
    """

    def __init__(
        self, app: ASGIApp, per_minute: int, addresses: int = 20_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.app = app
        self._per_minute = per_minute
        self._addresses = addresses
        self._clock = clock
        self._free_at: OrderedDict[str, float] = OrderedDict()  # when all of an address's requests are free again

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or say when to come again."""
        wait_s = self.wait_s(address_of(scope)) if scope["type"] == "http" and self._per_minute else 0.0
        if not wait_s:
            await self.app(scope, receive, send)
            return
        text = message("web.too_often", per_minute=self._per_minute)
        error = TooOften(text, retry_after_s=math.ceil(wait_s), per_minute=self._per_minute)
        await fault_answer(error)(scope, receive, send)

    def wait_s(self, address: str) -> float:
        """Take one request of this address; 0 when it had one, else seconds until it has."""
        now, each_s = self._clock(), 60 / self._per_minute
        free_at = max(self._free_at.pop(address, 0.0), now)
        taken = free_at + each_s - now <= 60 + 1e-6
        self._free_at[address] = free_at + each_s if taken else free_at
        while len(self._free_at) > self._addresses:
            self._free_at.popitem(last=False)
        return 0.0 if taken else free_at + each_s - now - 60


class BodyLimit:
    """Refuses a body larger than `max_bytes`, by what it says of itself and by what comes."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "0")
        if not said.isascii() or not said.isdigit() or int(said) > self._max_bytes:
            await fault_answer(self._too_much())(scope, receive, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            received = await receive()
            came += len(received.get("body", b""))
            if came > self._max_bytes:
                raise self._too_much()
            return received

        await self.app(scope, counted, send)

    def _too_much(self) -> TooMuch:
        return TooMuch(message("web.body_too_large", max_bytes=self._max_bytes), max_bytes=self._max_bytes)


def address_of(scope: Scope) -> str:
    """The address a request came from; an IPv6 network of one customer counts as one."""
    host = str((scope.get("client") or ("unknown", 0))[0])
    return ":".join(host.split(":")[:4]) if host.count(":") > 3 and not host.startswith("::") else host
