from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from small_city import add_city

NOON = 1_704_110_400


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    from google.transit import gtfs_realtime_pb2 as rt

    with zipfile.ZipFile(tmp_path / "messages.zip", "w") as packed:
        for n in range(3):
            feed = rt.FeedMessage(header=rt.FeedHeader(gtfs_realtime_version="2.0", timestamp=NOON + 60 * n))
            position = feed.entity.add(id="1").vehicle
            position.vehicle.id, position.trip.trip_id, position.timestamp = "bus", "t1", NOON + 60 * n
            position.position.latitude, position.position.longitude = 51.5, -3.0
            packed.writestr(f"{n}.pb", feed.SerializeToString())
        packed.writestr("3.pb", b"garbage")
    return tmp_path / "messages.zip"


def test_an_archive_is_ingested_once(collected, archive: Path):
    first = collected("ingest", "smallville", archive, "--json")
    assert first.code == 0, first.err
    (done,) = first.json
    assert (done["kind"], done["messages"]) == ("gtfs-rt-vehicle-positions", {"new": 3, "garbage": 1})
    assert (done["rows"]["vehicle_locations"], done["service_dates"]) == (3, ["2024-01-01"])
    again = collected("ingest", "smallville", archive)
    assert again.code == 0 and " 4 " in again.out and "There already" in again.out
    # The timetable is collected as before: a realtime source is not asked for one.
    assert collected("collect").code == 0


def test_nothing_but_garbage_is_a_fault_of_data(collected, tmp_path: Path):
    (tmp_path / "bad.pb").write_bytes(b"garbage")
    location = "https://example.org/vp.pb"
    assert collected("source", "add", "smallville", "gtfs-rt-vehicle-positions", location, "--schedule", "1").code == 0
    assert collected("ingest", "2", tmp_path / "bad.pb").code == 1


def test_a_realtime_source_names_a_timetable_that_is_one(collected):
    add_city(collected, "elsewhere")
    location = "https://example.org/tu.pb"
    assert collected("source", "add", "smallville", "gtfs-rt-trip-updates", location, "--schedule", "9").code == 2
    assert collected("source", "add", "elsewhere", "gtfs", "https://example.org/feed.zip", "--schedule", "1").code == 2
    assert collected("source", "add", "smallville", "gtfs-rt-trip-updates", location, "--schedule", "1").code == 0
    listed = collected("source", "list", "--json").json
    assert [(each["kind"], each["schedule_source_id"]) for each in listed] == [("gtfs", None), ("gtfs-rt-trip-updates", 1)]
    assert "gtfs-rt-alerts" in collected("source", "add", "smallville", "gtfs-rt", location).err
