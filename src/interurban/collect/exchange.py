"""One attempt at fetching: ask, follow redirects as far as our rules allow, keep the body."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpcore
import httpx

from interurban import __version__
from interurban.collect.body import save_body
from interurban.collect.connection import GuardedBackend, Resolve, tls_context
from interurban.collect.credentials import (
    Credential,
    is_same_origin,
    public_url,
    with_credential,
    without_credential,
)
from interurban.collect.faults import failed, network_faults, refused
from interurban.collect.fetch_records import FetchPolicy, FetchRequest
from interurban.errors import FetchError

# Its debug lines hold headers, and a server may echo a secret in them.
logging.getLogger("httpcore").setLevel(logging.WARNING)

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ASK_AGAIN = frozenset({408, 425, 429})


@dataclass(slots=True)
class Exchange:
    """One attempt while it goes on: what it has come to so far is what its audit record says if it fails."""

    request: FetchRequest
    target: Path
    policy: FetchPolicy
    resolve: Resolve
    deadline: float
    begun: float = field(default_factory=time.monotonic)
    final_url: str = ""
    status: int | None = None
    ttfb_ms: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    bytes: int = 0
    sha256: str | None = None


def run(exchange: Exchange) -> None:
    """Carry the exchange through to a saved body or to 304.

    Raises:
        Refused: the URL, an address, a redirect or the size breaks our rules.
        FetchError: the network, the server or the body fails; `is_transient` when trying again may help.
    """
    request, policy = exchange.request, exchange.policy
    url, credential = with_credential(checked_url(request.url), request.credential), request.credential
    backend = GuardedBackend(exchange.resolve, policy.allowed_networks, exchange.deadline)
    pool = httpcore.ConnectionPool(tls_context(), max_connections=1, network_backend=backend)
    with network_faults(lambda: exchange.status is not None), pool:
        for _ in range(policy.max_redirects + 1):
            exchange.final_url, exchange.status, exchange.ttfb_ms = public_url(url, request.credential), None, None
            location = _ask(exchange, pool, url, credential)
            if location is None:
                return
            url, credential = redirected(url, location, credential)
    raise refused("too_many_redirects", allowed=policy.max_redirects)


def checked_url(text: str, base: httpx.URL | None = None) -> httpx.URL:
    """The URL, or where it leads from `base`, if it is one that may be asked.

    Raises:
        Refused: url_malformed, scheme_refused, credential_in_url.
    """
    try:
        url = base.join(text) if base else httpx.URL(text)
        host = url.host
    except (httpx.InvalidURL, ValueError) as error:  # ValueError: brackets, code points and names that are none
        raise refused("url_malformed") from error
    if url.scheme not in ("http", "https"):
        raise refused("scheme_refused", scheme=url.scheme)
    if not host or not 0 < (url.port or 80) < 65_536:
        raise refused("url_malformed")
    if url.userinfo:
        raise refused("credential_in_url")
    return url


def redirected(url: httpx.URL, location: str, credential: Credential | None) -> tuple[httpx.URL, Credential | None]:
    """Where a redirect leads, and the credential if it may go there. Once left behind it does not come back.

    Raises:
        Refused: downgrade_refused, or what `checked_url` refuses.
    """
    there = checked_url(location, url)
    if url.scheme == "https" and there.scheme == "http":
        raise refused("downgrade_refused", host=there.host)
    if is_same_origin(url, there):
        return there, credential
    return without_credential(there, credential), None


def _ask(exchange: Exchange, pool: httpcore.ConnectionPool, url: httpx.URL, secret: Credential | None) -> str | None:
    """Send the request and take the answer; the Location of a redirect, or None when the exchange is complete."""
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    limits = dict.fromkeys(("connect", "read", "write", "pool"), exchange.policy.read_limit_s)
    headers = request_headers(exchange.request, url, secret)
    with pool.stream("GET", target, headers=headers, extensions={"timeout": limits}) as response:
        exchange.status = response.status
        exchange.ttfb_ms = round((time.monotonic() - exchange.begun) * 1000)
        exchange.headers = joined_headers(response.headers)
        if response.status in REDIRECTS and "location" in exchange.headers:
            return exchange.headers["location"].encode("latin-1").decode("utf-8", errors="replace")
        _take(exchange, response)
    return None


def request_headers(request: FetchRequest, url: httpx.URL, credential: Credential | None) -> list[tuple[bytes, bytes]]:
    """The headers to send: who asks, what is held already, and the credential where its place is a header."""
    headers = {
        "Host": url.netloc.decode("ascii"),
        "User-Agent": f"interurban/{__version__}",
        "Accept": request.accept,
        "Accept-Encoding": "gzip",
    }
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.last_modified:
        headers["If-Modified-Since"] = request.last_modified
    if credential and credential.place == "header":
        headers[credential.name] = credential.secret
    return [(name.encode("ascii"), value.encode("latin-1", "replace")) for name, value in headers.items()]


def joined_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name, repeated ones joined by commas."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _take(exchange: Exchange, response: httpcore.Response) -> None:
    request, status = exchange.request, response.status
    if status == 304 and (request.etag or request.last_modified):
        return
    if status != 200:
        raise status_fault(status, exchange.headers)
    exchange.bytes, exchange.sha256 = save_body(
        response.iter_stream(), exchange.headers, exchange.target, exchange.policy.max_bytes
    )


def status_fault(status: int, headers: Mapping[str, str]) -> FetchError:
    """The fault that an answer with this status is; its fields have `status` and `retry_after` as the server wrote it."""
    is_transient = status in _ASK_AGAIN or status >= 500
    return failed("http_status", is_transient=is_transient, status=status, retry_after=headers.get("retry-after"))
