"""A server for a browser to look at, and an eye on what goes wrong in the browser."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from interurban.web.app import create_app


@contextmanager
def serving(folder: Path, listener: socket.socket) -> Iterator[str]:
    """The node in `folder` behind a server until the block ends; its address."""
    server = uvicorn.Server(uvicorn.Config(create_app(folder), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


class Watched:
    """What went wrong on the pages of a test: messages of the console, requests to another host."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.faults: list[str] = []

    def page(self, context):
        page = context.new_page()
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith((self.site, "data:", "blob:")) else self.faults.append(asked.url))
        page.set_default_timeout(20_000)
        return page
