"""A million observations asked for over HTTP: whole answers in every form, and small questions.

    python bench/city_statistics.py            # makes the node, once
    python bench/city_statistics_http.py [--folder FOLDER] [--forms csv,json]

A real server answers a client in another process. For each whole answer one JSON line: rows, wall seconds, processor seconds and growth
of the peak memory of the server. `dump` is the same rows and columns from a bare cursor of the database's driver into csv.writer. Small
questions are told in milliseconds at the 95th percentile, as the client waits for them.

Fails when the CSV answer is not the dump's rows, takes more than three times the dump's processor time, or when any form grows with the
rows. The server's limit on requests of one address is lifted in the node's settings.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

FLOW = "sdmx/v2/data/dataflow/IUB/CITY_INDICATORS/1.0.0"
FORMS = ("csv", "json", "generic", "specific")
GROWTH_MB = 150
SLOWEST = 3
QUESTIONS = {
    "series": f"{FLOW}/A.city0500.ADM.cars_registered._T?format=csv",
    "availability": "sdmx/v2/availability/dataflow/IUB/CITY_INDICATORS?format=json",
    "city": f"{FLOW}/A.city0500?format=csv", "structures": "sdmx/v2/structure/dataflow/IUB/CITY_INDICATORS?format=json",
}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "interurban-statistics")
    asked.add_argument("--forms", default=",".join(FORMS))
    given = asked.parse_args()
    settings = given.folder / "interurban.toml"
    settings.write_text(re.sub(r"^requests_per_minute = \d+$", "requests_per_minute = 0", settings.read_text(), flags=re.M))
    dumped = dump(given.folder)
    tell("dump", dumped)
    faults = []
    for form in given.forms.split(","):
        with server(given.folder) as (address, pid):
            httpx.get(f"{address}{FLOW}?format={form}&limit=10", timeout=600)  # everything is loaded
            answer = whole(address, pid, form)
        tell(form, answer)
        if answer["grown_mb"] > GROWTH_MB:
            faults.append(f"{form} grew by {answer['grown_mb']} MB")
        if form == "csv" and answer["rows"] != dumped["rows"]:
            faults.append("the answer is not the dump")
        if form == "csv" and answer["cpu_s"] > SLOWEST * dumped["cpu_s"]:
            faults.append(f"csv takes {answer['cpu_s'] / dumped['cpu_s']:.1f} times the processor of the dump")
    with server(given.folder) as (address, _):
        tell("ask", {f"{name}_ms": percentile(address + path) for name, path in QUESTIONS.items()})
    print(json.dumps({"faults": faults}))
    sys.exit(bool(faults))


def tell(part: str, found: dict[str, float]) -> None:
    print(json.dumps({"part": part, **found, "load": round(os.getloadavg()[0], 1), "python": platform.python_version()}), flush=True)


def dump(folder: Path) -> dict[str, float]:
    """The rows of the CSV answer, by the database's own means."""
    from interurban.exchange.sdmx.indicator_rows import COLUMNS
    from interurban.model.answer_query import AnswerQuery
    from interurban.store.answer_sql import answers_query
    from interurban.store.node import open_node

    with open_node(folder) as node:
        query = answers_query(AnswerQuery(columns=tuple(COLUMNS.values())))
        statement = str(query.compile(node.catalogue.database.engine, compile_kwargs={"literal_binds": True}))
    connection = sqlite3.connect(folder / "interurban.db")
    wall, cpu = time.perf_counter(), time.process_time()
    with (folder / "dump.csv").open("w", newline="") as file:
        csv.writer(file).writerows(connection.execute(statement))
    found = {"wall_s": round(time.perf_counter() - wall, 2), "cpu_s": round(time.process_time() - cpu, 2)}
    connection.close()
    with (folder / "dump.csv").open() as file:
        return {"rows": sum(1 for _ in file), **found}


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, int]]:
    environment = {**os.environ, "INTERURBAN_HOME": str(folder), "INTERURBAN_LANG": "en"}
    process = subprocess.Popen(
        [sys.executable, "-m", "interurban", "serve", "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True
    )
    address = re.search(r"http://\S+/", process.stderr.readline())[0]
    threading.Thread(target=lambda: [None for _ in process.stderr], daemon=True).start()
    yield address, process.pid
    process.terminate()
    process.wait()


def whole(address: str, pid: int, form: str) -> dict[str, float]:
    before_mb, before_s, size = peak_mb(pid), cpu_s(pid), 0
    counted = {"csv": b"\n", "json": b',"Statistical office, table 12",', "generic": b"<gen:Obs>", "specific": b"<Obs "}[form]
    rows, tail, started = 0, b"", time.perf_counter()
    with httpx.stream("GET", f"{address}{FLOW}?format={form}", headers={"accept-encoding": "identity"}, timeout=3600) as answer:
        for piece in answer.iter_raw():
            size += len(piece)
            rows += (tail + piece).count(counted)
            tail = piece[-(len(counted) - 1):] if len(counted) > 1 else b""
    return {
        "rows": rows - (form == "csv"), "bytes": size, "wall_s": round(time.perf_counter() - started, 2),
        "cpu_s": round(cpu_s(pid) - before_s, 2), "grown_mb": round(peak_mb(pid) - before_mb),
    }


def percentile(address: str, times: int = 200) -> float:
    with httpx.Client(timeout=60) as client:
        taken = []
        for _ in range(times):
            started = time.perf_counter()
            client.get(address).raise_for_status()
            taken.append((time.perf_counter() - started) * 1000)
    return round(sorted(taken)[int(times * 0.95)], 1)


def peak_mb(pid: int) -> float:
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
