"""A million observations: recorded, streamed as CSV, asked for in parts, and what changed of them.

    python bench/city_statistics.py [--cities 1000] [--folder FOLDER] [--database-url URL]

Makes (once) a node with 1,000 observations of each city: 40 indicators of the catalogue, 25 years. Each part is a process of its own and
prints one JSON line: wall and processor seconds, peak memory, rows, versions and the load of the machine when it began.

- record: observations recorded per second, in steps of one city.
- dump: the same rows and columns as `stream`, by the database's own means: a bare cursor of sqlite3 into csv.writer, or COPY of PostgreSQL.
- stream: every answer with all columns through `stream_answers` into a CSV file.
- ask: availability of everything, one series, and the 1,000 changes made last, in process, milliseconds at the 95th percentile.

Fails when `stream` gives other values than `dump`, takes more than three times as long or grows with the rows, or when a question takes
longer than it may (availability 50 ms, series 10 ms, changes 1 s): of the processor, for wall time of a machine that does other work
tells little; it stands beside.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import json
import os
import platform
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from interurban.model.indicator import Indicator

INDICATORS, YEARS = 40, 25
CHANGES = 1_000
LIMITS_MS = {"availability": 50, "series": 10, "changes": 1_000}
STREAM_MB = 150  # what streaming may need beside what the program has loaded before it


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--cities", type=int, default=1000)
    asked.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "interurban-statistics")
    asked.add_argument("--database-url", default="")
    asked.add_argument("--part", choices=PARTS)
    given = asked.parse_args()
    if given.part:
        load = os.getloadavg()[0]
        found = PARTS[given.part](given.folder, given.cities, given.database_url)
        print(json.dumps({"part": given.part, **found, "load": round(load, 1), "python": platform.python_version()}))
        return
    results = {part: _in_process(part, given) for part in PARTS if part != "record" or not (given.folder / "interurban.toml").exists()}
    _judge(results, "wall_s" if given.database_url else "cpu_s")


def _in_process(part: str, given: argparse.Namespace) -> dict[str, float]:
    command = [sys.executable, __file__, "--part", part, "--folder", str(given.folder), "--cities", str(given.cities)]
    line = subprocess.run([*command, "--database-url", given.database_url], check=True, stdout=subprocess.PIPE, text=True).stdout
    print(line, end="", flush=True)
    return json.loads(line)


def _judge(results: dict[str, dict[str, float]], seconds: str) -> None:
    """By processor seconds, but by the wall's where a server does part of the work."""
    dump, stream, ask = results["dump"], results["stream"], results["ask"]
    faults = [f"{name}: {ask[f'{name}_ms']} ms" for name, limit in LIMITS_MS.items() if ask[f"{name}_ms"] > limit]
    if (dump["rows"], dump["total"]) != (stream["rows"], stream["total"]):
        faults.append("stream and dump differ")
    if stream[seconds] > 3 * dump[seconds]:
        faults.append(f"stream takes {stream[seconds] / dump[seconds]:.1f} times as long as dump")
    if stream["grown_mb"] > STREAM_MB:
        faults.append(f"stream grew by {stream['grown_mb']} MB")
    print(json.dumps({"stream_to_dump": round(stream[seconds] / dump[seconds], 2), "faults": faults}))
    if faults:
        sys.exit(1)


def _measured(work: Callable[[], dict[str, float]]) -> dict[str, float]:
    before_mb = _peak_mb()
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {**found, "wall_s": round(wall, 2), "cpu_s": round(cpu, 2), "grown_mb": round(_peak_mb() - before_mb)}


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def record(folder: Path, cities: int, database_url: str) -> dict[str, float]:
    from interurban.model import City
    from interurban.store.node import init_node
    from interurban.store.settings import Settings

    with init_node(folder, Settings(database_url=database_url)) as node:
        for number in range(cities):
            place = {"lat": round(-50 + number * 7.3 % 110, 3), "lon": round(-170 + number * 37.7 % 340, 3)}
            node.catalogue.add_city(City(f"city{number:04}", f"City {number}", "GB", "Europe/London", **place))

        def work() -> dict[str, float]:
            for number in range(cities):
                node.catalogue.add_observations(_observations(number))
            return {"rows": cities * INDICATORS * YEARS}

        found = _measured(work)
    return {**found, "per_s": round(found["rows"] / found["wall_s"])}


def indicators() -> list[Indicator]:
    """The first of the catalogue by code."""
    from interurban.indicators.catalogue import indicators

    return sorted(indicators().values(), key=lambda each: each.code)[:INDICATORS]


def _observations(city: int) -> Iterator[object]:
    from interurban.model import Observation

    chosen = indicators()
    for place in range(INDICATORS * YEARS):
        indicator, year = chosen[place // YEARS], 2000 + place % YEARS
        yield Observation(
            f"city{city:04}", indicator.code, indicator.version, indicator.unit, city * 1000.0 + place / 8, "A", "bench",
            period_start=dt.date(year, 1, 1), period_end=dt.date(year, 12, 31), origin="imported", source="Statistical office, table 12",
            licence="CC-BY-4.0", confidence="B", area_definition="ADM", inputs={"table": "a" * 64},
        )


def dump(folder: Path, cities: int, database_url: str) -> dict[str, float]:
    from interurban.store.node import open_node

    with open_node(folder) as node:
        statement = _bare_sql(node.catalogue.database)
    target = folder / "dump.csv"
    if not database_url:
        return {**_measured(lambda: _dump_sqlite(folder / "interurban.db", statement, target)), **_checked(target)}
    return {**_measured(lambda: _dump_postgresql(database_url, statement, target)), **_checked(target)}


def _bare_sql(database: object) -> str:
    """What `stream` asks for, as text without parameters."""
    from interurban.model import AnswerQuery
    from interurban.store.answer_sql import answers_query

    query = answers_query(AnswerQuery(confidential_of=None))
    return str(query.compile(database.engine, compile_kwargs={"literal_binds": True}))


def _dump_sqlite(database: Path, statement: str, target: Path) -> dict[str, float]:
    connection = sqlite3.connect(database)
    with target.open("w", newline="") as file:
        writer = csv.writer(file)
        rows = connection.execute(statement)
        writer.writerow([column[0] for column in rows.description])
        writer.writerows(rows)
    connection.close()
    return {}


def _dump_postgresql(url: str, statement: str, target: Path) -> dict[str, float]:
    import psycopg

    copied = f"COPY ({statement.replace('%%', '%')}) TO STDOUT (FORMAT csv, HEADER)"
    with psycopg.connect(url) as connection, target.open("wb") as file, connection.cursor().copy(copied) as copy:
        for data in copy:
            file.write(data)
    return {}


def stream(folder: Path, cities: int, database_url: str) -> dict[str, float]:
    from pyarrow import csv as arrow_csv

    from interurban.model import AnswerQuery
    from interurban.store.answers import answer_schema
    from interurban.store.node import open_node

    target = folder / "stream.csv"

    def work() -> dict[str, float]:
        with arrow_csv.CSVWriter(target, answer_schema()) as writer:
            for batch in node.catalogue.stream_answers(AnswerQuery(confidential_of=None)):
                writer.write_batch(batch)
        return {}

    with open_node(folder) as node:
        list(node.catalogue.stream_answers(AnswerQuery(limit=1)))  # loads Arrow: memory is compared with and without the rows
        return {**_measured(work), **_checked(target)}


def _checked(target: Path) -> dict[str, float]:
    """Rows and the sum of their values: what both must agree in."""
    rows, total = 0, 0.0
    with target.open(newline="") as file:
        for row in csv.DictReader(file):
            rows, total = rows + 1, total + float(row["value"])
    return {"rows": rows, "total": round(total, 1)}


def ask(folder: Path, cities: int, database_url: str) -> dict[str, float]:
    import dataclasses

    from interurban.model import AnswerQuery
    from interurban.store.node import open_node

    chance = random.Random(20261129)
    codes = [each.code for each in indicators()]
    with open_node(folder) as node:
        catalogue = node.catalogue

        def series() -> int:
            city, indicator = f"city{chance.randrange(cities):04}", chance.choice(codes)
            return sum(batch.num_rows for batch in catalogue.stream_answers(AnswerQuery(cities=(city,), indicators=(indicator,))))

        assert series() == YEARS
        times = {
            "availability": _p95(lambda: catalogue.availability(AnswerQuery()), 40),
            "availability_of_city": _p95(lambda: catalogue.availability(AnswerQuery(cities=(f"city{chance.randrange(cities):04}",))), 40),
            "series": _p95(series, 400),
        }
        before = catalogue.last_change()
        changed = [next(iter(_observations(number % cities))) for number in range(CHANGES)]
        moved = time.time()
        catalogue.add_observations(
            dataclasses.replace(each, value=moved + place, period_start=dt.date(2001 + place // cities, 1, 1),
                                period_end=dt.date(2001 + place // cities, 12, 31))
            for place, each in enumerate(changed)
        )

        def changes() -> int:
            return sum(batch.num_rows for batch in catalogue.stream_answers(AnswerQuery(updated_after=before)))

        assert changes() == CHANGES
        times["changes"] = _p95(changes, 20)
    return {f"{name}_{kind}": value for name, both in times.items() for kind, value in zip(("ms", "wall_ms"), both, strict=True)}


def _p95(work: Callable[[], object], times: int) -> tuple[float, float]:
    """Milliseconds of the processor and of the wall that 95 of 100 calls stay below, without the first one."""
    work()
    taken = []
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        taken.append((time.process_time() - cpu, time.perf_counter() - wall))
    at = int(0.95 * len(taken))
    cpu_s, wall_s = (sorted(each)[at] for each in zip(*taken, strict=True))
    return round(cpu_s * 1000, 2), round(wall_s * 1000, 2)


PARTS: dict[str, Callable[[Path, int, str], dict[str, float]]] = {"record": record, "dump": dump, "stream": stream, "ask": ask}

if __name__ == "__main__":
    main()
