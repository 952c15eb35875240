"""The web server of a replay: each feed at a path of its own, and at / where the replay is."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from interurban.collect.gtfs_realtime.replay import Channel, Kept, Replay

_IDLE_LIMIT_S = 120.0
_HEADERS_LIMIT_BYTES = 1 << 14

Headers = dict[str, str]


class ReplayServer:
    """Serves a replay on loopback: GET /NAME is the message of feed NAME in force at the replayed moment.

    The replay begins at `begin_s` when the server starts, and runs at `speed` times the pace of life. After the last
    message it stays there, or ends if `ends` says so, once that one has been out as long as the one before it.
    """

    def __init__(
        self,
        replay: Replay,
        speed: float,
        begin_s: float | None = None,
        *,
        ends: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.replay = replay
        self.speed = speed
        self.begin_s = replay.begin_s if begin_s is None else begin_s
        self._ends = ends
        self._clock = clock
        self._started = clock()
        self._over = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()

    async def run(self, port: int, ready: Callable[[str], None], host: str = "127.0.0.1") -> None:
        """Serve until `stop`, or to the end of the replay; `ready` is told the URL once the server answers.

        Raises:
            OSError: the port is taken.
        """
        server = await asyncio.start_server(self._converse, host, port, limit=_HEADERS_LIMIT_BYTES)
        async with server:
            self._started = self._clock()
            ready(f"http://{host}:{server.sockets[0].getsockname()[1]}")
            if self._ends:
                asyncio.get_running_loop().call_later((self._last_s() - self.begin_s) / self.speed, self.stop)
            await self._over.wait()
            for writer in self._open:  # a server that is left waits for its connections, and clients keep theirs
                writer.close()

    def stop(self) -> None:
        """End the server."""
        self._over.set()

    @property
    def moment_s(self) -> float:
        """The replayed moment, seconds since 1970 UTC."""
        return self.begin_s + (self._clock() - self._started) * self.speed

    def state(self) -> dict[str, object]:
        """Where the replay is."""
        moment_s = self.moment_s
        return {
            "moment": _iso(moment_s),
            "begin": _iso(self.begin_s),
            "end": _iso(self.replay.end_s),
            "is_over": moment_s > self.replay.end_s,
            "speed": self.speed,
            "feeds": [self._channel_state(channel, moment_s) for channel in self.replay.channels.values()],
        }

    def _channel_state(self, channel: Channel, moment_s: float) -> dict[str, object]:
        number = channel.in_force(moment_s)
        return {
            "path": f"/{channel.name}",
            "message": number + 1,
            "messages": len(channel.messages),
            "in_force_since": _iso(channel.moments[number]) if number >= 0 else None,
            "requests": channel.requests,
            "unchanged": channel.unchanged,
        }

    def _last_s(self) -> float:
        """When the last message of every feed has been out as long as the one before it."""
        return max(2 * c.moments[-1] - c.moments[max(len(c.moments) - 2, 0)] for c in self.replay.channels.values()) + 1

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection, one after another."""
        self._open.add(writer)
        try:
            while True:
                async with asyncio.timeout(_IDLE_LIMIT_S):
                    head = await reader.readuntil(b"\r\n\r\n")
                    method, path, headers = _parsed(head)
                    status, fields, body = self.answer(method, path, headers)
                    writer.write(_head(status, fields, len(body)) + (b"" if method == "HEAD" else body))
                    await writer.drain()
                if headers.get("connection", "").lower() == "close":
                    break
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, TimeoutError):
            return  # the other side has gone, or says nothing that could be answered
        finally:
            self._open.discard(writer)
            writer.close()

    def answer(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[HTTPStatus, Headers, bytes]:
        """Status, headers and body for a request; header names are in small letters."""
        if method not in ("GET", "HEAD"):
            return _text(HTTPStatus.METHOD_NOT_ALLOWED, Allow="GET, HEAD")
        name = urlsplit(path).path.strip("/")
        if not name:
            body = json.dumps(self.state(), ensure_ascii=False, indent=2).encode()
            return HTTPStatus.OK, {"Content-Type": "application/json", "Cache-Control": "no-store"}, body
        channel = self.replay.channels.get(name)
        if channel is None:
            return _text(HTTPStatus.NOT_FOUND)
        return self._message(channel, headers)

    def _message(self, channel: Channel, headers: Mapping[str, str]) -> tuple[HTTPStatus, Headers, bytes]:
        number = channel.in_force(self.moment_s)
        if number < 0:
            wait_s = math.ceil((channel.moments[0] - self.moment_s) / self.speed)
            return _text(HTTPStatus.SERVICE_UNAVAILABLE, **{"Retry-After": str(wait_s)})
        kept = channel.messages[number]
        if _is_held(kept, headers):
            channel.unchanged += 1
            return HTTPStatus.NOT_MODIFIED, kept.headers, b""
        channel.requests += 1
        return HTTPStatus.OK, kept.headers, self.replay.body(kept)


def _is_held(kept: Kept, headers: Mapping[str, str]) -> bool:
    """Whether the one who asks has this message, RFC 9110 section 13.2.2: the ETag decides where one is sent."""
    asked = headers.get("if-none-match")
    if asked is not None:
        tags = {tag.strip().removeprefix("W/") for tag in asked.split(",")}
        return bool({kept.headers["ETag"], "*"} & tags)
    try:
        since = parsedate_to_datetime(headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return since.timestamp() >= kept.moment_s


def _parsed(head: bytes) -> tuple[str, str, Headers]:
    """Method, target and headers of a request; "" where the request line is none."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    pairs = (line.partition(":") for line in lines if line)
    return method, rest.partition(" ")[0], {name.strip().lower(): value.strip() for name, _, value in pairs}


def _head(status: HTTPStatus, fields: Headers, length: int) -> bytes:
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", *(f"{name}: {value}" for name, value in fields.items())]
    if status is not HTTPStatus.NOT_MODIFIED:
        lines.append(f"Content-Length: {length}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _text(status: HTTPStatus, **fields: str) -> tuple[HTTPStatus, Headers, bytes]:
    return status, {"Content-Type": "text/plain", **fields}, f"{status.value} {status.phrase}\n".encode()


def _iso(moment_s: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment_s))
