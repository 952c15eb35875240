"""How work grows: DuckDB over 1 to 20 service days, Spark over one and two workers on the same day.

    python bench/cluster.py [--vehicles 500] [--folder FOLDER]

The day is that of `bench/operations.py`. First it is reconstructed on DuckDB and on a cluster on loopback of one worker, then of two
(a core each); all must give the same visits. Then waits and punctuality of 1, 5 and 20 such days are computed on DuckDB. Prints one JSON
line per run: seconds and peak memory of the driver's process, and the load of the machine when it began.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from operations import DATE, ORIGIN_S, SCHEDULE, make_day

TESTS = Path(__file__).parents[1] / "tests"
DAYS = (1, 5, 20)
SUM = "SELECT count(*), count(actual_departure_time), sum(actual_departure_time), sum(actual_arrival_time) FROM '{path}'"


def reconstruct_day(folder: Path, url: str) -> None:
    """The product's steps on an engine; the visits go to stop_visits.parquet."""
    from interurban.collect.gtfs_realtime.tables import schema
    from interurban.operations.day_schedule import ServiceDay
    from interurban.operations.no_schedule import schedule_schemas
    from interurban.operations.performed_day import perform
    from interurban.store.engine import empty, open_engines

    there = {name: [folder / f"{name}.parquet"] for name in (*SCHEDULE, "vehicle_locations")}
    engines = open_engines(url)
    began = time.perf_counter()
    engine = engines.open_files(there)
    for name, columns in schedule_schemas().items():
        if name not in there:
            engine.add(name, empty(columns))
    for name in ("trip_update_stops", "trip_updates"):
        engine.add(name, empty(schema(name)))
    made = perform(engine, ServiceDay(DATE, ORIGIN_S, 1, 1), engine.tables())
    engine.write(made.stop_visits, folder / "stop_visits.parquet")
    sys.stdout.write(json.dumps({"connected_work_s": round(time.perf_counter() - began, 1)}) + "\n")


def make_days(folder: Path) -> None:
    """The reconstructed day, under the dates of twenty days."""
    import duckdb

    for number in range(max(DAYS)):
        date = DATE + dt.timedelta(days=number)
        dated = f"SELECT * REPLACE (DATE '{date}' AS service_date) FROM '{folder}/stop_visits.parquet'"
        duckdb.execute(f"COPY ({dated}) TO '{folder}/visits{number}.parquet'")


def measure_days(folder: Path, days: int) -> None:
    """Excess wait by route and on-time share by day, over so many days at once."""
    from interurban.metrics.reliability.excess_wait import excess_wait
    from interurban.metrics.reliability.on_time_share import on_time_share
    from interurban.store.engine import open_files

    engine = open_files({"stop_visits": [folder / f"visits{number}.parquet" for number in range(days)]})
    visits = engine.table("stop_visits")
    assert len(engine.rows(on_time_share(visits, ("service_date",)))) == days
    engine.run(excess_wait(visits, ("service_date", "route_id")))


def measured(name: str, *arguments: str) -> None:
    """Run this file with these arguments in a process of its own, and say what it took."""
    load, began = os.getloadavg()[0], time.perf_counter()
    process = subprocess.Popen([sys.executable, __file__, *arguments])
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{name} ended with {status}")
    wall_s, peak_gb = round(time.perf_counter() - began, 1), round(used.ru_maxrss / 1e6, 2)
    row = {"run": name, "wall_s": wall_s, "peak_gb": peak_gb, "load_before": round(load, 1)}
    sys.stdout.write(json.dumps(row) + "\n")


def total(folder: Path) -> tuple[int, ...]:
    """What must be the same whoever computed it."""
    import duckdb

    (row,) = duckdb.sql(SUM.format(path=folder / "stop_visits.parquet")).fetchall()
    return tuple(row)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "interurban-operations")
    parser.add_argument("--vehicles", type=int, default=500)
    parser.add_argument("--only", metavar="URL")
    parser.add_argument("--days", type=int)
    asked = parser.parse_args()
    folder = asked.folder / str(asked.vehicles)
    same = ["--folder", str(asked.folder), "--vehicles", str(asked.vehicles)]
    if asked.days:
        return measure_days(folder, asked.days)
    if asked.only:
        return reconstruct_day(folder, asked.only)

    sys.path[:0] = [str(TESTS / "conformance")]
    from spark_cluster import spark_cluster

    make_day(folder, asked.vehicles)
    measured("duckdb, one day", *same, "--only", "duckdb")
    expected = total(folder)
    make_days(folder)
    for days in DAYS:
        measured(f"duckdb, metrics of {days} days", *same, "--days", str(days))
    for workers in (1, 2):
        with tempfile.TemporaryDirectory() as logs, spark_cluster(Path(logs), workers) as url:
            measured(f"spark, one day, workers: {workers}", *same, "--only", url)
        if total(folder) != expected:
            raise SystemExit(f"{workers} workers gave other visits: {total(folder)}, not {expected}")
    sys.stdout.write(json.dumps({"visits": expected[0], "timed": expected[1], "same_on_all": True}) + "\n")
    return None


if __name__ == "__main__":
    main()
