"""A watch in a process of its own, at sixty times the pace of life, that notes every poll where a kill cannot reach it."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from pathlib import Path

from interurban.collect.gtfs_realtime.clock import Clock
from interurban.collect.gtfs_realtime.decode import decode

decode(b"\n\x05\n\x032.0")  # compiled once, before the processes fork

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([
    "one_watch", "interurban.collect.gtfs_realtime.watch", "interurban.store.node", "interurban.store.lake", "alembic.command",
    "sqlalchemy.dialects.sqlite", "pyarrow",
])  # fmt: skip


class FastClock(Clock):
    """At the moment `anchor_s` of the system's clock it is `begin_s`; from there on `speed` seconds pass in one."""

    def __init__(self, speed: float, begin_s: float, anchor_s: float) -> None:
        self.speed, self.begin_s, self.anchor_s = speed, begin_s, anchor_s

    def now_s(self) -> float:
        return self.begin_s + (time.time() - self.anchor_s) * self.speed

    def steady_s(self) -> float:
        return time.monotonic() * self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)


def watch_until_killed(folder: str, clock: tuple[float, float, float], log: str) -> None:
    """Watch the node; SIGTERM ends it in order. Each poll is a line of `log`: when it ended, its state, when its message came."""
    from interurban.collect.gtfs_realtime.watch import WatchOptions, watch
    from interurban.store.node import open_node

    fast = FastClock(*clock)
    noted = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def run() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        options = WatchOptions(every_s=20, land_every_s=600)
        with open_node(folder) as node:
            await watch(node, options=options, stop=stop, clock=fast, observe=lambda poll: os.write(
                noted, f"{fast.now_s()} {poll.state.value} {poll.received_s}\n".encode()
            ))  # fmt: skip

    asyncio.run(run())


def start(folder: Path, clock: tuple[float, float, float], log: Path):
    process = PROCESSES.Process(target=watch_until_killed, args=(str(folder), clock, str(log)))
    process.start()
    return process


def polls(log: Path) -> list[tuple[float, str, int | None]]:
    """(moment, state, received) of every poll that ended."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [(float(at), state, None if received == "None" else int(received)) for at, state, received in map(str.split, lines)]
