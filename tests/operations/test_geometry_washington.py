"""Washington's buses, which name their block alone: the trips they ran, and when they were at stops."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from interurban import Scope, read_gtfs
from interurban.metrics.runs import runs as scheduled_runs
from interurban.model.service_day import origin_s
from interurban.operations.geometry import geometry_visits
from interurban.operations.match_block import match_blocks
from interurban.store.engine import DuckEngine

ZONE = "America/New_York"


@pytest.fixture(scope="module")
def archive(shared_data: Path):
    with zipfile.ZipFile(shared_data / "avl" / "washington_wmata_bus_2016.zip") as opened:
        yield opened


def rows_of(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(name).decode())))


def feed_of(archive: zipfile.ZipFile, name: str, folder: Path) -> Path:
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w") as feed:
        for member in archive.namelist():
            if member.startswith(f"{name}/") and not member.endswith("/t.txt"):
                feed.writestr(member.split("/")[1], archive.read(member))
    return path


def moment(text: str, date: dt.date) -> int:
    """Seconds since 1970 of a local "2016-04-29 08:23:52"."""
    at = dt.datetime.fromisoformat(text)
    return origin_s(date, ZONE) + int((at - dt.datetime.combine(date, dt.time())).total_seconds())


def positions(archive: zipfile.ZipFile, name: str, date: dt.date) -> pa.Table:
    rows = [row for row in rows_of(archive, f"avl/{name}.csv") if row["time"].startswith(str(date))]
    return pa.table(
        {
            "run_key": pa.array([1] * len(rows), pa.int64()),
            "block_id": [row["assignmentId"] for row in rows],
            "event_timestamp": pa.array([moment(row["time"], date) for row in rows], pa.int64()),
            "latitude": [float(row["latitude"]) for row in rows],
            "longitude": [float(row["longitude"]) for row in rows],
        }
    )


def performed(engine: DuckEngine, table: pa.Table, date: dt.date) -> tuple[dict[str, dict[int, dict]], dict[str, dict]]:
    """Visits by trip_id and stop_sequence, and counts by trip_id, of the trips that the block's positions were on."""
    tables, origin = engine.tables(), origin_s(date, ZONE)
    runs = engine.keep(scheduled_runs(tables, Scope(dates=(date,))))
    pings = engine.add("pings", table)
    found = match_blocks(engine, pings, tables, runs, origin)
    on_trips = pings.inner_join(found, ["run_key", "event_timestamp"]).drop("run_key")
    of_trips = runs.select("trip_key", "pattern_key", "mode", schedule_trip_start=runs.start_s + origin)
    on_trips = engine.keep(on_trips.inner_join(of_trips, "trip_key").mutate(run_key=ibis._.trip_key))
    made = geometry_visits(engine, on_trips, tables)
    names = {row["trip_key"]: row["trip_id"] for row in engine.rows(tables["trips"].select("trip_key", "trip_id"))}
    visits: dict[str, dict[int, dict]] = {}
    for row in engine.rows(made.visits):
        visits.setdefault(names[row["run_key"]], {})[row["stop_sequence"]] = row
    return visits, {names[row["run_key"]]: row for row in engine.rows(made.runs)}


def test_one_bus_of_line_s2_agrees_with_the_predictions_made_for_it(archive, tmp_path):
    date = dt.date(2016, 4, 29)
    with read_gtfs(feed_of(archive, "gtfs_S2", tmp_path)) as feed:
        visits, runs = performed(DuckEngine(feed.con), positions(archive, "S2_2113", date), date)
    assert list(runs) == ["877611130"]
    timed = visits["877611130"]
    assert (len(timed), runs["877611130"]["positions_near_shape"], runs["877611130"]["positions_off_route"]) == (27, 63, 0)
    # TransitClock's last prediction for each stop, where it was made less than half a minute ahead.
    last = {int(row["gtfsStopSeq"]): row for row in sorted(rows_of(archive, "pred/S2_2113.csv"), key=lambda row: row["avlTime"])}
    errors_s = []
    for sequence, row in last.items():
        said, at = moment(row["predictionTime"], date), moment(row["avlTime"], date)
        if said - at < 30 and timed.get(sequence, {}).get("arrival_s") is not None:
            errors_s.append(abs(timed[sequence]["arrival_s"] - said))
    assert len(errors_s) == 17
    assert sum(errors_s) / len(errors_s) <= 16  # 15.8: an agreement of two estimates, neither of them the truth


def test_a_bus_that_runs_there_and_back_is_cut_into_its_trips(archive, tmp_path):
    date = dt.date(2016, 5, 5)
    with read_gtfs(feed_of(archive, "gtfs_5A", tmp_path)) as feed:
        engine = DuckEngine(feed.con)
        visits, runs = performed(engine, positions(archive, "5A_8062", date), date)
        todays = scheduled_runs(engine.tables(), Scope(dates=(date,)))
        scheduled = engine.rows(todays.filter(todays.block_id == "SE-08").select("trip_key", "start_s").order_by("start_s"))
        ids = {row["trip_key"]: row["trip_id"] for row in engine.rows(engine.table("trips"))}
    out, back = (ids[row["trip_key"]] for row in scheduled)
    # Scheduled from 10:45:16 to 11:47:16, and back from 11:55; the record ends at 11:59:48, soon after the second departure.
    assert sorted(visits) == sorted([out, back])
    assert sorted(visits[out]) == [1, 3, 5, 10, 13, 15]
    assert (runs[out]["positions_used"], runs[back]["positions_used"]) == (106, 29)
    origin = origin_s(date, ZONE)
    assert visits[out][1]["departure_s"] - origin == 38800  # 10:46:40
    assert visits[out][15]["arrival_s"] - origin == 42281  # 11:44:41
    assert visits[back][1]["departure_s"] - origin == 42956  # 11:55:56
