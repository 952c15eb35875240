"""`interurban replay`: serve archived realtime messages as live feeds on this machine."""

from __future__ import annotations

import datetime as dt
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from interurban.cli.output import Watcher, note, progress, say
from interurban.errors import NotFound, UsageError
from interurban.locales import message

if TYPE_CHECKING:
    from interurban.collect.gtfs_realtime.replay import Replay
    from interurban.collect.gtfs_realtime.replay_server import ReplayServer

_PROGRESS_S = 0.5


def replay(
    archive: Annotated[Path, typer.Argument(help=message("cli.replay_archive"), metavar="ARCHIVE")],
    *,
    speed: Annotated[float, typer.Option("--speed", help=message("cli.replay_speed"), min=0.001)] = 1.0,
    port: Annotated[int, typer.Option("--port", help=message("cli.replay_port"), min=0, max=65_535)] = 0,
    from_: Annotated[str | None, typer.Option("--from", help=message("cli.replay_from"), metavar="MOMENT")] = None,
    end: Annotated[bool, typer.Option("--end", help=message("cli.replay_end"))] = False,
) -> None:
    """Serve until told to stop (Ctrl+C, SIGTERM), or with --end until the archive is over."""
    begin_s = None if from_ is None else moment_s(from_)
    if not archive.exists():
        raise NotFound(message("fetch.file_not_found", file=str(archive)), path=str(archive))
    import asyncio

    from interurban.collect.gtfs_realtime.replay import open_replay
    from interurban.collect.gtfs_realtime.replay_server import ReplayServer

    opened = open_replay(archive)
    try:
        if opened.undated:
            note(message("watching.replay_undated", count=opened.undated))
        with progress(str) as show:
            asyncio.run(_serve(opened, ReplayServer(opened, speed, begin_s, ends=end), port, show))
    finally:
        opened.close()


def moment_s(text: str) -> float:
    """Seconds since 1970 UTC of a moment as people type it; without an offset it is in UTC.

    Raises:
        UsageError: it is none.
    """
    try:
        if text.isdecimal():
            return float(text)
        moment = dt.datetime.fromisoformat(text)
    except (ValueError, OverflowError) as wrong:
        raise UsageError(message("watching.not_a_moment", text=text)) from wrong
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()


async def _serve(opened: Replay, server: ReplayServer, port: int, show: Watcher) -> None:
    import asyncio

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    line = asyncio.create_task(_show_progress(server, show))
    try:
        await server.run(port, lambda url: _told(opened, server, url))
    except OSError as error:
        raise UsageError(message("watching.port_taken", port=str(port), reason=error.strerror)) from error
    finally:
        line.cancel()


def _told(opened: Replay, server: ReplayServer, url: str) -> None:
    state = server.state()
    say(message("watching.replay_at", url=f"{url}/", speed=f"{server.speed:g}", begin=state["begin"], end=state["end"]))
    for channel in opened.channels.values():
        say(message("watching.replay_feed", url=f"{url}/{channel.name}", count=len(channel.messages)))
    sys.stdout.flush()  # whoever started it waits for these lines


async def _show_progress(server: ReplayServer, show: Watcher) -> None:
    import asyncio

    while True:
        channels = server.replay.channels.values()
        served, unchanged = sum(each.requests for each in channels), sum(each.unchanged for each in channels)
        show(message("watching.replay_now", moment=server.state()["moment"], served=served, unchanged=unchanged))
        await asyncio.sleep(_PROGRESS_S)
