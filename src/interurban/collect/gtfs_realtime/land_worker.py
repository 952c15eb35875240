"""Landing in a process beside the watch, so that its hard work never makes a poll late.

The process is told sources line by line on its standard input and answers each with a line of JSON. It ends when that
input does: also when the watch is killed. Being killed itself does no harm, for a landing is one transaction.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from interurban.errors import InterurbanError
from interurban.locales import current_language, message

_NICENESS = 10
_END_LIMIT_S = 30.0


class LandWorker:
    """The process beside the watch of the node in `folder`; it is started when first needed, and again if it dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def land(self, source_id: int) -> str | None:
        """Land what a source's bundles hold; None when it went well, else what went wrong, in words."""
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", __name__, str(self._folder), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "INTERURBAN_LANG": current_language()},
            )  # fmt: skip
        assert process.stdin and process.stdout  # noqa: S101  both were asked for
        try:
            process.stdin.write(f"{source_id}\n".encode())
            await process.stdin.drain()
            answer = await process.stdout.readline()
        except ConnectionError:
            answer = b""
        if not answer:
            return message("watching.worker_ended", code=str(await process.wait()))
        fault: str | None = json.loads(answer)["fault"]
        return fault

    async def close(self) -> None:
        """End the process once it has landed what it is at."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        assert process.stdin  # noqa: S101  it was asked for
        process.stdin.close()
        try:
            async with asyncio.timeout(_END_LIMIT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def main() -> None:
    """Land the sources named on the standard input, one after another."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the watch, which ends this process in order
    os.nice(_NICENESS)
    from interurban.collect.gtfs_realtime.landing import land
    from interurban.store.node import open_node

    with open_node(Path(sys.argv[1])) as node:
        for line in sys.stdin:
            fault = None
            try:
                land(node, int(line))
            except (InterurbanError, OSError) as error:
                fault = str(error)
            sys.stdout.write(json.dumps({"fault": fault}) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
