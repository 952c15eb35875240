"""Trips that only a version of the timetable beside the one in force knows."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from interurban.cli import main
from interurban.collect.collector import collect
from interurban.collect.gtfs_realtime.ingest import ingest
from interurban.collect.gtfs_realtime.schedule import Schedule
from interurban.indicators.observed_day import open_observed_day
from interurban.metrics.reliability.observed_headways import timeline
from interurban.metrics.reliability.schedule_deviation import schedule_deviation
from interurban.metrics.reliability.service_delivered import service_delivered
from interurban.model import City, Source
from interurban.model.realtime import PERFORMED
from interurban.operations.stop_visits import reconstruct
from interurban.operations.trip import performed_trips
from interurban.store.node import Node, init_node
from operations_node import MONDAY, ORIGIN, Rows, add_rows, next_feed, operations_node, pings
from tiny_feed import tiny_feed, write_zip

EIGHT = 8 * 3600
LENT = "1-new-08:00:00"


def renamed(rows: Rows, trip: str, **columns: object) -> list[dict[str, Any]]:
    return [{**row, "trip_id_scheduled": trip, **columns} for row in rows]


def with_versions(folder: Path, *later: dict[str, str], **tables: Rows) -> tuple[Node, Source, Source]:
    """A node whose schedule was published as the tiny feed and then again as each of `later`; rows come after all of them."""
    node, schedule, realtime = operations_node(folder)
    for files in later:
        write_zip(folder / "feed.zip", files)
        collect(node, "tiny")
    add_rows(node, realtime, **tables)
    return node, schedule, realtime


def table(node: Node, schedule: Source, name: str) -> list[dict[str, Any]]:
    (path,) = node.days.paths(schedule.id, MONDAY, PERFORMED)[name]
    rows: list[dict[str, Any]] = pq.ParquetFile(path).read().to_pylist()
    return rows


def test_a_trip_that_only_the_next_version_knows_has_its_times(tmp_path: Path):
    rows = [*pings(EIGHT + 600, "v1", (0, 0, 0)), *renamed(pings(EIGHT, "v2", (30, 90, 90)), LENT)]
    node, schedule, _ = with_versions(tmp_path, next_feed(), vehicle_locations=rows)
    with node:
        now, then = (version.id for version in node.catalogue.list_feed_versions(schedule.id))
        (done,) = reconstruct(node, "tiny", MONDAY)
        assert (done.feed_version_id, done.counts["neighbour_trips"], done.counts["known_elsewhere"]) == (now, {str(then): 1}, {})
        assert (done.trips, done.counts["trips_observed"], done.counts["trips_unmatched"]) == (84 + 1, 2, 0)

        visits = [row for row in table(node, schedule, "stop_visits") if row["trip_id_scheduled"] == LENT]
        visits.sort(key=lambda row: row["trip_stop_sequence"])
        planned = [row["schedule_arrival_time"] - ORIGIN - EIGHT for row in visits]
        assert planned == [0, 360, 600]  # a minute later at Bridge, as that version has it
        assert [row["actual_arrival_time"] - ORIGIN - EIGHT for row in visits] == [30, 390, 690]
        assert {(row["feed_version_id"], row["is_neighbour_version"], row["schedule_relationship"]) for row in visits} == {
            (then, True, "Scheduled")
        }
        ours = [row for row in table(node, schedule, "stop_visits") if row["trip_id_scheduled"] == "1-week-08:10:00"]
        assert {(row["feed_version_id"], row["is_neighbour_version"]) for row in ours} == {(now, False)}
        # Centre and Bridge are the stops of the version in force, Castle is one that it does not have; so is the route.
        keys = {row["stop_id"]: row["stop_key"] for row in ours}
        assert [row["stop_key"] == keys.get(row["stop_id"]) for row in visits] == [True, True, False]
        assert {row["route_key"] for row in visits} == {row["route_key"] for row in ours}

        (trip,) = performed_trips(node, "tiny", LENT, MONDAY)
        assert [(row["stop_name"], row["delay_s"]) for row in trip.visits] == [("Centre", 360), ("Bridge", 300), ("Castle", 90)]


def test_a_lent_trip_is_judged_by_its_times_and_promises_nothing(tmp_path: Path):
    rows = renamed(pings(EIGHT, "v2", (30, 90, 90)), LENT)
    node, _, _ = with_versions(tmp_path, next_feed(), vehicle_locations=rows)
    with node:
        reconstruct(node, "tiny", MONDAY)
        with open_observed_day(node, "tiny", MONDAY) as day:
            assert day is not None
            (delivered,) = day.engine.rows(service_delivered(day.tables["trips_performed"], by=()))
            assert (delivered["n"], delivered["observed"], delivered["added"]) == (84, 0, 1)
            visits = day.tables["stop_visits"]
            (deviation,) = day.engine.rows(schedule_deviation(visits, by=()))
            assert deviation["n"] > 0
            headways = timeline(visits)
            (counted,) = day.engine.rows(headways.aggregate(promised=headways.count(where=headways.is_scheduled)))
            assert counted["promised"] == 72 * 2 + 12


def test_positions_alone_are_laid_on_the_line_that_the_neighbour_has(tmp_path: Path):
    rows = [
        {"service_date": MONDAY, "vehicle_id": "v2", "trip_id_scheduled": LENT, "event_timestamp": ORIGIN + EIGHT + second,
         "latitude": 0.0, "longitude": 3 + 0.02 * second / 600}
        for second in range(0, 601, 20)
    ]  # fmt: skip
    node, schedule, _ = with_versions(tmp_path, next_feed(), vehicle_locations=rows)
    with node:
        reconstruct(node, "tiny", MONDAY)
        visits = [row for row in table(node, schedule, "stop_visits") if row["trip_id_scheduled"] == LENT]
        assert {row["method"] for row in visits} == {"geometry"}
        (bridge,) = [row for row in visits if row["stop_id"] == "B"]
        assert bridge["actual_arrival_time"] - ORIGIN - EIGHT == pytest.approx(300, abs=20)


def test_of_lent_trips_that_nobody_saw_only_predicted_ones_are_told(tmp_path: Path):
    def said(trip: str, **columns: object) -> dict[str, object]:
        return {"service_date": MONDAY, "trip_id_scheduled": trip, "update_timestamp": ORIGIN + EIGHT, **columns}

    arrives = {"stop_sequence": 2, "stop_id": "B", "arrival_time": ORIGIN + EIGHT + 60, "departure_time": ORIGIN + EIGHT + 60}
    node, schedule, _ = with_versions(
        tmp_path, next_feed(),
        trip_updates=[said(LENT), said("1-new-08:10:00"), said("1-new-08:20:00", trip_relationship="CANCELED")],
        trip_update_stops=[said(LENT, **arrives), said("1-new-08:10:00", **arrives | {"arrival_time": None, "departure_time": None})],
    )  # fmt: skip
    with node:
        (done,) = reconstruct(node, "tiny", MONDAY)
        assert list(done.counts["neighbour_trips"].values()) == [3]
        lent = {row["trip_id_scheduled"]: row for row in table(node, schedule, "trips_performed") if row["is_neighbour_version"]}
        assert list(lent) == [LENT]
        assert (lent[LENT]["is_observed"], lent[LENT]["run"]) == (False, 0)
        assert done.trips == 84 + 1


def without_every_third_trip(feed: Path, to: Path) -> None:
    """A copy of a feed in which every third row of trips.txt is missing, with its stop times."""
    with zipfile.ZipFile(feed) as whole, zipfile.ZipFile(to, "w") as part:
        trips = list(csv.DictReader(io.TextIOWrapper(whole.open("trips.txt"), "utf-8-sig")))
        gone = {row["trip_id"] for row in trips[::3]}
        for name in whole.namelist():
            if name not in {"trips.txt", "stop_times.txt"}:
                part.writestr(name, whole.read(name))
                continue
            rows = list(csv.reader(io.TextIOWrapper(whole.open(name), "utf-8-sig")))
            place = rows[0].index("trip_id")
            kept = io.StringIO()
            csv.writer(kept).writerows(row for row in rows if row[place] not in gone)
            part.writestr(name, kept.getvalue())


def test_lent_trips_of_a_real_feed_have_what_they_would_have_in_force(shared_data: Path, tmp_path: Path):
    day, archive = dt.date(2023, 5, 12), shared_data / "gtfs_rt" / "seattle_sound_transit_duplicated_2023.zip"
    feed = shared_data / "gtfs_rt" / "schedules" / "seattle_sound_transit_2023.zip"
    visits: list[dict[tuple[str, int], dict[str, Any]]] = []
    for number in (0, 1):
        node = init_node(tmp_path / str(number))
        with node:
            node.catalogue.add_city(City("city", "City", "US", "America/Los_Angeles"))
            shown = tmp_path / f"{number}.zip"
            schedule = node.catalogue.add_source(Source("city", "gtfs", str(shown)))
            shutil.copy(feed, shown)
            collect(node, "city")
            if number:
                without_every_third_trip(feed, shown)
                collect(node, "city")
            ingest(node, "city", [archive])
            (done,) = reconstruct(node, "city", day)
            rows = pq.ParquetFile(node.days.paths(schedule.id, day, PERFORMED)["stop_visits"][0]).read().to_pylist()
            observed = [row for row in rows if row["method"]]
            visits.append({(row["trip_id_performed"], row["trip_stop_sequence"]): row for row in observed})
    assert done.counts["trips_unmatched"] == 0 and list(done.counts["neighbour_trips"]) == ["1"]
    whole, lent = visits
    assert sum(row["is_neighbour_version"] for row in lent.values()) > 20
    own = ("feed_version_id", "is_neighbour_version", "trip_key", "route_key", "stop_key", "pattern_key")
    assert [{k: v for k, v in row.items() if k not in own} for _, row in sorted(lent.items())] == [
        {k: v for k, v in row.items() if k not in own} for _, row in sorted(whole.items())
    ]


def test_which_versions_are_beside_the_one_in_force(tmp_path: Path):
    def valid(first: str, last: str) -> dict[str, str]:
        return {name: text.replace("20240101", first).replace("20240331", last) for name, text in tiny_feed().items()}

    node, schedule, realtime = with_versions(
        tmp_path, valid("20231101", "20231231"), valid("20240102", "20240601"), valid("20240103", "20240701"), valid("20240101", "20240201")
    )
    with node:
        first, ended, tomorrow, later, now = (version.id for version in node.catalogue.list_feed_versions(schedule.id))
        versions = Schedule(node, realtime)
        assert (versions.in_force(MONDAY), versions.beside(MONDAY)) == (now, [tomorrow])  # `later` is too far off
        december = dt.date(2023, 12, 31)
        assert (versions.in_force(december), versions.beside(december)) == (ended, [now, first])
        friday = dt.date(2024, 1, 5)
        assert (versions.in_force(friday), versions.beside(friday)) == (now, [later])
        assert (versions.in_force(dt.date(2025, 1, 1)), versions.beside(dt.date(2025, 1, 1))) == (None, [])


def test_a_day_is_made_anew_when_a_neighbour_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    node, _, _ = with_versions(tmp_path, vehicle_locations=renamed(pings(EIGHT, "v2", (30, 90, 90)), LENT))
    with node:
        (before,) = reconstruct(node, "tiny", MONDAY)
        assert (before.counts["neighbour_trips"], before.counts["trips_unmatched"]) == ({}, 1)
        write_zip(tmp_path / "feed.zip", next_feed())
        collect(node, "tiny")
        monkeypatch.setenv("INTERURBAN_HOME", str(node.folder))
    assert main(["reconstruct", "tiny", "--date", "2024-01-01", "--lang", "en"]) == 0
    assert "1 trip that the feeds name is in version 2 of the timetable, beside version 1" in capsys.readouterr().out


def test_a_trip_of_a_route_that_the_version_in_force_lacks(tmp_path: Path):
    row = {"service_date": MONDAY, "vehicle_id": "v9", "trip_id_scheduled": "2-new-08:00:00", "current_status": "STOPPED_AT"}
    heard = [
        row | {"event_timestamp": ORIGIN + EIGHT + second, "stop_id": stop, "scheduled_stop_sequence": number, "latitude": 0.0,
               "longitude": at}
        for number, (stop, second, at) in enumerate((("A", 0, 3.0), ("CC", 1260, 3.02)), 1)
    ]  # fmt: skip
    node, schedule, _ = with_versions(tmp_path, next_feed(), vehicle_locations=heard)
    with node:
        reconstruct(node, "tiny", MONDAY)
        (trip,) = [row for row in table(node, schedule, "trips_performed") if row["trip_id_scheduled"] == "2-new-08:00:00"]
        assert (trip["route_id"], trip["mode"], trip["is_neighbour_version"], trip["coverage"]) == ("22", "bus", True, 1.0)
        names = [row["trip_id_performed"] for row in table(node, schedule, "trips_performed")]
        assert len(names) == len(set(names)) == 85
