"""The site under load: a node of a million observations of a thousand cities behind a real server on loopback.

    python bench/web.py [--folder FOLDER]

Uses the node of `bench/city_statistics.py` (made there once), starts `interurban serve` on it without a limit on requests, and prints one
JSON line for each part, with the load of the machine when it began:

- cached: requests per second that `wrk` (apt-get install wrk) gets of a page and of its JSON twin, two threads, 16 connections, 10 s; at
  least 1,000.
- uncached: milliseconds at the 95th percentile of 200 views of indicators never asked for before, one after the other; below 100.
- weight: kB of a first visit as they go over the wire, of a page to read (below 350) and of one with map and chart (below 1,000), and
  seconds until the reading page can be used in Chromium with a processor four times slower on a line of 1.6 Mbit/s and 150 ms; below 1.5.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

VIEWS = 200
PROFILE = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "interurban-statistics")
    folder = asked.parse_args().folder
    settings = folder / "interurban.toml"
    if not settings.exists():
        sys.stderr.write("Make the node first: python bench/city_statistics.py\n")
        return 2
    settings.write_text(re.sub(r"requests_per_minute = \d+", "requests_per_minute = 0", settings.read_text()))
    with served(folder) as site:
        codes = [each["code"] for each in get_json(f"{site}en/indicators.json") if each["cities"] > 100]
        told("cached page", cached(f"{site}en/indicator/{codes[0]}"))
        told("cached json", cached(f"{site}en/indicator/{codes[0]}.json"))
        told("uncached", uncached(site, codes))
        told("weight", weight(site, codes[0]))
    return 0


def told(part: str, found: dict[str, float | None]) -> None:
    print(json.dumps({"part": part, **found, "load": round(os.getloadavg()[0], 1), "cores": os.cpu_count()}), flush=True)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "interurban", "--lang", "en", "--home", str(folder), "serve", "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        for line in process.stderr:
            if found := re.search(r"http://\S+", line):
                break
        # The log of requests must go on being read, or the server waits for room in the pipe.
        subprocess.Popen(["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL)
        yield found[0]
    finally:
        process.terminate()
        process.wait(30)


def cached(address: str) -> dict[str, float | None]:
    get(address)
    wrk = shutil.which("wrk")
    if wrk is None:
        return {"requests_per_s": None}
    command = [wrk, "-t2", "-c16", "-d10s", "-H", "Accept-Encoding: gzip", address]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in out, out
    return {"requests_per_s": float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])}


def uncached(site: str, codes: list[str]) -> dict[str, float | None]:
    cities = [each["id"] for each in get_json(f"{site}en/cities.json")]
    taken = []
    for number in range(VIEWS):
        chosen = ",".join(cities[(number * 3 + k) % len(cities)] for k in range(3))
        began = time.perf_counter()
        get(f"{site}en/indicator/{codes[number % len(codes)]}?cities={chosen}")
        taken.append((time.perf_counter() - began) * 1000)
    return {"p50_ms": round(statistics.median(taken), 1), "p95_ms": round(sorted(taken)[int(0.95 * VIEWS)], 1)}


def weight(site: str, code: str) -> dict[str, float | None]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        return {}
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=options)
        found = {
            "reading_kb": first_visit(browser, f"{site}en/cities")[0], "reading_zh_kb": first_visit(browser, f"{site}zh/cities")[0],
            "map_and_chart_kb": first_visit(browser, f"{site}en/indicator/{code}?view=map")[0],
            "usable_s": statistics.median(first_visit(browser, f"{site}en/indicators", throttled=True)[1] for _ in range(3)),
        }
        browser.close()
    return found


def first_visit(browser, address: str, *, throttled: bool = False) -> tuple[float, float]:
    """kB over the wire and seconds until the page can be used."""
    page = browser.new_page()
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    total = 0

    def finished(event) -> None:
        nonlocal total
        total += event["encodedDataLength"]

    wire.on("Network.loadingFinished", finished)
    if throttled:
        wire.send("Network.emulateNetworkConditions", PROFILE)
        wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(address)
    page.wait_for_load_state("networkidle")
    usable = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd / 1000")
    page.context.close()
    return round(total / 1000, 1), round(usable, 2)


def get(address: str) -> bytes:
    with urlopen(Request(address, headers={"Accept-Encoding": "gzip"})) as answer:
        return answer.read()


def get_json(address: str):
    with urlopen(address) as answer:
        return json.load(answer)


if __name__ == "__main__":
    sys.exit(main())
