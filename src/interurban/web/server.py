"""The server process: one application on one address, until it is told to end."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from interurban.errors import UsageError
from interurban.locales import message
from interurban.web.app import create_app

_END_WITHIN_S = 20  # answers under way are finished within this time


def serve(folder: Path | str | None, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve a node until SIGTERM or SIGINT; then answers under way are finished and the node is closed.

    `port` 0 takes a free one; `ready` is told the address once connections are accepted.

    Raises:
        UsageError: the address cannot be had.
        NodeError: the node cannot be opened.
    """
    listener = _listen(host, port)
    with listener:
        app = create_app(folder)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=_END_WITHIN_S,
            timeout_keep_alive=15, h11_max_incomplete_event_size=64 << 10,
        )
        server = _Server(config, lambda: ready(_address(host, listener.getsockname()[1])))
        # The server gives a signal on when it has ended; what was asked for has then been done.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _heard)
        server.run(sockets=[listener])


def log_to_error_stream() -> None:
    """Write requests and faults as lines on the error stream, for the journal of the system."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    for name in ("interurban.requests", "interurban.web", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING if name == "uvicorn.error" else logging.INFO)
        logger.addHandler(handler)


class _Server(uvicorn.Server):
    """Tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise UsageError(message("web.cannot_listen", host=host, port=str(port), reason=str(error.strerror or error))) from error


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _heard(_number: int, _frame: FrameType | None) -> None:
    """Nothing is left to do."""
