"""When a feed is asked next: in even steps of its own, a little apart from other feeds, more rarely while it fails."""

from __future__ import annotations

import math
from dataclasses import dataclass

from interurban.model.realtime import ALERTS, TRIP_UPDATES, VEHICLE_POSITIONS

EVERY_S = {VEHICLE_POSITIONS: 20.0, TRIP_UPDATES: 20.0, ALERTS: 60.0}
"""Seconds from one poll to the next of the kinds of sources that are polled, where neither source nor user says otherwise."""

JITTER_SHARE = 0.05
BACKOFF_LIMIT_S = 300.0
RETRY_AFTER_LIMIT_S = 3600.0


@dataclass(frozen=True, slots=True)
class Cadence:
    """Slots at `origin_s` + n * `every_s` on a clock that never jumps.

    Slots do not drift: a poll that took long, or began late, does not move those after it.
    """

    every_s: float
    origin_s: float

    def slot_after(self, moment_s: float) -> int:
        """Number of the first slot later than `moment_s`."""
        return math.floor((moment_s - self.origin_s) / self.every_s) + 1

    def due_s(self, slot: int, jitter: float) -> float:
        """When the poll of a slot is due; `jitter` in [0, 1) moves it by up to a twentieth of the step."""
        return self.origin_s + self.every_s * (slot + JITTER_SHARE * jitter)

    def pause_s(self, failures: int, retry_after_s: float | None) -> float:
        """Seconds to leave a feed in peace after so many failures in a row: as the server asks, else doubling.

        After the first failure the next slot is kept; the second leaves out one slot, the third three, and so on to
        five minutes. What a server asks for by Retry-After is honoured up to an hour.
        """
        if retry_after_s is not None:
            return min(max(retry_after_s, 0.0), RETRY_AFTER_LIMIT_S)
        if failures < 2:
            return 0.0
        return max(self.every_s, min(self.every_s * 2.0 ** min(failures - 1, 30), BACKOFF_LIMIT_S)) - self.every_s


def spread(number: int) -> float:
    """A share in [0, 1) for each number, as even as can be over any run of numbers (multiples of the golden ratio)."""
    return number * 0.618033988749895 % 1.0
