"""Connections that go to checked addresses only and end at a deadline."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

import httpcore

from interurban.collect.addresses import check_addresses
from interurban.collect.faults import failed
from interurban.errors import FetchError

Resolve = Callable[[str, int], list[str]]


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves a name once, checks every address, and connects to the very addresses that were checked.

    The name is never resolved again, so that an answer that changes in between (DNS rebinding) has no effect. TLS still
    uses the name for SNI and verification. `deadline` is on the clock of `time.monotonic`.
    """

    def __init__(self, resolve: Resolve, allowed_networks: Sequence[str], deadline: float) -> None:
        self._resolve = resolve
        self._allowed_networks = allowed_networks
        self._deadline = deadline
        self._system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that answers.

        Raises:
            Refused: address_refused.
            FetchError: name_not_resolved.
            httpcore.ConnectError, httpcore.ConnectTimeout: none of the addresses answers.
        """
        addresses = self._resolve(host, port)
        check_addresses(host, addresses, self._allowed_networks)
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                left_s = time_left(self._deadline, timeout)
                stream = self._system.connect_tcp(address, port, left_s, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return DeadlineStream(stream, self._deadline)
        raise failure


class DeadlineStream(httpcore.NetworkStream):
    """A stream on which no operation lasts beyond the deadline, however slowly the other side drips its bytes."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come, at most `max_bytes`."""
        return self._stream.read(max_bytes, time_left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of `buffer`."""
        self._stream.write(buffer, time_left(self._deadline, timeout))

    def close(self) -> None:
        """Close the socket."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same connection under TLS, with the same deadline.

        Raises:
            FetchError: tls_refused.
            httpcore.ConnectError, httpcore.ConnectTimeout: the connection ends before TLS is agreed.
        """
        try:
            stream = self._stream.start_tls(ssl_context, server_hostname, time_left(self._deadline, timeout))
        except httpcore.ConnectError as error:
            if fault := tls_fault(error):
                raise fault from error
            raise
        return DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of a stream, such as its socket."""
        return self._stream.get_extra_info(info)


def tls_fault(error: httpcore.ConnectError) -> FetchError | None:
    """tls_refused, if the other side is not to be trusted; None when the connection merely failed."""
    fault = error.__cause__
    if isinstance(fault, ssl.SSLError) and not isinstance(fault, ssl.SSLEOFError):
        return failed("tls_refused", reason=str(getattr(fault, "verify_message", None) or fault.reason))
    return None


def time_left(deadline: float, timeout: float | None) -> float:
    """Seconds that an operation may take.

    Raises:
        httpcore.ConnectTimeout: the deadline has passed.
    """
    left_s = deadline - time.monotonic()
    if left_s <= 0:
        raise httpcore.ConnectTimeout("deadline")
    return left_s if timeout is None else min(left_s, timeout)


def tls_context() -> ssl.SSLContext:
    """TLS with verification always on, against SSL_CERT_FILE or SSL_CERT_DIR, else the Mozilla list of `certifi`.

    Raises:
        FetchError: certificates_unreadable.
    """
    return _tls_context(os.environ.get("SSL_CERT_FILE") or None, os.environ.get("SSL_CERT_DIR") or None)


@cache
def _tls_context(file: str | None, folder: str | None) -> ssl.SSLContext:
    # Kept: reading some 150 certificates costs as much as a small fetch.
    if not file and not folder:
        import certifi

        file = certifi.where()
    try:
        return ssl.create_default_context(cafile=file, capath=folder)
    except OSError as error:
        raise failed("certificates_unreadable", is_local=True, file=file or folder) from error
