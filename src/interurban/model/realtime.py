"""Realtime feeds: their kinds, their bundles of messages, their coverage, and the days of the lake made from them."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

VEHICLE_POSITIONS = "gtfs-rt-vehicle-positions"
TRIP_UPDATES = "gtfs-rt-trip-updates"
ALERTS = "gtfs-rt-alerts"
ARRIVALS = "arrivals"
REALTIME_KINDS = (VEHICLE_POSITIONS, TRIP_UPDATES, ALERTS, ARRIVALS)
"""Kinds of sources that tell how service runs. "arrivals": what somebody recorded of arrivals beside the schedule, in files."""

COLLECTED = "collected"
PERFORMED = "performed"
"""Layers of a service day: what came from feeds, and what was reconstructed from it."""

MINUTES_PER_DAY = 1440


class MessageOutcome(StrEnum):
    """What became of a message: landed; the same content as the one before; an older one than before; not a message."""

    NEW = "new"
    UNCHANGED = "unchanged"
    OLDER = "older"
    GARBAGE = "garbage"


class MinuteState(StrEnum):
    """One minute of a feed, the worst to the best: nobody asked; asking failed; it said what it had said before; it said something new."""

    NOT_ASKED = "."
    FAILED = "x"
    UNCHANGED = "u"
    FETCHED = "f"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every minute of a UTC day of a feed: `minutes` has 1440 characters, each a `MinuteState`."""

    source_id: int
    day: dt.date
    minutes: str


@dataclass(frozen=True, slots=True)
class DayFile:
    """One Parquet file of a table of a service day; `path` is relative to the lake's folder, `sha256` and `bytes` are the file's."""

    table: str
    path: str
    sha256: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class DayPartition:
    """What the lake holds of a source's service date in one layer.

    `inputs_hash` and `method_version` say from what and how a layer was computed (None: rows as they were collected); `counts` is what
    its maker counted. `id` is 0 until the catalogue gives one.
    """

    source_id: int
    service_date: dt.date
    layer: str
    files: tuple[DayFile, ...]
    written_at: dt.datetime
    inputs_hash: str | None = None
    method_version: int | None = None
    counts: Mapping[str, object] = field(default_factory=dict)
    id: int = 0

    @property
    def content_hash(self) -> str:
        """SHA-256 over the tables and hashes of its files: equal while nothing in it changes."""
        lines = sorted(f"{file.table} {file.sha256}\n" for file in self.files)
        return hashlib.sha256("".join(lines).encode()).hexdigest()


class BundleForm(StrEnum):
    """What a bundle holds: messages as they came, or a publisher's file whose rows were never messages."""

    MESSAGES = "messages"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Bundle:
    """Bytes of a feed on a UTC day: a file of messages that grows until it is sealed into the archive, or a file that came whole.

    `part` counts bundles of a day from 0: messages that come after a sealing begin another. `landed` is the number of its records that
    are in the lake. `sha256` is that of the sealed bundle in the archive (None: it grows in the spool), `bytes` its size there.
    """

    source_id: int
    day: dt.date
    part: int
    form: BundleForm = BundleForm.MESSAGES
    landed: int = 0
    sha256: str | None = None
    bytes: int | None = None
