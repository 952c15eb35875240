"""Where data comes from, and what happened at each attempt to get it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum


class CredentialPlace(StrEnum):
    """Where a publisher wants the secret: in a request header, or in a query parameter."""

    HEADER = "header"
    QUERY = "query"


@dataclass(frozen=True, slots=True)
class Credential:
    """Where a secret goes and under what name; the secret itself is had from the catalogue when a request is made."""

    place: CredentialPlace
    name: str


@dataclass(frozen=True, slots=True)
class Source:
    """A place that publishes data on a city.

    `kind` is the format ("gtfs"), `location` an http(s) URL without any credential, or a path. `id` is 0 until the
    catalogue gives one. `licence` and `attribution` are as the publisher states them; None: not stated. A realtime source
    may name the source of its schedule (None: the city's only GTFS source) and the seconds from one poll to the next (None:
    as its kind has it).
    """

    city_id: str
    kind: str
    location: str
    licence: str | None = None
    attribution: str | None = None
    credential: Credential | None = None
    schedule_source_id: int | None = None
    poll_every_s: float | None = None
    id: int = 0

    @property
    def public_location(self) -> str:
        """The location as anybody may see it: of a path on this machine only the file's name."""
        return self.location if self.is_online else re.split(r"[/\\]", self.location.rstrip("/\\"))[-1]

    @property
    def is_online(self) -> bool:
        """Whether it is asked over the network, so that others may ask there, too."""
        return self.location.startswith(("http://", "https://"))


class FetchOutcome(StrEnum):
    """How an attempt ended: new bytes came, the publisher said that nothing changed, or there was no usable answer.

    Removed is no attempt: from that entry of the audit on, nobody asks this source any more.
    """

    FETCHED = "fetched"
    NOT_MODIFIED = "not_modified"
    FAILED = "failed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class FetchAttempt:
    """One attempt to get a source's bytes, kept for audit.

    `ttfb_ms` is milliseconds to the first byte of the answer, `bytes` the size received. None: the attempt did not get
    so far. `notice_code` says what was wrong. `id` is 0 until the catalogue gives one.
    """

    source_id: int
    started_at: dt.datetime
    outcome: FetchOutcome
    http_status: int | None = None
    ttfb_ms: int | None = None
    bytes: int | None = None
    sha256: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    notice_code: str | None = None
    id: int = 0


@dataclass(frozen=True, slots=True)
class FetchDay:
    """The attempts on a source in one UTC day: how many, how many failed, mean milliseconds to the first byte (None: none came)."""

    day: dt.date
    attempts: int
    failed: int
    mean_ttfb_ms: float | None


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request sends: the `ETag` and `Last-Modified` of the last answer that was taken in wholly."""

    etag: str | None = None
    last_modified: str | None = None
