"""Bytes of a source as they were at one moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One publication of a source, byte for byte in the archive under `sha256`.

    `content_hash` identifies what is inside apart from packing (a hash over the sorted hashes of the files in the
    zip): two snapshots with one content hash are one feed version. `fetched_at` is when these bytes came first. `id`
    is 0 until the catalogue gives one.
    """

    source_id: int
    sha256: str
    content_hash: str
    bytes: int
    fetched_at: dt.datetime
    id: int = 0
