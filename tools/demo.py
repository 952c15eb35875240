"""The demo: ordinary commands, shown as they run, from publishers' feeds to indicators in a node of its own, and cities of the world.

Usage: python tools/demo.py NODE            the Newport feed that comes inside the package assess-gtfs
       python tools/demo.py NODE FEEDS      every city of demo_cities.csv, from the feeds in the folder FEEDS
"""

from __future__ import annotations

import csv
import importlib.util
import os
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from interurban.cli import main

CITIES = Path(__file__).with_name("demo_cities.csv")
WORLD = ("moscow", "shanghai", "mumbai", "sao-paulo", "johannesburg", "cairo")
FIGURES = ("population", "population_year", "population_source", "area_km2", "area_year", "area_source")


def demo(node: Path, feeds: Path | None) -> int:
    """Run the demo in the folder `node`; 0 when every command did what it should."""
    began_s = time.monotonic()
    os.environ["INTERURBAN_HOME"] = str(node)
    with CITIES.open(encoding="utf-8", newline="") as file:
        cities = [city for city in csv.DictReader(file) if feeds or city["city"] == "newport"]
    if feeds and not feeds.is_dir():
        sys.stderr.write(f"There are no feeds in {feeds}; `make demo` needs none.\n")
        return 1
    commands = [["init"], *(command for city in cities for command in adding(city, feeds)), ["collect"]]
    names = [city["city"] for city in cities]
    commands += [["notices", "newport"], ["compute"], *showing(node, names), ["baseline", "load"], ["compare", *WORLD]]
    for command in commands:
        if code := run(command):
            return code
    say(f"\nDone in {time.monotonic() - began_s:.0f} s. Written into {node}:")
    for path in written(node):
        say(f"  {path}")
    say("\nThe site: run `make site`, then open http://127.0.0.1:8080/")
    return 0


def written(node: Path) -> list[Path]:
    """What the node holds now: files, and for the tables of a feed version their folder."""
    files = [each for each in node.rglob("*") if each.is_file() and each.name != ".gate" and "locks" not in each.parts]
    return sorted({each.parent if each.suffix == ".parquet" else each for each in files})


def adding(city: Mapping[str, str], feeds: Path | None) -> list[list[str]]:
    """The commands that put a city, with its figures and its feed, into the catalogue."""
    feed = feeds / city["feed"] if feeds else newport_feed()
    options = ["name_en", "name_ru", "name_zh", "country", "timezone", "unlocode", *FIGURES]
    add = ["city", "add", city["city"]]
    for option in options:
        if city[option]:
            add += [f"--{option.replace('_', '-')}", city[option]]
    source = ["source", "add", city["city"], "gtfs", str(feed)]
    return [add, [*source, "--licence", city["licence"]] if city["licence"] else source]


def showing(node: Path, names: Sequence[str]) -> list[list[str]]:
    """The commands that show what came out, and write it to a file."""
    table = str(node / "observations.csv")
    if len(names) == 1:
        return [["show", names[0], "--csv", table]]
    return [["compare", *names, "--csv", table]]


def newport_feed() -> Path:
    """The feed inside assess-gtfs, found without importing that package, whose dependencies are not installed."""
    package = importlib.util.find_spec("assess_gtfs")
    if package is None or package.origin is None:
        raise SystemExit("The package assess-gtfs is not installed; run `make demo`.")
    return next((Path(package.origin).parent / "data").glob("newport-*_gtfs.zip"))


def run(command: Sequence[str]) -> int:
    """Show a command and run it."""
    say(f"\n$ interurban {shlex.join(command)}")
    return main(command)


def say(text: str) -> None:
    """One line of output, in its place among what the commands print."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(demo(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
