"""A watch in this process, with what it told and how every poll went."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from interurban.collect.gtfs_realtime.clock import Clock
from interurban.collect.gtfs_realtime.watch import WatchOptions, watch
from interurban.collect.gtfs_realtime.watch_state import WatchState
from interurban.collect.gtfs_realtime.watched_feed import Poll
from interurban.model import City, Source
from interurban.model.realtime import VEHICLE_POSITIONS
from interurban.store.node import Node, init_node
from interurban.store.settings import Settings

LOOPBACK = ("127.0.0.0/8",)
NEVER_S = 1e9


@dataclass
class Watched:
    """What came of a watch: `polls` by source, `told` the news for people."""

    state: WatchState
    polls: dict[int, list[Poll]] = field(default_factory=lambda: defaultdict(list))
    told: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def reasons(self, source: Source) -> list[str | None]:
        return [poll.reason for poll in self.polls[source.id]]


def make_node(folder: Path, **settings: object) -> Node:
    node = init_node(folder, Settings(**({"allow_private_addresses": LOOPBACK, "read_limit_s": 2.0} | settings)))
    node.catalogue.add_city(City("town", "Town", "GH", "Africa/Accra"))
    return node


def add_feed(node: Node, url: str, kind: str = VEHICLE_POSITIONS, **more: object) -> Source:
    secret = more.pop("secret", None)
    return node.catalogue.add_source(Source("town", kind, url, **more), secret)


def watched(
    node: Node,
    polls: int = 3,
    *,
    clock: Clock | None = None,
    on_poll: Callable[[Poll, Watched], bool | None] = lambda *_: None,
    limit_s: float = 120.0,
    **options: float,
) -> Watched:
    """Watch until every feed was polled so many times, `on_poll` says True, or the limit; nothing is landed."""
    stop = asyncio.Event()
    seen = Watched(WatchState())
    ids = [source.id for source in node.catalogue.list_sources()]

    def observe(poll: Poll) -> None:
        seen.polls[poll.source_id].append(poll)
        if on_poll(poll, seen) or all(len(seen.polls[each]) >= polls for each in ids):
            stop.set()

    async def run() -> WatchState:
        asyncio.get_running_loop().call_later(limit_s, stop.set)
        chosen = WatchOptions(**({"every_s": 0.1, "land_every_s": NEVER_S} | options))
        return await watch(node, options=chosen, stop=stop, observe=observe, tell=lambda *news: seen.told.append(news), clock=clock)

    seen.state = asyncio.run(run())
    return seen
