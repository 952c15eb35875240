"""One question to another program's server and its small answer, kept in memory: over checked addresses, within limits."""

from __future__ import annotations

import time
from collections.abc import Mapping
from urllib.parse import urlencode

import httpcore

from interurban.collect.addresses import resolve_host
from interurban.collect.body import check_announced, unpacked
from interurban.collect.connection import GuardedBackend, Resolve, tls_context
from interurban.collect.exchange import checked_url, joined_headers, request_headers
from interurban.collect.faults import network_faults
from interurban.collect.fetch_records import FetchPolicy, FetchRequest


def ask(
    url: str, policy: FetchPolicy, *, form: Mapping[str, str] | None = None, authorization: str | None = None,
    resolve: Resolve = resolve_host,
) -> tuple[int, bytes]:
    """Status and body of the answer to a GET or, where there is a `form`, to its POST.

    A redirect is an answer as any other, and nothing is asked twice: what is sent may be worth something once only.

    Args:
        url: what to ask.
        policy: limits of time, size and addresses; its retries and redirects do not count here.
        form: what to send, as an HTML form does.
        authorization: the header of that name; it is nowhere written down.
        resolve: addresses of a host and port, as text.
    Raises:
        Refused: the URL, an address or the size breaks our rules.
        FetchError: the network or the server fails.
    """
    there, deadline = checked_url(url), time.monotonic() + policy.total_limit_s
    headers = request_headers(FetchRequest(url, accept="application/json"), there, None)
    if authorization is not None:
        headers.append((b"Authorization", authorization.encode("ascii")))
    content = None
    if form is not None:
        headers.append((b"Content-Type", b"application/x-www-form-urlencoded"))
        content = urlencode(form).encode()
    target = httpcore.URL(scheme=there.raw_scheme, host=there.raw_host, port=there.port, target=there.raw_path)
    limits = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), policy.read_limit_s)}
    backend = GuardedBackend(resolve, policy.allowed_networks, deadline)
    method, status = "GET" if form is None else "POST", None
    with (
        network_faults(lambda: status is not None),
        httpcore.ConnectionPool(tls_context(), max_connections=1, network_backend=backend) as pool,
        pool.stream(method, target, headers=headers, content=content, extensions=limits) as response,
    ):
        status, answered = response.status, joined_headers(response.headers)
        check_announced(answered, policy.max_bytes)
        return status, b"".join(unpacked(response.iter_stream(), answered.get("content-encoding", ""), policy.max_bytes))
