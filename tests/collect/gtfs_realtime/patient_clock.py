"""A clock that waits for those who are at work: with it a watch of many minutes is over soon, and no machine is too slow."""

from __future__ import annotations

import asyncio
import heapq
import itertools

from interurban.collect.gtfs_realtime.clock import Clock

_LOOK_EVERY_S = 0.001


class PatientClock(Clock):
    """It stands still while anybody does something, and goes to the next moment that is slept for when all others wait."""

    def __init__(self, begin_s: float) -> None:
        self._now_s = begin_s
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._tie = itertools.count()
        self._going: asyncio.Task[None] | None = None

    def now_s(self) -> float:
        return self._now_s

    def steady_s(self) -> float:
        return self._now_s

    async def sleep(self, seconds: float) -> None:
        if self._going is None:
            self._going = asyncio.create_task(self._go())
        wakes = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now_s + max(seconds, 0), next(self._tie), wakes))
        await wakes

    async def _go(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            self._sleepers = [each for each in self._sleepers if not each[2].done()]
            heapq.heapify(self._sleepers)
            # Besides those who sleep there are this task, the test's, and the one that waits for the order to stop.
            if self._sleepers and len(asyncio.all_tasks()) == len(self._sleepers) + 3:
                self._now_s, _, wakes = heapq.heappop(self._sleepers)
                wakes.set_result(None)
