"""A dated copy of a feed: the same content is the same version, however often it is published."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class FeedVersionStatus(StrEnum):
    """Pending: known but not read yet (or the reading was cut short).

    Ready: its tables are in the lake. Unusable: nothing to read.
    """

    PENDING = "pending"
    READY = "ready"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class FeedVersion:
    """One content of a feed, first seen in `snapshot_id` at `first_fetched_at` and for the last time at `last_seen_at`.

    `valid_from` and `valid_to` are the first and last service date, both included; None: not known. `counts` holds
    rows per table. `id` is a small whole number, never used again for another version, from which the keys of its
    tables are made.
    """

    id: int
    source_id: int
    content_hash: str
    snapshot_id: int
    first_fetched_at: dt.datetime
    created_at: dt.datetime
    status: FeedVersionStatus = FeedVersionStatus.PENDING
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    last_seen_at: dt.datetime | None = field(default=None, compare=False)  # it is the same version, seen again


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One table of a feed version in the lake.

    `path` is relative to the lake's folder; `sha256` and `bytes` are those of the file.
    """

    feed_version_id: int
    table: str
    path: str
    sha256: str
    rows: int
    bytes: int
