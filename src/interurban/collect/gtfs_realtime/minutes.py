"""What each minute of each feed came to, kept until it is written to the catalogue, and how much of a day that covers."""

from __future__ import annotations

import math
from collections.abc import Iterable

from interurban.model.realtime import MinuteState

_WORST_TO_BEST = tuple(MinuteState)
_GOOD = frozenset({MinuteState.FETCHED, MinuteState.UNCHANGED})


class Minutes:
    """States of (minute, feed), `minute` counted since 1970 UTC; the best of all polls in a minute is its state."""

    def __init__(self) -> None:
        self._states: dict[int, dict[int, MinuteState]] = {}

    def note(self, source_id: int, moment_s: float, state: MinuteState) -> None:
        """A poll at `moment_s` came to `state`."""
        minute = self._states.setdefault(int(moment_s // 60), {})
        minute[source_id] = max(state, minute.get(source_id, state), key=_WORST_TO_BEST.index)

    def before(self, moment_s: float) -> list[tuple[int, int, MinuteState]]:
        """(source, minute, state) of all minutes that had ended at `moment_s`."""
        ended = sorted(minute for minute in self._states if minute < moment_s // 60)
        return [(source_id, minute, state) for minute in ended for source_id, state in self._states[minute].items()]

    def forget(self, written: Iterable[tuple[int, int, MinuteState]]) -> None:
        """Let go of what has been written; a minute that has become better meanwhile stays."""
        for source_id, minute, state in written:
            states = self._states.get(minute, {})
            if states.get(source_id) == state:
                del states[source_id]
                if not states:
                    del self._states[minute]


def covered_minutes(states: str, every_s: float) -> int:
    """Minutes of a run of states, one character each, about which the feed has told us.

    A poll that went well (fetched or unchanged) tells about its own minute, and about those until the next poll is due.

    Example:
        "f..f..x..f" is wholly covered at one poll in three minutes but for the three of the failure: 7 of 10.
    """
    reach = max(1, math.ceil(every_s / 60))
    last_good, covered = -reach, 0
    for minute, state in enumerate(states):
        if state in _GOOD:
            last_good = minute
        covered += minute - last_good < reach
    return covered
