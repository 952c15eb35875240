"""Real archives as a user takes them: ingested, reconstructed, summarised."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections import Counter
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from interurban.cli import main
from interurban.collect.collector import collect
from interurban.collect.gtfs_realtime.ingest import ingest
from interurban.indicators.reliability_report import reliability_report
from interurban.model import City, Source
from interurban.model.realtime import COLLECTED, PERFORMED, VEHICLE_POSITIONS
from interurban.operations.stop_visits import reconstruct
from interurban.store.node import Node, init_node
from operations_node import add_rows


def city(folder: Path, timezone: str, schedule: Path | None = None) -> Node:
    node = init_node(folder / "node")
    node.catalogue.add_city(City("city", "City", "US", timezone))
    if schedule:
        node.catalogue.add_source(Source("city", "gtfs", str(schedule)))
        collect(node, "city")
    return node


def test_new_york_tells_headways_waits_and_dwells_by_line_without_a_timetable(shared_data: Path, tmp_path: Path):
    # Half an hour of the 80 minutes: positions and predictions come in the same messages, for one source.
    part = tmp_path / "part.zip"
    with zipfile.ZipFile(shared_data / "gtfs_rt" / "new_york_subway_ace_20240208.zip") as whole, zipfile.ZipFile(part, "w") as some:
        for name in sorted(whole.namelist())[:30]:
            some.writestr(name, whole.read(name))
    day = dt.date(2024, 2, 8)
    with city(tmp_path, "America/New_York") as node:
        (taken,) = ingest(node, "city", [part])
        assert taken.messages == Counter(new=30)
        tables = node.days.paths(taken.source.id, day, COLLECTED)
        assert {"vehicle_locations", "trip_update_stops"} <= set(tables)
        (done,) = reconstruct(node, "city", day)
        assert done.feed_version_id is None
        assert done.counts["trips_observed"] == done.counts["trips_unmatched"] > 50
        check_events(node)
        report = reliability_report(node, "city", day)
    lines = {line.route_id: line for line in report.unranked}
    assert {"A", "C", "E"} <= set(lines) and not report.ranked
    for line in (lines["A"], lines["C"], lines["E"]):
        assert line.completeness is None and line.excess_wait_min is None and line.delivered_low is None
        # Morning peak, trains every 4 to 12 minutes; waits are never shorter than if trains were even.
        assert 2 < line.headway_median_min < 15
        assert line.actual_wait_min >= line.even_wait_min > 1
        assert line.headway_cv > 0 and line.dwell_median_s >= 0


@pytest.mark.parametrize(
    ("archive", "schedule", "date", "wrongly_numbered"),
    [
        ("seattle_sound_transit_duplicated_2023", "seattle_sound_transit_2023", dt.date(2023, 5, 12), 0),
        ("bay_area_single_messages", "bart_2019", dt.date(2019, 8, 7), 12),
    ],
)
def test_events_of_trips_with_a_timetable_are_in_order(
    archive: str, schedule: str, date: dt.date, wrongly_numbered: int, shared_data: Path, tmp_path: Path
):
    folder = shared_data / "gtfs_rt"
    with city(tmp_path, "America/Los_Angeles", folder / "schedules" / f"{schedule}.zip") as node:
        ingest(node, "city", [folder / f"{archive}.zip"])
        (done,) = reconstruct(node, "city", date)
        check_events(node)
    # BART numbers the stops of some trips as the ones before them.
    assert done.counts["wrongly_numbered"] == wrongly_numbered


def check_events(node: Node) -> None:
    """arrival <= departure <= next arrival, lo <= moment <= hi, and no bracket on the wrong side of the other event."""
    (partition,) = node.days.list(layer=PERFORMED)
    (path,) = node.days.paths(partition.source_id, partition.service_date, PERFORMED)["stop_visits"]
    rows = sorted(pq.read_table(path).to_pylist(), key=lambda row: (row["trip_id_performed"], row["trip_stop_sequence"]))
    timed = 0
    for _, visits in groupby(rows, key=lambda row: row["trip_id_performed"]):
        moments = []
        for row in visits:
            arrival, departure = row["actual_arrival_time"], row["actual_departure_time"]
            moments += [moment for moment in (arrival, departure) if moment is not None]
            assert _rises(row["arrival_lo"], arrival, row["arrival_hi"]), row
            assert _rises(row["departure_lo"], departure, row["departure_hi"]), row
            assert _rises(arrival, row["departure_hi"]) and _rises(row["arrival_lo"], departure), row
        assert moments == sorted(moments)
        timed += len(moments)
    assert timed


def _rises(*moments: int | None) -> bool:
    known = [moment for moment in moments if moment is not None]
    return known == sorted(known)


@pytest.mark.parametrize("date", [dt.date(2023, 11, 5), dt.date(2024, 3, 10)])
def test_the_day_clocks_change_is_judged_by_the_clock_on_the_wall(date: dt.date, shared_data: Path, tmp_path: Path):
    zone = "America/Los_Angeles"
    with city(tmp_path, zone, shared_data / "gtfs_rt" / "schedules" / "caltrain_2023.zip") as node:
        source = node.catalogue.add_source(Source("city", VEHICLE_POSITIONS, "https://example.org/vehicles.pb"))
        (schedule,) = node.catalogue.list_sources("city", "gtfs")
        add_rows(node, source, vehicle_locations=[{"service_date": date, "event_timestamp": _noon(date, zone), "vehicle_id": "parked"}])
        reconstruct(node, "city", date)
        visits = pq.read_table(node.days.paths(schedule.id, date, PERFORMED)["stop_visits"][0]).to_pylist()
        assert visits
        first = min(visits, key=lambda row: row["schedule_departure_time"])
        planned = first["schedule_departure_time"] - first["origin_s"]
        on_wall = dt.datetime.fromtimestamp(first["schedule_departure_time"], ZoneInfo(zone))
        # After the change the clock on the wall shows what the timetable says.
        assert on_wall.hour * 3600 + on_wall.minute * 60 == planned and planned > 3 * 3600

        late = 90
        seen = {
            "service_date": date, "vehicle_id": "train", "trip_id_scheduled": first["trip_id_scheduled"], "stop_id": first["stop_id"],
            "scheduled_stop_sequence": first["scheduled_stop_sequence"], "current_status": "STOPPED_AT",
        }  # fmt: skip
        leaves = int(on_wall.timestamp()) + late
        onward = {"current_status": "IN_TRANSIT_TO", "scheduled_stop_sequence": first["scheduled_stop_sequence"] + 1, "stop_id": None}
        standing, moving = seen | {"event_timestamp": leaves - 20}, seen | onward | {"event_timestamp": leaves}
        add_rows(node, source, vehicle_locations=[standing, moving])
        reconstruct(node, "city", date)
        rows = pq.read_table(node.days.paths(schedule.id, date, PERFORMED)["stop_visits"][0]).to_pylist()
        (left,) = [row for row in rows if row["actual_departure_time"] is not None]
        assert left["actual_departure_time"] - left["schedule_departure_time"] == late


def test_the_day_that_vancouvers_recorder_was_wrong_by_is_named_and_its_status_is_shown(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    with city(tmp_path, "America/Vancouver") as node:
        (taken,) = ingest(node, "city", [shared_data / "avl" / "vancouver_arrivals_2026-03-18.1.json.gz"])
        assert [(notice.severity, notice.count) for notice in taken.notices] == [("error", 357)]
        monkeypatch.setenv("INTERURBAN_HOME", str(node.folder))
    # A recording is no feed that could be watched: it stands among the other sources.
    assert main(["status"]) == 0
    assert "vancouver_arrivals" in capsys.readouterr().out.replace("\n", "")


def _noon(date: dt.date, zone: str) -> int:
    return int(dt.datetime.combine(date, dt.time(12), ZoneInfo(zone)).timestamp())
