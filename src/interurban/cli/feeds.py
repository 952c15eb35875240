"""What `interurban status` says of realtime feeds and of the watch that asks them."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from interurban.cli.output import say, show_table
from interurban.locales import has_message, message, number

if TYPE_CHECKING:
    from interurban.collect.gtfs_realtime.feed_status import FeedStatus
    from interurban.collect.gtfs_realtime.watch_state import WatchState
    from interurban.store.node import Node

_COLUMNS = (
    "feed", "city", "kind", "last_message", "age", "covered", "new", "unchanged", "older", "garbage", "failures", "missed",
    "unlanded", "health",
)  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class WatchStatus:
    """The watch of a node and its feeds at a moment (seconds since 1970 UTC)."""

    now_s: float
    is_running: bool
    is_disk_full: bool
    state: WatchState | None
    feeds: Sequence[FeedStatus]
    unmatched: Mapping[int, Mapping[int | None, tuple[int, int]]]
    """By source and schedule version (None: none was in force): trip ids that messages named, and those unknown to it."""


def watch_status(node: Node) -> WatchStatus | None:
    """How a node's feeds fare now; None when it has none."""
    from interurban.collect.gtfs_realtime.cadence import EVERY_S

    sources = [source for source in node.catalogue.list_sources() if source.kind in EVERY_S]
    if not sources:
        return None
    from interurban.collect.gtfs_realtime.feed_status import feed_status
    from interurban.collect.gtfs_realtime.landing import unmatched_by_version
    from interurban.collect.gtfs_realtime.space import Space
    from interurban.collect.gtfs_realtime.watch_lock import is_watched
    from interurban.collect.gtfs_realtime.watch_state import read_state

    now_s, state, space = dt.datetime.now(dt.UTC).timestamp(), read_state(node.folder), Space(node.folder)
    is_running = is_watched(node.folder)
    space.look()
    known = state.feeds if state else {}
    feeds = [feed_status(node, each, known.get(each.id), now_s, is_watched=is_running) for each in sources]
    unmatched = {each.id: unmatched_by_version(node, each.id) for each in sources}
    return WatchStatus(now_s, is_running, space.is_full, state, feeds, unmatched)


def watch_json(status: WatchStatus | None) -> dict[str, Any] | None:
    """The same for programs."""
    if status is None:
        return None
    state = status.state
    return {
        "is_running": status.is_running,
        "is_disk_full": status.is_disk_full,
        "pid": state.pid if state else None,
        "started_at": _iso(state.started_s) if state else None,
        "last_sign_of_life": _iso(state.beat_s) if state else None,
        "ended_at": _iso(state.ended_s) if state else None,
        "clock_jumps": [{"at": _iso(at_s), "seconds": seconds} for at_s, seconds in state.jumps] if state else [],
        "lag_s": state.lag_s if state else {},
        "feeds": [_feed_json(feed) | {"unmatched": _unmatched_json(status.unmatched[feed.source.id])} for feed in status.feeds],
    }


def show_watch(status: WatchStatus) -> None:
    """Tell a person."""
    for line in _watch_lines(status):
        say(line)
    show_table(_COLUMNS, [_row(feed, status.now_s) for feed in status.feeds])
    for source_id, versions in status.unmatched.items():
        for version, (trip_ids, unmatched) in versions.items():
            if unmatched:
                say(_unmatched_line(source_id, version, trip_ids, unmatched))


def _unmatched_line(source_id: int, version: int | None, trip_ids: int, unmatched: int) -> str:
    share = f"{100 * unmatched / trip_ids:.1f}"
    if version is None:
        return message("watching.unmatched_none", source=str(source_id), share=share)
    return message("watching.unmatched", source=str(source_id), version=str(version), share=share)


def _watch_lines(status: WatchStatus) -> list[str]:
    state, lines = status.state, []
    if state is None:
        lines.append(message("watching.status_never"))
    elif status.is_running:
        lines.append(message("watching.status_running", pid=str(state.pid), since=_iso(state.started_s), beat=_iso(state.beat_s)))
    elif state.ended_s is not None:
        lines.append(message("watching.status_ended", at=_iso(state.ended_s)))
    else:
        lines.append(message("watching.status_killed", beat=_iso(state.beat_s)))
    if status.is_disk_full:
        lines.append(message("watching.status_disk_full"))
    if state and state.lag_s and status.is_running:
        lines.append(message("watching.status_lag", None, **{name: round(1000 * value) for name, value in state.lag_s.items()}))
    recent = [(at_s, seconds) for at_s, seconds in (state.jumps if state else []) if status.now_s - at_s < 86_400]
    lines += [message("watching.status_jump", seconds=f"{seconds:+g}", at=_iso(at_s)) for at_s, seconds in recent]
    return lines


def _row(feed: FeedStatus, now_s: float) -> tuple[object, ...]:
    last = dt.datetime.fromtimestamp(feed.last_new_s, dt.UTC) if feed.last_new_s is not None else None
    kind = feed.source.kind.removeprefix("gtfs-rt-")
    counts = (*(feed.counts.get(name, 0) for name in ("new", "unchanged", "older", "garbage")), _failures(feed.counts))
    return (
        str(feed.source.id), feed.source.city_id, kind, last, _age(feed.last_new_s, now_s), f"{number(100 * feed.covered_share, 1)}%",
        *counts,
        feed.counts.get("missed", 0), feed.unlanded, health_text(feed),
    )  # fmt: skip


def health_text(feed: FeedStatus) -> str:
    """How a feed fares, in words."""
    reason = ""
    if feed.reason:
        key = f"fetch.{feed.reason}"
        reason = message(key, None, **feed.reason_fields) if has_message(key) else feed.reason
    text = message(f"watching.health_{feed.health}", since=_iso(feed.since_s) or "—", reason=reason)
    return f"{text}; {message('watching.landing_fault', reason=feed.landing_fault)}" if feed.landing_fault else text


def _failures(counts: Mapping[str, int]) -> int:
    return sum(count for what, count in counts.items() if what.startswith("failed "))


def _age(moment_s: float | None, now_s: float) -> str | None:
    """How long ago, in the largest unit that gives two of it: 90 s, 15 min, 30 h, 4 d."""
    if moment_s is None:
        return None
    seconds = max(0.0, now_s - moment_s)
    unit, length_s = next((each for each in (("d", 86_400), ("h", 3600), ("min", 60)) if seconds >= 2 * each[1]), ("s", 1))
    return f"{seconds / length_s:.0f} {unit}"


def _feed_json(feed: FeedStatus) -> dict[str, Any]:
    return {
        "source": feed.source.id,
        "city": feed.source.city_id,
        "kind": feed.source.kind,
        "health": feed.health,
        "health_text": health_text(feed),
        "since": _iso(feed.since_s),
        "last_poll": _iso(feed.last_poll_s),
        "last_good_answer": _iso(feed.last_good_s),
        "last_new_message": _iso(feed.last_new_s),
        "covered_share": feed.covered_share,
        "counts": dict(feed.counts),
        "unlanded": feed.unlanded,
        "landing_fault": feed.landing_fault,
    }


def _unmatched_json(versions: Mapping[int | None, tuple[int, int]]) -> list[dict[str, int | None]]:
    return [{"feed_version": version, "trip_ids": every, "unmatched": unknown} for version, (every, unknown) in versions.items()]


def _iso(moment_s: float | None) -> str | None:
    return None if moment_s is None else dt.datetime.fromtimestamp(moment_s, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
