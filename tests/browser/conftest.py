"""A node with cities, a feed, a rating and accounts behind a real server, and a real Chromium in front of it."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from interurban.indicators.catalogue import get_indicator
from interurban.model import City, Observation
from interurban.model.account import Role
from interurban.store.node import init_node
from interurban.web.app import create_app

PASSWORD = "correct horse battery"
CITIES = (
    City("moscow", "Moscow", "RU", "Europe/Moscow", "Москва", "莫斯科", lat=55.75, lon=37.62),
    City("shenzhen", "Shenzhen", "CN", "Asia/Shanghai", "Шэньчжэнь", "深圳", lat=22.54, lon=114.06),
    City("guangzhou", "Guangzhou", "CN", "Asia/Shanghai", "Гуанчжоу", "广州", lat=23.13, lon=113.26),
    City("london", "London", "GB", "Europe/London", "Лондон", "伦敦", lat=51.51, lon=-0.13),
)
VALUES = {
    "population": {"moscow": (12_600_000, 13_000_000), "shenzhen": (17_000_000, 17_600_000), "guangzhou": (18_000_000, 18_700_000),
                   "london": (8_900_000, 8_800_000)},
    "pop_convenient_pt_sdg1121": {"moscow": (86,), "shenzhen": (71,), "guangzhou": (64,), "london": (84,)},
    "pt_headway_peak_median": {"moscow": (6.0,), "shenzhen": (8.0,), "london": (7.0,)},
    "pt_service_span": {"moscow": (20.0,), "shenzhen": (17.0,), "london": (22.0,)},
    "pt_stop_density": {"moscow": (5.0,), "shenzhen": (4.0,), "london": (9.0,)},
}


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


def make_node(folder: Path) -> None:
    with init_node(folder) as node:
        for city in CITIES:
            node.catalogue.add_city(city)
        node.catalogue.add_observations(
            observation(city, code, 2021 - len(values) + 1 + place, value)
            for code, of_cities in VALUES.items() for city, values in of_cities.items() for place, value in enumerate(values)
        )
        node.catalogue.add_account("reporter", Role.REPORTER, ["london"], PASSWORD)
        node.catalogue.add_account("reviewer", Role.REVIEWER, [], PASSWORD)


def observation(city: str, code: str, year: int, value: float) -> Observation:
    indicator = get_indicator(code)
    return Observation(
        city, code, indicator.version, indicator.unit, float(value), "A", "test", period_start=dt.date(year, 1, 1),
        period_end=dt.date(year, 12, 31), origin="imported", area_definition="ADM", confidence="B", source="Statistics", licence="CC0-1.0",
    )


@pytest.fixture(scope="session")
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
