"""Real servers on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import uvicorn

from interurban.web.app import create_app


@contextmanager
def serving_node(folder: Path) -> Iterator[str]:
    """The address at which a node's SDMX-REST is served."""
    server = uvicorn.Server(uvicorn.Config(create_app(folder), host="127.0.0.1", port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/sdmx/v2"
    server.should_exit = True
    thread.join()


class Foreign:
    """A server that answers every request with the same bytes, and remembers what it was asked."""

    def __init__(self) -> None:
        self.content = b""
        self.status = 200
        self.asked: list[str] = []
        self.address = ""

    @contextmanager
    def serving(self) -> Iterator[Foreign]:
        foreign = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                foreign.asked.append(self.path)
                self.send_response(foreign.status)
                self.send_header("Content-Length", str(len(foreign.content)))
                self.end_headers()
                self.wfile.write(foreign.content)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        self.address = f"http://127.0.0.1:{server.server_address[1]}"
        yield self
        server.shutdown()
        thread.join()
        server.server_close()
