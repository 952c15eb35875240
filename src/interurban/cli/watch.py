"""`interurban watch`: ask the realtime feeds again and again, and keep what they say."""

from __future__ import annotations

import datetime as dt
import re
import signal
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.output import Watcher, note, progress
from interurban.errors import UsageError
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.collect.gtfs_realtime.watch import WatchOptions
    from interurban.collect.gtfs_realtime.watched_feed import Poll
    from interurban.store.node import Node

_KINDS = {"f": "new", "u": "unchanged", "x": "failed"}
_UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def watch(
    city_id: Annotated[str | None, typer.Argument(help=message("cli.watch_city"), metavar="CITY")] = None,
    *,
    every_s: Annotated[float | None, typer.Option("--every", help=message("cli.watch_every"), metavar="SECONDS", min=0.05)] = None,
    for_: Annotated[str | None, typer.Option("--for", help=message("cli.watch_for"), metavar="DURATION")] = None,
) -> None:
    """Watch until told to stop (Ctrl+C, SIGTERM) or the time is over; then everything accepted is safe."""
    for_s = None if for_ is None else duration_s(for_)
    import asyncio

    from interurban.collect.gtfs_realtime.watch import WatchOptions
    from interurban.store.node import open_node

    with open_node() as node, progress(str) as show:
        asyncio.run(_Told(node, show).run(city_id, WatchOptions(every_s, for_s)))


def duration_s(text: str) -> float:
    """Seconds of a duration as people type it: 90, 90s, 10m, 2h, 1d.

    Raises:
        UsageError: it is none, or nothing.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", text.strip().lower())
    if not found or not float(found[1]):
        raise UsageError(message("watching.not_a_duration", text=text))
    return float(found[1]) * _UNITS_S[found[2]]


class _Told:
    """A watch with its news told to the person at the terminal, or to the journal of the system."""

    def __init__(self, node: Node, show: Watcher) -> None:
        self._node = node
        self._show = show
        self._feeds = 0
        self._counts = {"new": 0, "unchanged": 0, "failed": 0, "missed": 0}

    async def run(self, city_id: str | None, options: WatchOptions) -> None:
        import asyncio

        from interurban.collect.gtfs_realtime.watch import realtime_sources, watch

        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        self._feeds = len(realtime_sources(self._node, city_id))
        await watch(self._node, city_id, options, stop=stop, observe=self._observe, tell=self._tell)
        self._tell("ended", dict(self._counts))

    def _tell(self, key: str, values: dict[str, object]) -> None:
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        note(f"{now} {message(f'watching.{key}', None, **values)}")

    def _observe(self, poll: Poll) -> None:
        self._counts[_KINDS[poll.state.value]] += 1
        self._counts["missed"] += poll.missed
        self._show(message("watching.line", None, feeds=self._feeds, **self._counts))
