"""Answers that are sent piece by piece, and let go of the database however they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from anyio import CancelScope
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send


class Stream(StreamingResponse):
    """Sends pieces that are made in a thread; `close` is called at the end, also where the client has gone.

    Left to the collector of garbage, the connections of clients that hang up would be missing for everyone else.
    """

    def __init__(self, pieces: Iterator[bytes], close: Callable[[], None], media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(pieces, media_type=media_type, headers=headers)
        self._close = close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the pieces, then close their source."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await run_in_threadpool(self._close)
