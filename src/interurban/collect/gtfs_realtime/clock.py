"""The clocks of a watch, in one place, so that a test can let a day pass in a minute."""

from __future__ import annotations

import asyncio
import time


class Clock:
    """The system's clocks, in seconds."""

    def now_s(self) -> float:
        """The time of day since 1970 UTC; it may jump."""
        return time.time()

    def steady_s(self) -> float:
        """A time that never jumps; only differences mean something."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait; not at all for what is over."""
        await asyncio.sleep(seconds)
