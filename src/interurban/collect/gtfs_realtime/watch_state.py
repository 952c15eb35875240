"""What a watch knows of its feeds, in a small file of the node, so that others can tell how it fares."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from interurban.store.locks import write_whole

STATE_FILE = "watch.json"
_DAYS_KEPT = 2
_JUMPS_KEPT = 20


@dataclass(slots=True)
class FeedState:
    """How one feed fares. Moments are seconds since 1970 UTC; None: has not happened.

    `counts` by UTC day: polls by what they came to ("new", "unchanged", "older", "garbage"), "missed" slots, and failures
    as "failed CODE". `failures` counts those in a row. `last_new_s` is when it last said something new; `reason` and
    `reason_fields` say why the last poll failed (code and fields of a message of the area `fetch` or `watch`).
    """

    every_s: float
    last_poll_s: float | None = None
    last_good_s: float | None = None
    last_new_s: float | None = None
    failures: int = 0
    reason: str | None = None
    reason_fields: dict[str, Any] = field(default_factory=dict)
    landed_s: float | None = None
    landing_fault: str | None = None
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def count(self, what: str, moment_s: float, number: int = 1) -> None:
        """Add to today's count of something; days before yesterday are forgotten."""
        day = dt.datetime.fromtimestamp(moment_s, dt.UTC).date().isoformat()
        today = self.counts.setdefault(day, {})
        today[what] = today.get(what, 0) + number
        for old in sorted(self.counts)[:-_DAYS_KEPT]:
            del self.counts[old]

    def total(self) -> Counter[str]:
        """Counts of yesterday and today together."""
        total: Counter[str] = Counter()
        for counts in self.counts.values():
            total.update(counts)
        return total


@dataclass(slots=True)
class WatchState:
    """How the watch of a node fares. `beat_s` is when it last wrote this; `paused` names what keeps it from accepting.

    `jumps` are the moments at which the system's clock jumped, with the seconds it jumped by. `ended_s` is when it was
    ended in order (None: it runs, or was killed). `lag_s` has median, p99 and worst delay of the polls of the last minute.
    """

    pid: int = 0
    started_s: float = 0.0
    beat_s: float = 0.0
    ended_s: float | None = None
    paused: str | None = None
    jumps: list[tuple[float, float]] = field(default_factory=list)
    lag_s: dict[str, float] = field(default_factory=dict)
    feeds: dict[int, FeedState] = field(default_factory=dict)

    def add_jump(self, moment_s: float, seconds: float) -> None:
        """Note that the clock jumped."""
        self.jumps = [*self.jumps, (moment_s, seconds)][-_JUMPS_KEPT:]


def write_state(folder: Path, state: WatchState) -> None:
    """Write the state into a node's folder, whole or not at all; OSError where it cannot be written."""
    value = dataclasses.asdict(state) | {"feeds": {str(id_): dataclasses.asdict(feed) for id_, feed in state.feeds.items()}}
    write_whole(folder / STATE_FILE, json.dumps(value).encode())


def read_state(folder: Path) -> WatchState | None:
    """What the last watch of a node wrote; None when none has been, or what it wrote cannot be read."""
    try:
        value = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
        feeds = {int(id_): _known(FeedState, feed) for id_, feed in value.pop("feeds").items()}
        state: WatchState = _known(WatchState, value | {"feeds": feeds})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # it is a help, not a record: a watch writes it anew within a minute
    state.jumps = [(moment_s, seconds) for moment_s, seconds in state.jumps]
    return state


def _known(record: type[Any], value: Mapping[str, Any]) -> Any:
    """A record from the fields it knows; another version may have written others."""
    names = {each.name for each in dataclasses.fields(record)}
    return record(**{name: each for name, each in value.items() if name in names})
