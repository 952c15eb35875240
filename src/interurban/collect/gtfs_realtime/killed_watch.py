"""What a watch that was killed had accepted but not yet told: it is in the bundles, and the next watch tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from interurban.collect.gtfs_realtime.bundle_file import Record
from interurban.collect.gtfs_realtime.spool import Spool, utc_day
from interurban.collect.gtfs_realtime.watch_state import FeedState
from interurban.model.realtime import MessageOutcome

if TYPE_CHECKING:
    from interurban.store.node import Node

TOLD_EVERY_S = 60
_PATIENCE_S = 2 * TOLD_EVERY_S  # a watch that lives has told after this, even on a busy machine


def untold_since_s(beat_s: float) -> float:
    """From when on messages may be untold in the catalogue: the watch had written neither its last minute nor, perhaps, the one before."""
    return beat_s - _PATIENCE_S


def accepted_since(node: Node, source_ids: Iterable[int], since_s: float, now_s: float) -> Iterator[tuple[int, Record]]:
    """(source, record) of the messages that came since a moment, yesterday at the earliest."""
    since_day = max(utc_day(int(since_s)), utc_day(int(now_s)) - dt.timedelta(days=1))
    for spool in (Spool(node, source_id) for source_id in source_ids):
        for part in spool.parts():
            if part.day >= since_day:
                yield from ((spool.source_id, record) for record in spool.records(part) if record.received_at >= since_s)


def count_again(state: FeedState, record: Record, beat_s: float) -> None:
    """Add a message to the counts of its feed, unless the watch that wrote them at `beat_s` had counted it.

    What it counted came no later than its last poll; what came long after it was told is an archive's, that somebody ingested meanwhile.
    """
    came_s = record.received_at
    if came_s <= (state.last_poll_s or 0) or came_s > beat_s + _PATIENCE_S:
        return
    state.last_poll_s = came_s
    state.count(record.outcome.value, came_s)
    if record.outcome is not MessageOutcome.GARBAGE:
        state.last_good_s = came_s
    if record.outcome is MessageOutcome.NEW:
        state.last_new_s = came_s
