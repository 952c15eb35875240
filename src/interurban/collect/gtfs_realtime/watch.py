"""Watching the realtime feeds of a node: one process that asks them all, each on its cadence, and keeps what they say.

What a feed says is safe on the disk before its poll counts as done. Once a minute it is written to the catalogue what the
minute of every feed came to; of a watch that is killed, the minutes and counts not yet written are those of messages it had
accepted, or gaps. Landing happens in a process of its own.
"""

from __future__ import annotations

import asyncio
import os
import statistics
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interurban.collect.collector import source_credential
from interurban.collect.fetch_records import FetchPolicy
from interurban.collect.gtfs_realtime.cadence import EVERY_S, Cadence, spread
from interurban.collect.gtfs_realtime.clock import Clock
from interurban.collect.gtfs_realtime.connections import Connections
from interurban.collect.gtfs_realtime.decode import decode
from interurban.collect.gtfs_realtime.killed_watch import accepted_since, count_again, untold_since_s
from interurban.collect.gtfs_realtime.land_worker import LandWorker
from interurban.collect.gtfs_realtime.minutes import Minutes
from interurban.collect.gtfs_realtime.space import Space
from interurban.collect.gtfs_realtime.spool import Spool
from interurban.collect.gtfs_realtime.watch_lock import watch_lock
from interurban.collect.gtfs_realtime.watch_state import FeedState, WatchState, read_state, write_state
from interurban.collect.gtfs_realtime.watched_feed import STATES, Poll, Tools, WatchedFeed
from interurban.errors import NodeError, NotFound
from interurban.locales import message
from interurban.model import Source

if TYPE_CHECKING:
    from interurban.store.node import Node

Tell = Callable[[str, dict[str, object]], None]

POLL_LIMIT_S = 30.0
JUMP_S = 2.0
_SMALLEST_MESSAGE = b"\n\x05\n\x032.0"  # a header with its version
_BEAT_S = 1.0
_WRITERS = 4


@dataclass(frozen=True, slots=True)
class WatchOptions:
    """How to watch: every feed every so many seconds (None: each as it is set), for how long (None: until stopped).

    Landing comes round every `land_every_s` seconds. `max_message_bytes` bounds one message, packed and unpacked.
    """

    every_s: float | None = None
    for_s: float | None = None
    land_every_s: float = 180.0
    max_message_bytes: int = 64 << 20


def realtime_sources(node: Node, city_id: str | None = None) -> list[Source]:
    """The sources that a watch polls: realtime ones with a web address."""
    sources = node.catalogue.list_sources(city_id)
    return [each for each in sources if each.kind in EVERY_S and each.location.startswith(("http://", "https://"))]


def poll_every_s(source: Source, asked_s: float | None = None) -> float:
    """Seconds from one poll of a source to the next: what was asked for, else what the source says, else as its kind has it."""
    return asked_s or source.poll_every_s or EVERY_S[source.kind]


async def watch(
    node: Node,
    city_id: str | None = None,
    options: WatchOptions | None = None,
    *,
    stop: asyncio.Event | None = None,
    observe: Callable[[Poll], None] | None = None,
    tell: Tell | None = None,
    clock: Clock | None = None,
) -> WatchState:
    """Watch the realtime feeds of a city, or of the node, until `stop` is set or the time is over; how they fared.

    Sources added meanwhile are watched, too, and those removed no longer, from the next minute on.

    Args:
        node: where to keep what comes.
        city_id: watch only this city's feeds.
        options: cadence, duration, limits.
        stop: set it to end in order: what has come is accepted, the last minute written.
        observe: called after every poll.
        tell: called with the key of a message of the area `watch` and its values, when a person should know.
        clock: the clocks, by default the system's.

    Raises:
        NotFound: there is no such city, or no feed to watch.
        NodeError: the node is being watched by another process.
    """
    if city_id is not None:
        node.catalogue.get_city(city_id)
    if not realtime_sources(node, city_id):
        raise NotFound(message("watching.no_feeds"))
    with watch_lock(node.folder):
        running = _Watch(node, city_id, options or WatchOptions(), observe or (lambda _: None), tell or (lambda *_: None), clock or Clock())
        return await running.run(stop or asyncio.Event())


class _Watch:
    def __init__(
        self, node: Node, city_id: str | None, options: WatchOptions, observe: Callable[[Poll], None], tell: Tell, clock: Clock
    ) -> None:
        self._node, self._city_id, self._options, self._tell, self._clock = node, city_id, options, tell, clock
        self._observe = observe
        self._lags: list[float] = []
        self._minutes = Minutes()
        self._feeds: dict[int, WatchedFeed] = {}
        self._worker = LandWorker(node.folder)
        self._writers = ThreadPoolExecutor(_WRITERS, "accept")
        before = read_state(node.folder)
        self._told_until_s = 0.0 if before is None else (before.ended_s or untold_since_s(before.beat_s))
        self._killed_after_s = before.beat_s if before and before.ended_s is None else None
        self._state = self._resumed(before)
        s = node.settings
        policy = FetchPolicy(
            max_bytes=options.max_message_bytes, total_limit_s=min(s.fetch_limit_s, POLL_LIMIT_S),
            read_limit_s=min(s.read_limit_s, POLL_LIMIT_S), max_redirects=s.max_redirects, allowed_networks=s.allowed_networks(),
        )  # fmt: skip
        self._space = Space(node.folder)
        self._connections = Connections(policy)
        self._tools = Tools(
            self._connections, self._writers, self._minutes, self._space, clock, options.max_message_bytes, self._observed, tell
        )

    def _resumed(self, before: WatchState | None) -> WatchState:
        """The state at the start: of an earlier watch its counts go on."""
        state = before or WatchState()
        state.pid, state.started_s, state.ended_s, state.paused = os.getpid(), self._clock.now_s(), None, None
        return state

    async def run(self, stop: asyncio.Event) -> WatchState:
        """Watch until told to stop or the time is over."""
        background: list[asyncio.Task[None]] = []
        is_over = False
        try:
            # Before anything is due: loading the compiled reader may take seconds, its first compilation ten.
            await asyncio.to_thread(decode, _SMALLEST_MESSAGE)
            # Before the first poll, whose message would count twice.
            await asyncio.to_thread(self._take_up)
            self._refresh()
            self._tell("began", {"count": len(self._feeds)})
            background = [asyncio.create_task(self._beat()), asyncio.create_task(self._land_round())]
            waiting = asyncio.create_task(stop.wait())
            done, _ = await asyncio.wait([waiting, *background], timeout=self._options.for_s, return_when=asyncio.FIRST_COMPLETED)
            is_over = not done
            waiting.cancel()
            for task in done & set(background):
                task.result()  # these never end by themselves but by a fault
        finally:
            await self._end(background, lands=is_over)
        return self._state

    async def _end(self, background: list[asyncio.Task[None]], *, lands: bool) -> None:
        """End in order: polls, what they brought, the last minute, and (if the time was up) the landing of all of it."""
        for task in background:
            task.cancel()
        for feed in self._feeds.values():
            feed.stop()
        tasks = [*background, *(feed.task for feed in self._feeds.values() if feed.task)]
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._connections.close()
        await asyncio.to_thread(self._writers.shutdown)
        await self._write_minutes(self._clock.now_s() + 60)
        if lands:
            await self._land_all()
        await self._worker.close()
        self._state.ended_s = self._clock.now_s()
        self._write_state()

    def _refresh(self) -> None:
        """Follow the sources there are now: new ones from now on, removed ones no longer, and those that broke off again."""
        sources = {source.id: source for source in realtime_sources(self._node, self._city_id)}
        for source_id in [each for each in self._feeds if each not in sources]:
            self._feeds.pop(source_id).stop()
            self._state.feeds.pop(source_id, None)
        for source in sources.values():
            feed = self._feeds.get(source.id)
            if feed is None:
                self._feeds[source.id] = feed = self._new_feed(source)
                feed.start()
            elif feed.task and feed.task.done() and (fault := feed.task.exception()):
                self._tell("feed_broke", {"source": str(source.id), "fault": repr(fault)})
                feed.start()

    def _new_feed(self, source: Source) -> WatchedFeed:
        every_s = poll_every_s(source, self._options.every_s)
        cadence = Cadence(every_s, self._clock.steady_s() - every_s * (1 - spread(source.id)))
        state = self._state.feeds.setdefault(source.id, FeedState(every_s))
        state.every_s = every_s
        return WatchedFeed(source, source_credential(self._node, source), Spool(self._node, source.id), cadence, state, self._tools)

    def _take_up(self) -> None:
        """Note the minutes and counts of messages that an earlier watch had accepted, but was killed before it wrote them."""
        sources = [source.id for source in realtime_sources(self._node, self._city_id)]
        for source_id, record in accepted_since(self._node, sources, self._told_until_s, self._clock.now_s()):
            if record.outcome in STATES:
                self._minutes.note(source_id, record.received_at, STATES[record.outcome])
            if self._killed_after_s is not None and (state := self._state.feeds.get(source_id)):
                count_again(state, record, self._killed_after_s)

    def _observed(self, poll: Poll) -> None:
        self._lags.append(poll.begun_s - poll.due_s)
        self._observe(poll)

    async def _beat(self) -> None:
        """Every second a look at the clock and the disk; every minute the catalogue and the state."""
        offset_s, minute = self._clock.now_s() - self._clock.steady_s(), self._clock.now_s() // 60
        while True:
            await self._clock.sleep(_BEAT_S)
            now_s = self._clock.now_s()
            jump_s = now_s - self._clock.steady_s() - offset_s
            offset_s += jump_s
            is_news = self._heed_jump(now_s, jump_s) | self._heed_space()
            if now_s // 60 != minute:
                minute, is_news = now_s // 60, True
                self._take_lags()
                await self._write_minutes(now_s)
                self._refresh()
            if is_news or not self._state.beat_s:
                self._write_state()

    def _heed_jump(self, now_s: float, jump_s: float) -> bool:
        if abs(jump_s) <= JUMP_S:
            return False
        self._state.add_jump(now_s, round(jump_s, 1))
        self._tell("clock_jumped", {"seconds": f"{jump_s:+.0f}"})
        return True

    def _heed_space(self) -> bool:
        was_full = self._state.paused is not None
        self._space.look()
        self._state.paused = "disk_full" if self._space.is_full else None
        if was_full == self._space.is_full:
            return False
        self._tell("disk_is_full" if self._space.is_full else "disk_has_room", {})
        return True

    async def _write_minutes(self, now_s: float) -> None:
        """Write what minutes came to, those that had ended at `now_s`, in one transaction; kept for later where that fails."""
        ended = self._minutes.before(now_s)
        if not ended:
            return
        try:
            await asyncio.to_thread(self._node.catalogue.add_coverages, ended)
        except NodeError as error:
            self._tell("not_written", {"reason": error.message})
            return
        self._minutes.forget(ended)

    def _write_state(self) -> None:
        self._state.beat_s = self._clock.now_s()
        try:
            write_state(self._node.folder, self._state)
        except OSError as error:
            self._tell("not_written", {"reason": str(error)})

    def _take_lags(self) -> None:
        lags, self._lags = sorted(self._lags), []
        if lags:
            p99 = lags[min(len(lags) - 1, len(lags) * 99 // 100)]
            self._state.lag_s = {"median": statistics.median(lags), "p99": p99, "worst": lags[-1]}

    async def _land_round(self) -> None:
        while True:
            await self._clock.sleep(self._options.land_every_s)
            if not self._space.is_full:
                await self._land_all()

    async def _land_all(self) -> None:
        """Land every feed that has accepted something since it was landed."""
        for feed in [feed for feed in self._feeds.values() if feed.has_unlanded]:
            feed.has_unlanded = False  # before: what comes meanwhile is for the next round
            fault = await self._worker.land(feed.source.id)
            feed.state.landing_fault = fault
            if fault is None:
                feed.state.landed_s = self._clock.now_s()
            else:
                feed.has_unlanded = True
                self._tell("not_landed", {"source": str(feed.source.id), "reason": fault})
