"""How each realtime feed of a node fares: for a person who wants to know in one look which one needs care."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interurban.collect.gtfs_realtime.minutes import covered_minutes
from interurban.collect.gtfs_realtime.spool import Spool
from interurban.collect.gtfs_realtime.watch import poll_every_s
from interurban.collect.gtfs_realtime.watch_state import FeedState
from interurban.model import Source
from interurban.model.realtime import ALERTS, MINUTES_PER_DAY, MinuteState

if TYPE_CHECKING:
    from interurban.store.node import Node

FROZEN_AFTER_S = 900.0
SILENT_AFTER_S = 900.0
"""Seconds without anything new, or without a good answer, after which a feed is called frozen, or silent; five polls at least."""


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """How a feed fares. Moments are seconds since 1970 UTC; None: has not happened, or no watch has run.

    `health` is "good", "frozen" (answers, but says the same), "silent" (no good answer for long), "failing", "new" (not
    asked yet) or "unwatched"; `since_s` is when a feed fell frozen or silent. `covered_share` is the share of minutes of
    the last 24 hours that polls tell about. `counts` are those of yesterday and today; `unlanded` counts messages that
    are safe in the spool and not yet in the lake.
    """

    source: Source
    health: str
    since_s: float | None
    reason: str | None
    reason_fields: Mapping[str, object]
    last_poll_s: float | None
    last_good_s: float | None
    last_new_s: float | None
    covered_share: float
    counts: Mapping[str, int]
    unlanded: int
    landing_fault: str | None


def feed_status(node: Node, source: Source, state: FeedState | None, now_s: float, *, is_watched: bool) -> FeedStatus:
    """How a feed fares at a moment, by the state that its watch wrote, the catalogue and the spool."""
    known = state or FeedState(poll_every_s(source))
    health, since_s = _health(source, state, now_s, is_watched=is_watched)
    return FeedStatus(
        source, health, since_s, known.reason, known.reason_fields, known.last_poll_s, known.last_good_s, known.last_new_s,
        covered_share(node, source.id, now_s, known.every_s), dict(Counter(known.total())), _unlanded(node, source.id),
        known.landing_fault,
    )  # fmt: skip


def covered_share(node: Node, source_id: int, now_s: float, every_s: float) -> float:
    """Share of the 1440 minutes before the present one that polls of a feed tell about."""
    today = dt.datetime.fromtimestamp(now_s, dt.UTC).date()
    states = ""
    for day in (today - dt.timedelta(days=1), today):
        found = node.catalogue.list_coverage(source_id, day)
        states += found[0].minutes if found else MinuteState.NOT_ASKED.value * MINUTES_PER_DAY
    end = MINUTES_PER_DAY + int(now_s // 60) % MINUTES_PER_DAY
    return covered_minutes(states[end - MINUTES_PER_DAY : end], every_s) / MINUTES_PER_DAY


def _health(source: Source, state: FeedState | None, now_s: float, *, is_watched: bool) -> tuple[str, float | None]:
    if not is_watched:
        return "unwatched", None
    if state is None or state.last_poll_s is None:
        return "new", None
    patience_s = 5 * state.every_s
    if state.failures:
        is_silent = now_s - (state.last_good_s or 0) > max(SILENT_AFTER_S, patience_s)
        return ("silent", state.last_good_s) if is_silent else ("failing", None)
    is_frozen = state.last_new_s is not None and now_s - state.last_new_s > max(FROZEN_AFTER_S, patience_s)
    # Alerts may stand for days, and nobody expects them to change.
    return ("frozen", state.last_new_s) if is_frozen and source.kind != ALERTS else ("good", None)


def _unlanded(node: Node, source_id: int) -> int:
    spool = Spool(node, source_id)
    return sum(len(spool.records(part)) - part.landed for part in spool.parts() if part.sha256 is None)
