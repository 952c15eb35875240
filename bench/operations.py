"""Positions of a large city's day to stop visits and headways, beside hand-written SQL on the same rows.

    python bench/operations.py [--vehicles 5000] [--rounds 1] [--folder FOLDER]

Makes (once) a day of vehicles that report every 20 s, with its schedule: 5,000 vehicles give 18 million positions and 2.7 million visits.
Each contestant is a process of its own, on two threads, from Parquet to Parquet, in turns; both must give the same visits. Prints one JSON
line per run: wall and processor seconds and peak memory of the whole process, versions and the load of the machine when it began; then how
many times the processor seconds of the hand-written SQL ours are, of the best runs of both. Wall seconds of a machine that does other work
tell little.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DATE = dt.date(2026, 3, 4)
ORIGIN_S = 1772571600
SCHEDULE = {
    "routes": "SELECT r::BIGINT route_key, 'R' || r route_id, 3 route_type, 'bus' \"mode\" FROM range({routes}) a(r)",
    "stops": "SELECT s::BIGINT stop_key, 'S' || s stop_id, 'stop' stop_name, 55.0 stop_lat, 37.0 stop_lon, NULL::VARCHAR parent_station"
    " FROM range({routes} * 54) a(s)",
    "patterns": "SELECT (r * 2 + d)::BIGINT pattern_key, (s + 1)::INT stop_sequence, (r * 54 + d * 27 + s)::BIGINT stop_key,"
    " s * 400.0 position_m, (r * 2 + d)::BIGINT shape_key FROM range({routes}) a(r), range(2) b(d), range(27) c(s)",
    "trips": "SELECT (v * 20 + n)::BIGINT trip_key, 'trip-' || v || '-' || n trip_id, (v // 10)::BIGINT route_key, 1::BIGINT service_key,"
    " (n % 2)::TINYINT direction_id, (v // 10 * 2 + n % 2)::BIGINT shape_key, NULL::VARCHAR block_id,"
    " (v // 10 * 2 + n % 2)::BIGINT pattern_key, 27 stop_times_count, (3600 + n * 3600)::INT first_departure,"
    " (3600 + n * 3600 + 25 * 133)::INT last_departure, (3600 + n * 3600 + 26 * 133)::INT last_arrival, 10400.0 distance_m,"
    " NULL::DOUBLE distance_estimate_m FROM range({vehicles}) a(v), range(20) b(n)",
    "stop_times": "SELECT (v * 20 + n)::BIGINT trip_key, (v // 10 * 54 + n % 2 * 27 + s)::BIGINT stop_key, (s + 1)::INT stop_sequence,"
    " (3600 + n * 3600 + s * 133)::INT arrival_time, (3600 + n * 3600 + s * 133 + 20)::INT departure_time, false is_estimated,"
    " NULL::INT pickup_type, NULL::INT drop_off_type, NULL::INT timepoint FROM range({vehicles}) a(v), range(20) b(n), range(27) c(s)",
    "calendar": "SELECT 1::BIGINT service_key, 1 monday, 1 tuesday, 1 wednesday, 1 thursday, 1 friday, 1 saturday, 1 sunday,"
    " DATE '2026-01-01' start_date, DATE '2026-12-31' end_date",
}  # fmt: skip
POSITIONS = """
SELECT 1::BIGINT feed_id, 1::BIGINT feed_version_id, DATE '2026-03-04' service_date, 'v' || v vehicle_id,
    NULL::VARCHAR vehicle_label, NULL::VARCHAR block_id,
    o + n * 3600 + passed event_timestamp, 'trip-' || v || '-' || n trip_id_scheduled, 'R' || (v // 10) route_id,
    (n % 2)::TINYINT direction_id, NULL::INTEGER start_time, 55.0 + v * 0.00001 latitude, 37.0 + k * 0.0005 longitude,
    CASE WHEN stands THEN 'STOPPED_AT' ELSE 'IN_TRANSIT_TO' END current_status, 'S' || (v // 10 * 54 + n % 2 * 27 + s) stop_id,
    (s + 1)::INTEGER scheduled_stop_sequence, 'SCHEDULED' schedule_relationship, o + n * 3600 + passed + 20 feed_timestamp,
    o + n * 3600 + passed + 25 received_at, false is_header_time
FROM (
    SELECT *, CASE WHEN stands THEN least(passed // 133, 26) ELSE passed // 133 + 1 END s FROM (
        SELECT v, n, k, {origin} + 3600 o, 20 * k + v % 20 passed, (20 * k + v % 20) % 133 < 40 OR 20 * k + v % 20 >= 26 * 133 stands
        FROM range(20) a(n), range(180) b(k), range({vehicles}) c(v)
    )
)
"""
# The rule as one would write it by hand: methods of stop visits, reference SQL of the status branch, and headways at each stop.
BY_HAND = """
COPY (
    WITH p AS (
        SELECT *, min(scheduled_stop_sequence) OVER (PARTITION BY vehicle_id, trip_id_scheduled ORDER BY event_timestamp
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) m FROM read_parquet('{folder}/vehicle_locations.parquet')),
    v AS (
        SELECT vehicle_id, trip_id_scheduled, scheduled_stop_sequence seq, any_value(route_id) route_id,
            any_value(direction_id) direction_id, any_value(stop_id) stop_id,
            min(event_timestamp) FILTER (current_status = 'STOPPED_AT') arr,
            min(event_timestamp) FILTER (current_status <> 'STOPPED_AT') move
        FROM p WHERE scheduled_stop_sequence <= m GROUP BY ALL),
    w AS (SELECT *, lead(move) OVER (PARTITION BY vehicle_id, trip_id_scheduled ORDER BY seq) dep FROM v)
    SELECT *, dep - arr dwell, arr - move run_time,
        dep - lag(dep) OVER (PARTITION BY route_id, direction_id, stop_id ORDER BY dep) headway FROM w
) TO '{folder}/by_hand.parquet' (FORMAT parquet, COMPRESSION zstd)
"""
SAME = """
SELECT count(*) FILTER (o.actual_arrival_time IS DISTINCT FROM h.arr OR o.actual_departure_time IS DISTINCT FROM h.dep) + count(*)
    FILTER (o.trip_id_scheduled IS NULL OR h.seq IS NULL) FROM '{folder}/stop_visits.parquet' o
FULL JOIN '{folder}/by_hand.parquet' h ON o.trip_id_scheduled = h.trip_id_scheduled AND o.scheduled_stop_sequence = h.seq
"""


def make_day(folder: Path, vehicles: int) -> None:
    """The day's positions and schedule as Parquet, unless they are there."""
    import duckdb

    folder.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(config={"threads": 2})
    for name, sql in {**SCHEDULE, "vehicle_locations": POSITIONS}.items():
        path = folder / f"{name}.parquet"
        if not path.exists():
            filled = sql.format(vehicles=vehicles, routes=-(-vehicles // 10), origin=ORIGIN_S)
            con.execute(f"COPY ({filled}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")


def ours(folder: Path) -> None:
    """The product's steps, and its headways."""
    from interurban.collect.gtfs_realtime.tables import schema
    from interurban.metrics.headways import headways
    from interurban.operations.day_schedule import ServiceDay
    from interurban.operations.no_schedule import schedule_schemas
    from interurban.operations.performed_day import perform
    from interurban.store.engine import empty, open_files

    there = {name: [folder / f"{name}.parquet"] for name in (*SCHEDULE, "vehicle_locations")}
    engine = open_files(there)
    engine.con.execute("SET threads = 2")
    for name, columns in schedule_schemas().items():
        if name not in there:
            engine.add(name, empty(columns))
    for name in ("trip_update_stops", "trip_updates"):
        engine.add(name, empty(schema(name)))
    made = perform(engine, ServiceDay(DATE, ORIGIN_S, 1, 1), engine.tables())
    engine.write(made.stop_visits, folder / "stop_visits.parquet")
    engine.write(made.trips_performed, folder / "trips_performed.parquet")
    engine.close()
    reader = open_files({"stop_visits": [folder / "stop_visits.parquet"]})
    visits = reader.table("stop_visits").select(
        "trip_key", "run", "route_id", "direction_id", "stop_key", stop_sequence="scheduled_stop_sequence",
        departure_s="actual_departure_time",
    )  # fmt: skip
    left = visits.filter(visits.departure_s.notnull())
    reader.write(headways(left, ("route_id", "direction_id", "stop_key")), folder / "headways.parquet")
    reader.close()


def by_hand(folder: Path) -> None:
    """The reference SQL."""
    import duckdb

    duckdb.connect(config={"threads": 2, "memory_limit": "3GB"}).execute(BY_HAND.format(folder=folder))


def measured(folder: Path, contestant: str) -> dict[str, str | float]:
    """Wall time, processor time and peak memory of a contestant in a process of its own."""
    load = os.getloadavg()[0]
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, __file__, "--folder", str(folder), "--only", contestant])
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"{contestant} ended with {status}")
    return {"contestant": contestant, "wall_s": round(seconds, 1), "cpu_s": round(used.ru_utime + used.ru_stime, 1),
            "peak_gb": round(used.ru_maxrss / 1e6, 2), "load_before": round(load, 1)}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "interurban-operations")
    parser.add_argument("--vehicles", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=("ours", "by_hand"))
    asked = parser.parse_args()
    if asked.only:
        {"ours": ours, "by_hand": by_hand}[asked.only](asked.folder)
        return 0
    import duckdb

    folder = asked.folder / str(asked.vehicles)
    make_day(folder, asked.vehicles)
    best = {}
    for _ in range(asked.rounds):
        for contestant in ("ours", "by_hand"):
            row = measured(folder, contestant) | {"vehicles": asked.vehicles, "duckdb": duckdb.__version__, "machine": platform.machine()}
            best[contestant] = min(best.get(contestant, math.inf), float(row["cpu_s"]))
            sys.stdout.write(json.dumps(row) + "\n")
            sys.stdout.flush()
    (differing,) = duckdb.sql(SAME.format(folder=folder)).fetchall()[0]
    sys.stdout.write(json.dumps({"visits_that_differ": differing, "times_by_hand": round(best["ours"] / best["by_hand"], 2)}) + "\n")
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main())
