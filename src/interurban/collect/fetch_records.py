"""What is asked of a fetch, and what it leaves behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from interurban.collect.credentials import Credential
from interurban.model import Notice


class Outcome(StrEnum):
    """What came of a fetch."""

    FETCHED = "fetched"
    NOT_MODIFIED = "not_modified"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What to fetch. `etag` and `last_modified` are those of the last good answer, as the server wrote them; `accept` the media types."""

    url: str
    credential: Credential | None = None
    etag: str | None = None
    last_modified: str | None = None
    accept: str = "*/*"


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """Limits of a fetch. `total_limit_s` covers all attempts and the waits between them; `read_limit_s` one silence.

    `retries` come after the first attempt, the n-th after about `backoff_base_s` * 2^(n-1) seconds, or after what the
    server asks for by Retry-After, but no more than `retry_after_limit_s`. `allowed_networks` ("10.0.0.0/8", "::1/128")
    may be asked for data beside the public internet.
    """

    max_bytes: int = 4 << 30
    total_limit_s: float = 1800.0
    read_limit_s: float = 30.0
    retries: int = 3
    backoff_base_s: float = 1.0
    retry_after_limit_s: float = 300.0
    max_redirects: int = 5
    allowed_networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """The audit record of one attempt. `status`, `ttfb_ms`: None when no answer began; `code`: None when all went well.

    `ttfb_ms` counts from the start of the attempt, name resolution and redirects included, to the headers of the last
    answer. `bytes` are those written. The text for a person is `message(message_key, **fields)`.
    """

    started_at: dt.datetime
    status: int | None
    ttfb_ms: int | None
    bytes: int
    code: str | None = None
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def message_key(self) -> str | None:
        """Key of the text that says what went wrong; None when nothing did."""
        return f"fetch.{self.code}" if self.code else None


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What a fetch came to. `bytes` and `sha256` describe the file when `outcome` is fetched, else are 0 and None.

    `etag` and `last_modified` are to be sent the next time. `final_url` is the last one asked, without secrets; "" when
    the request's own was refused unasked. `status`, `ttfb_ms` and `code` are those of the last attempt.
    """

    outcome: Outcome
    final_url: str
    attempts: tuple[Attempt, ...]
    bytes: int = 0
    sha256: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def status(self) -> int | None:
        """HTTP status of the last attempt; None when no answer came."""
        return self.attempts[-1].status

    @property
    def ttfb_ms(self) -> int | None:
        """Time to first byte of the last attempt, in milliseconds; None when no answer came."""
        return self.attempts[-1].ttfb_ms

    @property
    def code(self) -> str | None:
        """What went wrong in the last attempt; None unless the outcome is failed."""
        return self.attempts[-1].code
