"""Fetching a publisher's file over HTTP: politely, within limits, and with a record of every attempt."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path

from interurban.collect.addresses import resolve_host
from interurban.collect.connection import Resolve
from interurban.collect.credentials import Credential, redacted
from interurban.collect.exchange import Exchange, run
from interurban.collect.faults import failed
from interurban.collect.fetch_records import Attempt, FetchPolicy, FetchRequest, FetchResult, Outcome
from interurban.errors import FetchError
from interurban.model import Notice, Sample, Severity

__all__ = ["Attempt", "Credential", "FetchPolicy", "FetchRequest", "FetchResult", "Outcome", "fetch", "utc_now"]


def utc_now() -> dt.datetime:
    """The time of day, in UTC."""
    return dt.datetime.now(dt.UTC)


def fetch(
    request: FetchRequest,
    target: Path,
    *,
    policy: FetchPolicy,
    now: Callable[[], dt.datetime] = utc_now,
    sleep: Callable[[float], None] = time.sleep,
    jitter: Callable[[], float] = random.random,
    resolve: Resolve = resolve_host,
) -> FetchResult:
    """Fetch a file to `target`, trying again where that may help.

    A failure is an outcome, not an exception: the attempts say what went wrong each time. `target` grows as the bytes
    come and is there afterwards only when the outcome is fetched; make it a place aside and move it when done.

    Args:
        request: the URL, how to be let in, and what is held already.
        target: file to write.
        policy: limits of time, size, retries and addresses.
        now: the time of day, for records and for Retry-After as a date.
        sleep: waits for a number of seconds.
        jitter: a number in [0, 1); spreads the retries of many nodes.
        resolve: addresses of a host and port, as text.
    Raises:
        FetchError: target_not_writable, certificates_unreadable: faults of this machine, not of the source.
    """
    deadline = time.monotonic() + policy.total_limit_s
    attempts: list[Attempt] = []
    _clear(target)
    while True:
        started_at = now()
        exchange = Exchange(request, target, policy, resolve, deadline)
        failure = _attempt(exchange)
        attempts.append(_audit(exchange, failure, started_at))
        if failure is None:
            return _result(exchange, tuple(attempts))
        wait_s = _wait_s(failure, len(attempts), policy, now(), jitter())
        may_retry = failure.fields.get("is_transient") is True and len(attempts) <= policy.retries
        if not may_retry or wait_s >= deadline - time.monotonic():
            return FetchResult(Outcome.FAILED, exchange.final_url, tuple(attempts))
        sleep(wait_s)


def _clear(target: Path) -> None:
    try:
        target.unlink(missing_ok=True)
    except OSError as error:
        raise failed("target_not_writable", is_local=True, reason=error.strerror) from error


def _attempt(exchange: Exchange) -> FetchError | None:
    """Run the exchange; what went wrong, if anything, with the partial file removed and its size noted."""
    try:
        run(exchange)
    except FetchError as error:
        if exchange.target.exists():
            exchange.bytes = exchange.target.stat().st_size
            exchange.target.unlink()
        if error.fields.get("is_local"):
            raise
        return error
    return None


def _audit(exchange: Exchange, failure: FetchError | None, started_at: dt.datetime) -> Attempt:
    credential = exchange.request.credential
    fields = dict(failure.fields) if failure else {}
    code = fields.pop("code", None)
    fields.pop("is_transient", None)
    shown = {name: redacted(v, credential) if isinstance(v, str) else v for name, v in fields.items()}
    return Attempt(started_at, exchange.status, exchange.ttfb_ms, exchange.bytes, str(code) if code else None, shown)


def _result(exchange: Exchange, attempts: tuple[Attempt, ...]) -> FetchResult:
    request, headers = exchange.request, exchange.headers
    etag, last_modified = headers.get("etag"), headers.get("last-modified")
    if exchange.status == 304:
        return FetchResult(
            Outcome.NOT_MODIFIED,
            exchange.final_url,
            attempts,
            etag=etag or request.etag,
            last_modified=last_modified or request.last_modified,
        )
    return FetchResult(
        Outcome.FETCHED,
        exchange.final_url,
        attempts,
        exchange.bytes,
        exchange.sha256,
        etag,
        last_modified,
        _went_back(request.last_modified, last_modified),
    )


def _went_back(before: str | None, after: str | None) -> tuple[Notice, ...]:
    """A notice when the server's file is older than the one held: another mirror answered, or a file was put back."""
    then, current = _http_date(before), _http_date(after)
    if then is None or current is None or current >= then:
        return ()
    sample = Sample(value=after)
    return (Notice("last_modified_went_back", Severity.WARNING, allowed=before, samples=(sample,)),)


def _wait_s(failure: FetchError, attempts: int, policy: FetchPolicy, now: dt.datetime, jitter: float) -> float:
    """Seconds until the next attempt: as the server asks, else doubling, between half and the whole of the step."""
    asked_s = retry_after_s(failure.fields.get("retry_after"), now)
    if asked_s is not None:
        return min(max(asked_s, 0.0), policy.retry_after_limit_s)
    return float(policy.backoff_base_s * 2 ** (attempts - 1) * (0.5 + jitter / 2))


def retry_after_s(text: object, now: dt.datetime) -> float | None:
    """Seconds that a Retry-After header asks to wait, RFC 9110 section 10.2.3; None for what is none."""
    if not isinstance(text, str):
        return None
    if text.strip().isdecimal():
        return float(text)
    date = _http_date(text)
    return (date - now).total_seconds() if date else None


def _http_date(text: str | None) -> dt.datetime | None:
    """An HTTP date, RFC 9110 section 5.6.7; None for what is none."""
    try:
        date = parsedate_to_datetime(text or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=dt.UTC)
