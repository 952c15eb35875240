"""What the server counts of itself, in the text form that Prometheus reads."""

from __future__ import annotations

import time
from collections import Counter
from threading import Lock

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from interurban.model import AnswerQuery
from interurban.web.open_node import OpenNode
from interurban.web.page_routes import language_of_path

routes = APIRouter(tags=["health"])

_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_AREAS = ("sdmx", "catalog", "downloads", "submissions", "assets", "health", "metrics")


class Telemetry:
    """Counts requests by area, method and status, and how long they took. Addresses and queries are not kept: they are endless."""

    def __init__(self, app: ASGIApp, counts: Counts) -> None:
        self.app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through and count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def seen(sent: Message) -> None:
            nonlocal status
            status = sent.get("status", status)
            await send(sent)

        try:
            await self.app(scope, receive, seen)
        finally:
            self._counts.add(area_of(scope["path"]), scope["method"], status, time.perf_counter() - began)


class Counts:
    """Requests so far, and seconds they took, by area."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._within: Counter[tuple[str, float]] = Counter()
        self._seconds: dict[str, float] = {}

    def add(self, area: str, method: str, status: int, taken_s: float) -> None:
        """Count one request."""
        with self._lock:
            self._requests[area, method if method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS") else "other", status] += 1
            self._seconds[area] = self._seconds.get(area, 0.0) + taken_s
            for bound in _BOUNDS_S:
                if taken_s <= bound:
                    self._within[area, bound] += 1

    def lines(self) -> list[str]:
        """The counts as lines of Prometheus."""
        with self._lock:
            requests, within, seconds = dict(self._requests), dict(self._within), dict(self._seconds)
        told = ["# TYPE interurban_requests_total counter"]
        told += [
            f'interurban_requests_total{{area="{area}",method="{method}",status="{status}"}} {count}'
            for (area, method, status), count in sorted(requests.items())
        ]
        told.append("# TYPE interurban_request_seconds histogram")
        for area, total in sorted(seconds.items()):
            count = sum(number for (of, _, _), number in requests.items() if of == area)
            buckets = {**{f"{bound:g}": within.get((area, bound), 0) for bound in _BOUNDS_S}, "+Inf": count}
            told += [_line("bucket", area, number, f',le="{bound}"') for bound, number in buckets.items()]
            told += [_line("sum", area, round(total, 6)), _line("count", area, count)]
        return told


def _line(kind: str, area: str, value: float, more: str = "") -> str:
    return f'interurban_request_seconds_{kind}{{area="{area}"{more}}} {value}'


@routes.get("/metrics", response_class=PlainTextResponse)
def metrics(request: Request, node: OpenNode) -> Response:
    """Requests and their times, and what the node holds, for Prometheus."""
    counts: Counts = request.app.state.counts
    there = node.catalogue.availability(AnswerQuery())
    held = {"cities": len(there.codes["city_id"]), "indicators": len(there.codes["indicator"]), "answers": there.count}
    lines = counts.lines()
    for name, value in held.items():
        lines += [f"# TYPE interurban_{name} gauge", f"interurban_{name} {value}"]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4; charset=utf-8")


def area_of(path: str) -> str:
    """The part of the server that a path belongs to."""
    if language_of_path(path):
        return "site"
    first = path.removeprefix("/").partition("/")[0].partition(".")[0]
    return first if first in _AREAS else "other"
