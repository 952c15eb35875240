from __future__ import annotations

import datetime as dt
import gzip
import json
import multiprocessing
import os
import random
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from feed_messages import positions, updates

from interurban.collect.gtfs_realtime.ingest import ingest
from interurban.errors import NotFound, UnreadableFeed, UsageError
from interurban.model import City, Source
from interurban.model.realtime import COLLECTED, TRIP_UPDATES, VEHICLE_POSITIONS
from interurban.store.node import Node, init_node, open_node
from processes import SEED, end_of, kills

NOON = int(dt.datetime(2024, 1, 1, 12, tzinfo=dt.UTC).timestamp())
NOW_S = NOON + 5 * 86_400


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with init_node(tmp_path / "node") as node:
        for name, country, zone in (("tiny", "GH", "Africa/Accra"), ("washington", "US", "America/New_York"),
                                    ("vancouver", "CA", "America/Vancouver"), ("boston", "US", "America/New_York")):  # fmt: skip
            node.catalogue.add_city(City(name, name.title(), country, zone))
        yield node


def archive(path: Path, messages: int = 20) -> Path:
    """A zip of messages, every fifth of which says nothing new."""
    with zipfile.ZipFile(path, "w") as packed:
        for n in range(messages):
            moment = NOON + 3600 * n
            vehicles = [{"vehicle": f"v{k}", "timestamp": moment - (3600 if n % 5 == 4 else 0)} for k in range(30)]
            packed.writestr(f"{n:03}.pb", positions(moment, vehicles))
    return path


def days(node: Node, source_id: int, table: str = "vehicle_locations") -> dict[str, int]:
    """Rows of a table by service date."""
    found = {}
    for partition in node.days.list(source_id, COLLECTED):
        paths = node.days.paths(source_id, partition.service_date, COLLECTED).get(table, [])
        found[str(partition.service_date)] = sum(pq.read_metadata(path).num_rows for path in paths)
    return {date: rows for date, rows in found.items() if rows}


def contents(node: Node, source_id: int) -> dict[str, object]:
    """All that ingesting must come to: every row, and the bundles with their hashes."""
    rows = {}
    for partition in node.days.list(source_id, COLLECTED):
        assert node.days.damaged_files(partition) == []
        for table, paths in node.days.paths(source_id, partition.service_date, COLLECTED).items():
            rows[str(partition.service_date), table] = sorted(str(row) for path in paths for row in pq.read_table(path).to_pylist())
    return {"rows": rows, "bundles": node.catalogue.list_bundles(source_id), "archive": sorted(node.archive)}


def test_the_same_archive_twice_adds_nothing(node: Node, tmp_path: Path):
    file = archive(tmp_path / "a.zip")
    (first,) = ingest(node, "tiny", [file], now_s=NOW_S)
    assert first.source.kind == VEHICLE_POSITIONS and first.source.location == str(file)
    assert first.messages == {"new": 16, "unchanged": 4}
    before = contents(node, first.source.id)
    assert days(node, first.source.id) == {"2024-01-01": 360, "2024-01-02": 120}
    (again,) = ingest(node, str(first.source.id), [file], now_s=NOW_S)
    assert again.messages == {"known": 20} and again.landed and not again.landed.rows
    assert contents(node, first.source.id) == before


def test_an_archive_that_overlaps_adds_what_is_new(node: Node, tmp_path: Path):
    ingest(node, "tiny", [archive(tmp_path / "a.zip", 10)], now_s=NOW_S)
    (more,) = ingest(node, "tiny", [archive(tmp_path / "b.zip", 14)], now_s=NOW_S)
    assert more.messages == {"known": 10, "new": 4}


def test_each_file_goes_to_the_source_of_its_kind(node: Node, tmp_path: Path):
    (tmp_path / "v.pb").write_bytes(positions(NOON, [{"vehicle": "v", "timestamp": NOON}]))
    (tmp_path / "u.pb").write_bytes(updates(NOON, [{"trip": "t", "stops": [(1, NOON)]}]))
    done = ingest(node, "tiny", [tmp_path / "v.pb", tmp_path / "u.pb"], now_s=NOON)
    assert [each.source.kind for each in done] == [VEHICLE_POSITIONS, TRIP_UPDATES]
    assert [source.kind for source in node.catalogue.list_sources("tiny")] == [VEHICLE_POSITIONS, TRIP_UPDATES]


def test_what_cannot_be_ingested_is_said(node: Node, tmp_path: Path):
    message = tmp_path / "v.pb"
    message.write_bytes(positions(NOON, [{"vehicle": "v"}]))
    with pytest.raises(NotFound):
        ingest(node, "tiny", [tmp_path / "absent.pb"])
    with pytest.raises(NotFound):
        ingest(node, "atlantis", [message])
    (tmp_path / "empty.pb").write_bytes(positions(NOON, []))
    with pytest.raises(UsageError, match="does not tell what it is"):
        ingest(node, "tiny", [tmp_path / "empty.pb"])
    schedule = node.catalogue.add_source(Source("tiny", "gtfs", "https://example.org/feed.zip"))
    with pytest.raises(UsageError):
        ingest(node, str(schedule.id), [message])
    for n in range(2):
        node.catalogue.add_source(Source("tiny", VEHICLE_POSITIONS, f"https://example.org/{n}.pb"))
    with pytest.raises(UsageError) as caught:
        ingest(node, "tiny", [message])
    assert caught.value.fields["sources"] == "2, 3"


def test_a_zip_that_was_cut_off_is_named_as_damaged(node: Node, tmp_path: Path):
    whole = archive(tmp_path / "a.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UnreadableFeed, match=r"cut\.zip") as caught:
        ingest(node, "tiny", [tmp_path / "cut.zip"])
    assert caught.value.fields["code"] == "archive_damaged"


def test_files_before_one_that_is_refused_are_landed(node: Node, tmp_path: Path):
    (tmp_path / "bad.pb").write_bytes(b"<html>502</html>")
    with pytest.raises(UnreadableFeed):
        ingest(node, "tiny", [archive(tmp_path / "a.zip"), tmp_path / "bad.pb", archive(tmp_path / "b.zip")], now_s=NOW_S)
    (source,) = node.catalogue.list_sources("tiny", VEHICLE_POSITIONS)
    assert days(node, source.id) == {"2024-01-01": 360, "2024-01-02": 120}


def test_garbage_in_an_archive_is_kept_and_counted(node: Node, tmp_path: Path):
    file = archive(tmp_path / "a.zip", 3)
    with zipfile.ZipFile(file, "a") as packed:
        packed.writestr("003.pb", b"<html>502</html>")
    (done,) = ingest(node, "tiny", [file], now_s=NOW_S)
    assert done.messages == {"new": 3, "garbage": 1}
    (notice,) = done.notices
    assert (notice.code, notice.file, notice.count) == ("not_a_realtime_message", "a.zip", 1)
    assert notice.samples[0].value.startswith("003.pb: Byte 0")
    assert ingest(node, "tiny", [file], now_s=NOW_S)[0].messages == {"known": 4}


def test_garbage_that_nothing_dates_is_said_and_filed_under_no_day(node: Node, tmp_path: Path):
    (tmp_path / "bad.pb").write_bytes(b"<html>502</html>")
    source = node.catalogue.add_source(Source("tiny", VEHICLE_POSITIONS, "https://example.org/v.pb"))
    (done,) = ingest(node, str(source.id), [tmp_path / "bad.pb"])
    assert done.messages == {"garbage": 1} and done.notices[0].samples[0].value.startswith("bad.pb: Byte 0")
    assert not done.landed.dates and not node.days.list(source.id)
    with pytest.raises(UnreadableFeed, match=r"bad\.pb: Byte 0"):
        ingest(node, "tiny", [tmp_path / "bad.pb"])


def test_a_file_that_is_empty_or_cut_off_is_said_to_be(node: Node, tmp_path: Path):
    (tmp_path / "empty.pb").write_bytes(b"")
    (tmp_path / "cut.pb.gz").write_bytes(gzip.compress(b"\x0a\x05\x0a\x032.0")[:-9])
    with pytest.raises(UnreadableFeed, match=r"empty\.pb: It is empty"):
        ingest(node, "tiny", [tmp_path / "empty.pb"])
    with pytest.raises(UnreadableFeed, match=r"cut\.pb\.gz is cut off"):
        ingest(node, "tiny", [tmp_path / "cut.pb.gz"])
    source = node.catalogue.add_source(Source("tiny", VEHICLE_POSITIONS, "https://example.org/v.pb"))
    (done,) = ingest(node, str(source.id), [tmp_path])
    said = [sample.value for notice in done.notices for sample in notice.samples]
    assert [each.partition(": ")[0] for each in said] == ["cut.pb.gz is cut off", "empty.pb"]


def test_garbage_is_filed_by_the_time_in_its_name_only_if_messages_bear_it_out(node: Node, tmp_path: Path):
    file = archive(tmp_path / "a.zip", 3)
    html = b"<html>502</html>"
    with zipfile.ZipFile(file, "a") as packed:
        packed.writestr(f"{NOON + 3600}.pb", html)  # between two messages
        packed.writestr("route-1234567890.json", html)  # a number of ten digits, which is no time
        packed.writestr("2024-02-01T00:00:00Z.pb", html)  # a month after the last message
        packed.writestr(f"{NOON + 2 * 3600 + 80_000}.pb", html)  # the publisher fell silent,
        packed.writestr(f"{NOON + 2 * 3600 + 160_000}.pb", html)  # and it lasted
    (done,) = ingest(node, "tiny", [file], now_s=NOW_S)
    assert done.messages == {"new": 3, "garbage": 5}
    assert done.notices[0].count == 5
    assert days(node, done.source.id, "messages") == {"2024-01-01": 4, "2024-01-02": 1, "2024-01-03": 1}


def test_garbage_in_a_bundle_of_ours_keeps_its_day_whatever_came_before(node: Node, tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.writestr("20240105T120000Z-000000.garbage", b"<html>502</html>")
        packed.writestr("20240109T120000Z-000001.pb", positions(NOON + 8 * 86_400, [{"vehicle": "v1"}]))
    (done,) = ingest(node, "tiny", [tmp_path / "b.zip"], now_s=NOW_S)
    assert done.messages == {"new": 1, "garbage": 1}
    assert days(node, done.source.id, "messages") == {"2024-01-05": 1, "2024-01-09": 1}


def recording(path: Path, trips: dict[str, list[tuple[int | None, int | None]]]) -> Path:
    """A recording of arrivals: (observed, scheduled) of the stops of each trip."""
    stops = {}
    for trip, seen in trips.items():
        each = {str(n): {"sid": f"s{n}", "seq": n, "arr": arr, "sch_arr": planned} for n, (arr, planned) in enumerate(seen)}
        stops[trip] = {"rid": "1", "vid": "9", "stops": each}
    path.write_bytes(gzip.compress(json.dumps({"recordedData": stops, "exportedAt": NOON}).encode(), mtime=0))
    return path


def test_a_schedule_that_is_a_day_off_is_named_and_set_aside_not_averaged(node: Node, tmp_path: Path):
    day = 86_400
    file = recording(tmp_path / "r.json.gz", {
        "good": [(NOON, NOON - 60), (NOON + 300, NOON + 200), (None, NOON + 500)],
        "behind": [(NOON, NOON + day - 30), (NOON + 300, NOON + 300 + day), (NOON + 600, NOON + 600 - 20)],
        "ahead": [(NOON, NOON - day), (None, NOON + 900 - day)],
        "late": [(NOON, NOON - 4 * 3600)],
        "unseen": [(None, NOON)],
    })  # fmt: skip
    (done,) = ingest(node, "vancouver", [file], now_s=NOW_S)
    (notice,) = done.notices
    assert (notice.code, notice.count, [sample.value for sample in notice.samples]) == ("schedule_day_shifted", 2, ["ahead", "behind"])
    (path,) = node.days.paths(done.source.id, dt.date(2024, 1, 1), COLLECTED)["arrivals"]
    found = {(r["trip_id_scheduled"], r["stop_sequence"]): r for r in pq.read_table(path).to_pylist()}
    assert len(found) == 10
    shifted = {trip for (trip, _), row in found.items() if row["is_schedule_day_shifted"]}
    assert shifted == {"ahead", "behind"}
    assert all((row["schedule_arrival_time"] is None) == row["is_schedule_day_shifted"] for row in found.values())
    assert found["behind", 0]["actual_arrival_time"] == NOON and found["behind", 0]["schedule_arrival_time_given"] == NOON + day - 30
    assert ingest(node, "vancouver", [file], now_s=NOW_S)[0].files == {"known": 1}
    assert days(node, done.source.id, "arrivals") == {"2024-01-01": 10}


@pytest.mark.parametrize("text", [
    b'{"recordedData": 1}', b'{"recordedData": {"t": {}}, "exportedAt": 1}', b'{"recordedData": ', b'{"recordedData": {}}',
])
def test_a_recording_that_is_none_is_refused(node: Node, tmp_path: Path, text: bytes):
    (tmp_path / "r.json").write_bytes(text)
    with pytest.raises(UnreadableFeed):
        ingest(node, "vancouver", [tmp_path / "r.json"])


def test_vancouver_s_recorder_is_a_day_off_in_the_evening(node: Node, shared_data: Path):
    """The figures are those of MANIFEST.csv: 4894 of 4911 delays off by a day on the 18th, none of the 19th."""
    avl = shared_data / "avl"
    (off,) = ingest(node, "vancouver", [avl / "vancouver_arrivals_2026-03-18.1.json.gz"], now_s=NOW_S)
    assert [notice.code for notice in off.notices] == ["schedule_day_shifted"]
    rows = [row for p in node.days.list(off.source.id) for row in pq.read_table(node.lake.folder / p.files[0].path).to_pylist()]
    assert len(rows) == 15_601 and sum(row["actual_arrival_time"] is not None for row in rows) == 6655
    told = [r for r in rows if r["actual_arrival_time"] and r["schedule_arrival_time_given"]]
    kept = [r["actual_arrival_time"] - r["schedule_arrival_time"] for r in told if r["schedule_arrival_time"]]
    assert len(told) == 4911 and len(told) - len(kept) >= 4894
    assert all(abs(delay) < 43_200 for delay in kept)
    (good,) = ingest(node, "vancouver", [avl / "vancouver_arrivals_2026-03-19.8.json.gz"], now_s=NOW_S)
    assert good.notices == []


def test_washington_across_midnight_lands_on_its_service_dates(node: Node, shared_data: Path):
    (done,) = ingest(node, "washington", [shared_data / "gtfs_rt" / "washington_wmata_bus_midnight_20240210.zip"])
    assert done.messages == {"new": 4}
    landed = days(node, done.source.id, "trip_update_stops")
    assert set(landed) == {"2024-02-09", "2024-02-10"} and all(landed.values())
    assert days(node, done.source.id, "messages") == {"2024-02-10": 4}, "by the UTC day in which they came"
    for date in landed:
        for path in node.days.paths(done.source.id, dt.date.fromisoformat(date), COLLECTED)["trip_update_stops"]:
            assert set(pq.read_table(path, columns=["start_date"])["start_date"].to_pylist()) == {dt.date.fromisoformat(date)}


def test_boston_s_flattened_hour_lands_as_distinct_positions(node: Node, shared_data: Path):
    file = shared_data / "gtfs_rt" / "boston_mbta" / "vehicle_positions_20230508T12Z.parquet"
    (done,) = ingest(node, "boston", [file])
    assert done.files == {"new": 1} and done.landed
    assert set(days(node, done.source.id)) == {"2023-05-08"}
    assert Counter(days(node, done.source.id)).total() < 155_166 / 5, "every position was said many times"
    assert ingest(node, "boston", [file])[0].files == {"known": 1}


@pytest.mark.parametrize("names", [("vp-{}.pb", "tu-{}.pb"), ("1{}.pb", "2{}.pb")])
def test_messages_of_several_kinds_in_one_archive_go_to_the_source_of_their_kind(node: Node, tmp_path: Path, names: tuple[str, str]):
    with zipfile.ZipFile(tmp_path / "day.zip", "w") as packed:
        for n in range(3):
            packed.writestr(names[0].format(n), positions(NOON + n, [{"vehicle": "v", "timestamp": NOON + n}]))
            packed.writestr(names[1].format(n), updates(NOON + n, [{"trip": "t", "stops": [(1, NOON + 60 + n)]}]))
        packed.writestr("broken.pb", b"no message")
    done = {each.source.kind: each for each in ingest(node, "tiny", [tmp_path / "day.zip"], now_s=NOW_S)}
    assert {kind: each.messages["new"] for kind, each in done.items()} == {VEHICLE_POSITIONS: 3, TRIP_UPDATES: 3}
    assert sum(each.messages["garbage"] for each in done.values()) == 1


def ingest_quietly(folder: str, file: str) -> None:
    os.environ["INTERURBAN_LANG"] = "en"
    with open_node(folder) as node:
        ingest(node, "tiny", [Path(file)], now_s=NOW_S)


def test_killed_at_any_moment_and_run_again_it_is_as_if_undisturbed(tmp_path: Path):
    file = archive(tmp_path / "a.zip", 60)
    for name in ("first", "killed", "undisturbed"):
        with init_node(tmp_path / name) as made:
            made.catalogue.add_city(City("tiny", "Tiny", "GH", "Africa/Accra"))
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["test_ingest", "interurban.collect.gtfs_realtime.flat", "interurban.store.lake", "duckdb"])

    def run(name: str, limit_s: float) -> int | None:
        process = context.Process(target=ingest_quietly, args=(str(tmp_path / name), str(file)))
        process.start()
        return end_of(process, limit_s)

    assert run("first", 300) == 0  # the server of processes loads what it needs
    began = time.monotonic()
    assert run("undisturbed", 300) == 0
    whole_s, rng = time.monotonic() - began, random.Random(SEED)
    moments = [0.3, *(rng.random() for _ in range(kills(3, 12) - 1))]
    cut_short = sum(run("killed", whole_s * moment) != 0 for moment in moments)
    assert run("killed", 300) == 0 and cut_short
    with open_node(tmp_path / "killed") as killed, open_node(tmp_path / "undisturbed") as undisturbed:
        assert contents(killed, 1) == contents(undisturbed, 1)


def test_logs_of_vehicles_land_with_their_blocks(node: Node, shared_data: Path):
    """S2_2113.csv has 72 lines (methods of stop visits, 1.4); its first is of 08:23:52 in Washington's summer."""
    (done,) = ingest(node, "washington", [shared_data / "avl" / "washington_wmata_bus_2016.zip"])
    assert done.source.kind == VEHICLE_POSITIONS and done.files == {"new": 1}
    (path,) = node.days.paths(done.source.id, dt.date(2016, 4, 29), COLLECTED)["vehicle_locations"]
    rows = sorted(pq.read_table(path).to_pylist(), key=lambda row: row["event_timestamp"])
    assert len(rows) == 72
    assert (rows[0]["vehicle_id"], rows[0]["block_id"], rows[0]["trip_id_scheduled"]) == ("2113", "NS-26", None)
    assert rows[0]["event_timestamp"] == int(dt.datetime(2016, 4, 29, 12, 23, 52, tzinfo=dt.UTC).timestamp())


def test_a_log_of_another_form_is_no_log(node: Node, tmp_path: Path):
    (tmp_path / "log.csv").write_text("vehicleId,time\n1,2024-01-01 12:00:00\n")
    with pytest.raises(UnreadableFeed, match=r"log\.csv: Byte 0"):
        ingest(node, "tiny", [tmp_path / "log.csv"])
    columns = "vehicleId,time,assignmentId,assignmentType,heading,latitude,longitude"
    lines = [columns, "7,2024-01-01 12:00:00,b,BLOCK_ID,1,0,3", "7,noon,b,BLOCK_ID,1,0,3", ",2024-01-01 12:00:00,,,,,"]
    (tmp_path / "log.csv").write_text("\n".join(lines))
    (done,) = ingest(node, "tiny", [tmp_path / "log.csv"])
    assert days(node, done.source.id) == {"2024-01-01": 1}
    (tmp_path / "log.csv").write_text("\n".join([columns, "7,2024-01-01 12:00:00,b,BLOCK_ID,1,north,3"]))
    with pytest.raises(UnreadableFeed):
        ingest(node, "tiny", [tmp_path / "log.csv"])
