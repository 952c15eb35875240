"""A clock on which a minute passes in a second, the same in every process that is given the same beginning."""

from __future__ import annotations

import asyncio
import time

from interurban.collect.gtfs_realtime.clock import Clock


class FastClock(Clock):
    """At the moment `anchor_s` of the system's clock it is `begin_s`; from there on `speed` seconds pass in one."""

    def __init__(self, speed: float, begin_s: float, anchor_s: float | None = None) -> None:
        self.speed = speed
        self.begin_s = begin_s
        self.anchor_s = time.time() if anchor_s is None else anchor_s

    def now_s(self) -> float:
        return self.begin_s + (time.time() - self.anchor_s) * self.speed

    def steady_s(self) -> float:
        return time.monotonic() * self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)
