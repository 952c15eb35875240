"""Many conversations with publishers at once: kept connections, checked addresses, a bound on what they hold in memory."""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx
from httpcore import AnyIOBackend, AsyncConnectionPool, AsyncNetworkBackend, AsyncNetworkStream

from interurban.collect.addresses import check_addresses, resolve_host
from interurban.collect.body import check_announced
from interurban.collect.connection import Resolve, tls_context, tls_fault
from interurban.collect.credentials import Credential, with_credential
from interurban.collect.exchange import (
    REDIRECTS,
    checked_url,
    joined_headers,
    redirected,
    request_headers,
    status_fault,
)
from interurban.collect.faults import failed, network_faults, refused
from interurban.collect.fetch_records import FetchPolicy, FetchRequest
from interurban.errors import FetchError

_CONNECT_LIMIT_S = 5.0  # for one address, so that a dead one leaves time for the next
_SMALL_BYTES = 1 << 21
_LARGE_BODIES = 8
_RESOLVERS = 16


@dataclass(frozen=True, slots=True)
class Answer:
    """What a publisher answered with 200 or 304. `body` is as it came over the wire: packed where `headers` say so."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_unchanged(self) -> bool:
        """Whether the publisher says that what we hold is still in force."""
        return self.status == 304


class Connections:
    """Connections to the publishers of many feeds, each feed with its own, kept open between its polls.

    At most `exchanges` go on at once. Bodies beyond 2 MiB are read eight at a time, so that memory stays below
    exchanges * 2 MiB + 8 * `policy.max_bytes`, whatever publishers send. At most `kept` connections stay open; the one
    not used for longest is closed first.
    """

    def __init__(
        self, policy: FetchPolicy, *, exchanges: int = 128, kept: int = 2000, resolve: Resolve = resolve_host
    ) -> None:
        self._policy = policy
        self._slots = asyncio.Semaphore(exchanges)
        self._large = asyncio.Semaphore(_LARGE_BODIES)
        self._kept = max(kept, 2 * exchanges)  # so that the oldest is never one in use
        self._pools: OrderedDict[int, AsyncConnectionPool] = OrderedDict()
        self._names = ThreadPoolExecutor(_RESOLVERS, "names")
        self._backend = AsyncGuardedBackend(resolve, policy.allowed_networks, self._names)

    @asynccontextmanager
    async def answer(self, feed: int, request: FetchRequest) -> AsyncIterator[Answer]:
        """Ask for `request` over the connection of `feed`; its memory counts as used until the block ends.

        Raises:
            Refused: the URL, an address, a redirect or the size breaks our rules.
            FetchError: the network or the server fails; `is_transient` when asking again may help.
        """
        held: list[asyncio.Semaphore] = []
        async with self._slots:
            try:
                answer = await self._ask(feed, request, held)
                yield answer
            finally:
                for semaphore in held:
                    semaphore.release()

    async def close(self) -> None:
        """Close every connection."""
        for feed in list(self._pools):
            await self._drop(feed)
        self._names.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, feed: int, request: FetchRequest, held: list[asyncio.Semaphore]) -> Answer:
        """The answer; a kept connection that the server had closed meanwhile is replaced by a new one, once."""
        was_kept = feed in self._pools
        try:
            return await self._exchange(feed, request, held)
        except FetchError as error:
            await self._drop(feed)
            if not was_kept or error.fields.get("code") != "connection_failed":
                raise
        try:
            return await self._exchange(feed, request, held)
        except FetchError:
            await self._drop(feed)
            raise

    async def _exchange(self, feed: int, request: FetchRequest, held: list[asyncio.Semaphore]) -> Answer:
        conversation = _Conversation(request, self._policy, self._large, held)
        pool = await self._pool(feed)
        with network_faults(lambda: conversation.has_answer):
            try:
                async with asyncio.timeout(self._policy.total_limit_s):
                    return await conversation.run(pool)
            except TimeoutError as error:
                raise failed("timed_out", is_transient=True) from error

    async def _pool(self, feed: int) -> AsyncConnectionPool:
        pool = self._pools.get(feed)
        if pool is None:
            # One connection: two feeds of one host do not wait for each other, and a redirect takes its place.
            pool = AsyncConnectionPool(tls_context(), max_connections=1, network_backend=self._backend)
            self._pools[feed] = pool
        self._pools.move_to_end(feed)
        while len(self._pools) > self._kept:
            await self._drop(next(iter(self._pools)))
        return pool

    async def _drop(self, feed: int) -> None:
        pool = self._pools.pop(feed, None)
        if pool is not None:
            await pool.aclose()


class _Conversation:
    """One request with the redirects that follow from it."""

    def __init__(
        self, request: FetchRequest, policy: FetchPolicy, large: asyncio.Semaphore, held: list[asyncio.Semaphore]
    ) -> None:
        self._request = request
        self._policy = policy
        self._large = large
        self._held = held
        self.has_answer = False

    async def run(self, pool: AsyncConnectionPool) -> Answer:
        credential = self._request.credential
        url = with_credential(checked_url(self._request.url), credential)
        for _ in range(self._policy.max_redirects + 1):
            self.has_answer = False
            answer = await self._ask(pool, url, credential)
            if isinstance(answer, Answer):
                return answer
            url, credential = redirected(url, answer, credential)
        raise refused("too_many_redirects", allowed=self._policy.max_redirects)

    async def _ask(self, pool: AsyncConnectionPool, url: httpx.URL, credential: Credential | None) -> Answer | str:
        """The answer, or where a redirect leads."""
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self._policy.read_limit_s)
        asked = request_headers(self._request, url, credential)
        async with pool.stream("GET", target, headers=asked, extensions={"timeout": limits}) as response:
            self.has_answer = True
            headers = joined_headers(response.headers)
            if response.status in REDIRECTS and "location" in headers:
                return headers["location"].encode("latin-1").decode("utf-8", errors="replace")
            is_conditional = self._request.etag or self._request.last_modified
            if response.status != 200 and not (response.status == 304 and is_conditional):
                raise status_fault(response.status, headers)
            check_announced(headers, self._policy.max_bytes)
            return Answer(response.status, headers, await self._body(response))

    async def _body(self, response: httpcore.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_stream():
            if len(body) + len(chunk) > _SMALL_BYTES and not self._held:
                await self._large.acquire()
                self._held.append(self._large)
            body += chunk
            if len(body) > self._policy.max_bytes:
                raise refused("too_large", found=len(body), allowed=self._policy.max_bytes)
        return bytes(body)


class AsyncGuardedBackend(AsyncNetworkBackend):
    """Resolves a name once, checks every address, and connects to the very addresses that were checked.

    The asynchronous twin of `collect.connection.GuardedBackend`; names are resolved in the threads given.
    """

    def __init__(self, resolve: Resolve, allowed_networks: Sequence[str], names: ThreadPoolExecutor) -> None:
        self._resolve = resolve
        self._allowed_networks = allowed_networks
        self._names = names
        self._system = AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> AsyncNetworkStream:
        """Connect to the first of the host's addresses that answers.

        Raises:
            Refused: address_refused.
            FetchError: name_not_resolved.
            httpcore.ConnectError, httpcore.ConnectTimeout: none of the addresses answers.
        """
        addresses = await asyncio.get_running_loop().run_in_executor(self._names, self._resolve, host, port)
        check_addresses(host, addresses, self._allowed_networks)
        limit_s = min(timeout or _CONNECT_LIMIT_S, _CONNECT_LIMIT_S)
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                stream = await self._system.connect_tcp(address, port, limit_s, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _GuardedStream(stream)
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._system.sleep(seconds)


class _GuardedStream(AsyncNetworkStream):
    """A stream whose failed TLS handshake says whether the certificate is at fault."""

    def __init__(self, stream: AsyncNetworkStream) -> None:
        self._stream = stream
        self.read = stream.read  # type: ignore[method-assign]
        self.write = stream.write  # type: ignore[method-assign]
        self.aclose = stream.aclose  # type: ignore[method-assign]

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> AsyncNetworkStream:
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except httpcore.ConnectError as error:
            if fault := tls_fault(error):
                raise fault from error
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
