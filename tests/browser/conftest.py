"""A node with cities, a feed, a rating and accounts behind a real server, and a real Chromium in front of it."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from four_cities import make_node

from interurban.web.app import create_app


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; the tests are skipped where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    return found


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server of its own."""
    folder = tmp_path_factory.mktemp("browser") / "node"
    make_node(folder)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(folder), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
    listener.close()


@pytest.fixture(scope="module")  # it keeps an event loop running, beside which no other test may start one
def browser(chromium: str) -> Iterator:
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
               "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=options)
        yield started
        started.close()


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


@pytest.fixture
def watched(site: str) -> Iterator[Watched]:
    watch = Watched(site)
    yield watch
    assert not watch.faults


@pytest.fixture
def page(browser, site: str, watched: Watched) -> Iterator:
    """A page of an ordinary screen."""
    context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900})
    yield watched.page(context)
    context.close()
