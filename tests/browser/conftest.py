"""A node with cities, a feed, a rating and accounts behind a real server, and a real Chromium in front of it."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator

import pytest
from four_cities import make_node
from served_site import Watched, serving


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
    with socket.create_server(("127.0.0.1", 0)) as listener, serving(folder, listener) as address:
        yield address


@pytest.fixture(scope="module")  # it keeps an event loop running, beside which no other test may start one
def browser(chromium: str) -> Iterator:
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
               "--disable-component-update", "--disable-sync"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=options)
        yield started
        started.close()


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
