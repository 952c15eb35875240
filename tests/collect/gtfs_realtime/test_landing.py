from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from feed_messages import positions, updates

from interurban.collect.collector import collect
from interurban.collect.gtfs_realtime.landing import MOST_FILES, land, settle, unmatched_by_version
from interurban.collect.gtfs_realtime.spool import Spool
from interurban.model import City, Source
from interurban.model.realtime import TRIP_UPDATES, VEHICLE_POSITIONS
from interurban.store.node import Node, init_node
from tiny_feed import WEEKDAY_HEADER, tiny_feed, write_zip

MONDAY = dt.date(2024, 1, 1)
MIDNIGHT = int(dt.datetime(2024, 1, 1, tzinfo=dt.UTC).timestamp())
SEVEN = MIDNIGHT + 7 * 3600
TRIP = "1-week-07:00:00"
LATE_TRIPS = {
    "trips": "route_id,service_id,trip_id,direction_id,shape_id\n1,week,night,0,bus\n1,week,often,0,bus\n",
    "stop_times": (
        "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
        "night,23:30:00,23:30:00,A,1\nnight,25:30:00,25:30:00,C,2\noften,06:00:00,06:00:00,A,1\noften,06:10:00,06:10:00,C,2\n"
    ),
    "frequencies": "trip_id,start_time,end_time,headway_secs\noften,06:00:00,24:00:00,600\n",
}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with init_node(tmp_path / "node") as node:
        node.catalogue.add_city(City("tiny", "Tiny", "GH", "Africa/Accra"))
        yield node


def publish(node: Node, **changes: str) -> int:
    """Publish and collect a timetable; the id of its version."""
    feed = write_zip(node.folder / "feed.zip", tiny_feed(**changes))
    node.catalogue.add_source(Source("tiny", "gtfs", str(feed)))
    (outcome,) = collect(node, "tiny")
    assert outcome.version
    return outcome.version.id


def realtime(node: Node, kind: str = VEHICLE_POSITIONS, **fields: int) -> Spool:
    source = node.catalogue.add_source(Source("tiny", kind, f"https://example.org/{kind}.pb", **fields))
    return Spool(node, source.id)


def rows(node: Node, source_id: int, table: str = "vehicle_locations") -> list[dict]:
    """All rows of a table, by date and then in a fixed order."""
    found = []
    for partition in node.days.list(source_id, "collected"):
        paths = node.days.paths(source_id, partition.service_date, "collected").get(table, [])
        found += [row for path in paths for row in pq.read_table(path).to_pylist()]
    return sorted(found, key=str)


def placed(node: Node, source_id: int) -> list[tuple[str, str, int | None, bool | None]]:
    found = rows(node, source_id)
    return [(str(r["service_date"]), r["service_date_method"], r["feed_version_id"], r["is_matched"]) for r in found]


def accept(spool: Spool, moment: int, *vehicles: dict, **header: str) -> None:
    spool.accept(positions(moment, [{"vehicle": "v", "timestamp": moment} | each for each in vehicles], **header), moment)


@pytest.mark.parametrize(("hour", "trip", "expected"), [
    (7, "night", ("2024-01-02", "local_time")),     # far from any window of that trip
    (22.6, "night", ("2024-01-02", "schedule")),    # up to an hour before 23:30
    (22.4, "night", ("2024-01-02", "local_time")),
    (24.5, "night", ("2024-01-02", "schedule")),    # past midnight by the clock of the 3rd
    (28.4, "night", ("2024-01-02", "schedule")),    # up to three hours after 25:30
    (28.6, "night", ("2024-01-03", "local_time")),
    (26.9, "often", ("2024-01-02", "schedule")),    # the last departure at 24:00 and ten minutes, then three hours
    (27.4, "often", ("2024-01-03", "local_time")),  # after three o'clock a new day begins
    (26.9, "unknown", ("2024-01-02", "local_time")),
    (3.1, None, ("2024-01-02", "local_time")),
    (2.9, None, ("2024-01-01", "local_time")),
])  # fmt: skip
def test_a_trip_past_midnight_lands_on_the_day_it_began(node: Node, hour: float, trip: str | None, expected: tuple[str, str]):
    publish(node, **LATE_TRIPS)
    spool = realtime(node)
    accept(spool, MIDNIGHT + 86_400 + int(hour * 3600), {"trip": trip} if trip else {})
    land(node, spool.source_id)
    assert [each[:2] for each in placed(node, spool.source_id)] == [expected]


@pytest.mark.parametrize(("hour", "expected"), [(23.5, "2024-01-03"), (23, "2024-01-02"), (24.5, "2024-01-03")])
def test_a_vehicle_that_waits_before_midnight_for_a_trip_after_it_is_on_the_next_date(node: Node, hour: float, expected: str):
    stops = LATE_TRIPS["stop_times"].replace("23:30:00,23:30:00", "00:10:00,00:10:00").replace("25:30:00,25:30:00", "01:00:00,01:00:00")
    publish(node, **LATE_TRIPS | {"stop_times": stops})
    spool = realtime(node)
    accept(spool, MIDNIGHT + 86_400 + int(hour * 3600), {"trip": "night"})
    land(node, spool.source_id)
    assert [each[0] for each in placed(node, spool.source_id)] == [expected]


def test_a_trip_of_both_days_belongs_to_the_one_its_service_runs_on(node: Node):
    # From 01:00 to 26:00: at 01:30 the trip of that day has just begun and that of the day before has half an hour to go. On a Tuesday the
    # nearer to the middle of its time, and on equal terms the later, is taken; on a Saturday only Friday's can run.
    stops = LATE_TRIPS["stop_times"].replace("23:30:00,23:30:00", "01:00:00,01:00:00").replace("25:30:00,25:30:00", "26:00:00,26:00:00")
    publish(node, **LATE_TRIPS | {"stop_times": stops})
    spool = realtime(node)
    for day in (2, 6):
        accept(spool, MIDNIGHT + (day - 1) * 86_400 + 90 * 60, {"trip": "night"})
    land(node, spool.source_id)
    assert [each[:2] for each in placed(node, spool.source_id)] == [("2024-01-02", "schedule"), ("2024-01-05", "schedule")]


def test_a_start_date_is_believed_unless_it_is_absurd(node: Node):
    version = publish(node)
    spool = realtime(node)
    told = ["20240101", "20231231", "20240203", "19700101", "20240401"]
    accept(spool, SEVEN, *({"trip": TRIP, "vehicle": f"{n}", "start_date": date} for n, date in enumerate(told)))
    land(node, spool.source_id)
    found = {r["vehicle_id"]: (str(r["service_date"]), r["service_date_method"]) for r in rows(node, spool.source_id)}
    assert found == {
        "0": ("2024-01-01", "start_date"), "1": ("2023-12-31", "start_date"), "2": ("2024-02-03", "start_date"),
        "3": ("2024-01-01", "schedule"), "4": ("2024-01-01", "schedule"),
    }  # fmt: skip
    # Of the last day of 2023 there is no version in force, but the newest that knows the trip.
    assert {r["feed_version_id"] for r in rows(node, spool.source_id)} == {version}


@pytest.mark.parametrize("timestamp", [1, SEVEN * 1000, 2**62, SEVEN + 10 * 86_400])
def test_a_broken_clock_of_a_vehicle_does_not_decide_on_the_day(node: Node, timestamp: int):
    publish(node)
    spool = realtime(node)
    accept(spool, SEVEN, {"trip": TRIP, "timestamp": timestamp})
    land(node, spool.source_id)
    assert [(str(r["service_date"]), r["event_timestamp"]) for r in rows(node, spool.source_id)] == [("2024-01-01", timestamp)]


@pytest.mark.parametrize("header_time", [1, SEVEN * 1000, 2**62])
def test_a_broken_clock_of_a_publisher_gives_way_to_when_it_came(node: Node, header_time: int):
    spool = realtime(node)
    spool.accept(positions(header_time, [{"vehicle": "v"}]), SEVEN)
    land(node, spool.source_id)
    (row,) = rows(node, spool.source_id)
    assert (str(row["service_date"]), row["event_timestamp"], row["is_header_time"]) == ("2024-01-01", header_time, True)


def test_the_version_is_the_named_one_the_one_in_force_or_the_newest_that_knows_the_trip(node: Node):
    info = "feed_publisher_name,feed_publisher_url,feed_lang,feed_version\nTiny,https://example.org,en,{}\n"
    trips = {name: tiny_feed()[f"{name}.txt"] for name in ("trips", "stop_times")}
    old = publish(node, feed_info=info.format("old"), **{name: text.replace("1-week-07:00:00", "gone") for name, text in trips.items()})
    new = publish(node, feed_info=info.format("new"))
    spool = realtime(node)
    told = [(TRIP, {}), ("gone", {}), ("1-week-07:10:00", {"feed_version": "old"}), (TRIP, {"feed_version": "old"}), ("x", {}),
            ("x", {"feed_version": "old"})]  # fmt: skip
    for n, (trip, header) in enumerate(told):
        accept(spool, SEVEN + n, {"trip": trip, "vehicle": f"{n}", "start_date": "20240101"}, **header)
    land(node, spool.source_id)
    found = {int(r["vehicle_id"]): (r["feed_version_id"], r["is_matched"]) for r in rows(node, spool.source_id)}
    # The one in force knows it; only the other; the named one; the named one does not; none does: the one in force, or the named one.
    assert [found[n] for n in range(6)] == [(new, True), (old, True), (old, True), (new, True), (new, False), (old, False)]
    assert unmatched_by_version(node, spool.source_id) == {old: (3, 1), new: (3, 1)}


def test_without_a_timetable_nothing_is_matched(node: Node):
    spool = realtime(node)
    accept(spool, SEVEN, {"trip": TRIP}, {"vehicle": "w"})
    land(node, spool.source_id)
    assert placed(node, spool.source_id) == [("2024-01-01", "local_time", None, False), ("2024-01-01", "local_time", None, None)]
    assert unmatched_by_version(node, spool.source_id) == {None: (1, 1)}


def test_an_update_lands_on_the_day_of_the_times_it_predicts(node: Node):
    publish(node, **LATE_TRIPS)
    spool = realtime(node, TRIP_UPDATES)
    said = MIDNIGHT + 86_400 + 12 * 3600  # at noon, of a trip that begins at 23:30
    stops = [(1, MIDNIGHT + 86_400 + 84_600), (2, MIDNIGHT + 86_400 + 91_800)]
    spool.accept(updates(said, [{"trip": "night", "stops": stops, "timestamp": said - 5}]), said)
    spool.accept(updates(said + 60, [{"trip": "night", "stops": stops, "timestamp": said + 55}]), said + 60)
    land(node, spool.source_id)
    settle(node, spool.source_id, dt.date(2024, 1, 2))
    found = rows(node, spool.source_id, "trip_update_stops")
    assert [r["stop_sequence"] for r in found] == [1, 2]
    assert {(r["service_date_method"], r["is_matched"]) for r in found} == {("schedule", True)}
    # Said twice, it is one row from the first to the last time.
    assert {(r["update_timestamp"], r["last_update_timestamp"]) for r in found} == {(said - 5, said + 55)}
    assert {(r["feed_timestamp"], r["last_feed_timestamp"], r["received_at"]) for r in found} == {(said, said + 60, said)}
    assert len(rows(node, spool.source_id, "trip_updates")) == 1


def test_every_message_is_told_and_only_new_ones_give_rows(node: Node):
    spool = realtime(node)
    accept(spool, SEVEN, {})
    accept(spool, SEVEN, {})
    spool.accept(positions(SEVEN - 900, [{"vehicle": "old"}]), SEVEN + 20)
    spool.accept(b"<html>busy</html>", SEVEN + 40)
    landed = land(node, spool.source_id)
    assert landed.messages == {"new": 1, "unchanged": 1, "older": 1, "garbage": 1}
    told = sorted(rows(node, spool.source_id, "messages"), key=lambda r: (r["received_at"], r["outcome"]))
    assert [(r["outcome"], r["positions"], r["entities"]) for r in told] == [
        ("new", 1, 1), ("unchanged", 0, 1), ("older", 0, 1), ("garbage", 0, None),
    ]
    assert [r["vehicle_id"] for r in rows(node, spool.source_id)] == ["v"]


def test_landing_again_lands_nothing(node: Node):
    spool = realtime(node)
    accept(spool, SEVEN, {})
    assert land(node, spool.source_id).rows["vehicle_locations"] == 1
    again = land(node, spool.source_id)
    assert not again.messages and not again.rows
    accept(spool, SEVEN + 20, {})
    assert land(node, spool.source_id).messages == {"new": 1}
    assert len(rows(node, spool.source_id)) == 2


def test_rows_are_the_same_however_they_were_landed_and_when_the_lake_was_lost(node: Node):
    publish(node, **LATE_TRIPS)
    rng = random.Random(7)
    messages = []
    for n in range(60):
        moment = MIDNIGHT + 86_400 + 22 * 3600 + n * 240
        vehicles = [
            {"vehicle": f"v{k}", "trip": rng.choice(["night", "often", "x"]), "timestamp": moment - rng.choice([0, 240]), "stop": "A"}
            for k in range(4)
        ]
        messages.append((moment, positions(moment, vehicles)))
    whole, piecemeal = realtime(node), realtime(node, TRIP_UPDATES)
    for n, (moment, data) in enumerate(messages):
        whole.accept(data, moment)
        piecemeal.accept(data, moment)
        if n % 3 == 0:
            land(node, piecemeal.source_id, now_s=moment)
    later = messages[-1][0] + 3 * 86_400
    landed = land(node, whole.source_id, now_s=later)
    assert len(landed.sealed) == 2
    assert land(node, piecemeal.source_id, now_s=later).sealed
    expected = everything(node, whole.source_id)
    assert everything(node, piecemeal.source_id) == expected
    assert {name: len(found) for name, found in expected.items()}["messages"] == 60
    # Sealed bundles of the same messages are the same bytes, and each day is one file of each table.
    sealed = [[bundle.sha256 for bundle in node.catalogue.list_bundles(spool.source_id)] for spool in (whole, piecemeal)]
    assert sealed[0] == sealed[1]
    assert all(len(files) == 1 for day in (2, 3) for files in node.days.paths(whole.source_id, dt.date(2024, 1, day), "collected").values())

    shutil.rmtree(node.lake.folder / "days")
    land(node, whole.source_id, now_s=later)
    assert everything(node, whole.source_id) == expected


def everything(node: Node, source_id: int) -> dict[str, list[dict]]:
    names = ("vehicle_locations", "messages", "trip_updates", "trip_update_stops")
    return {name: [{**row, "feed_id": 0} for row in rows(node, source_id, name)] for name in names}


def test_many_small_files_become_one_while_the_day_is_on(node: Node):
    spool = realtime(node)
    for n in range(MOST_FILES + 2):
        accept(spool, SEVEN + 20 * n, {})
        land(node, spool.source_id, now_s=SEVEN + 20 * n)
    files = node.days.paths(spool.source_id, MONDAY, "collected")["vehicle_locations"]
    assert len(files) == 2, "one of the first thirteen, and the part that came after"
    assert sum(pq.read_metadata(path).num_rows for path in files) == MOST_FILES + 2


def test_a_realtime_source_may_name_its_timetable(node: Node):
    publish(node)
    (first,) = node.catalogue.list_sources("tiny", "gtfs")
    other = write_zip(node.folder / "other.zip", tiny_feed(calendar=WEEKDAY_HEADER))
    node.catalogue.add_source(Source("tiny", "gtfs", str(other)))
    unsaid, said = realtime(node), realtime(node, TRIP_UPDATES, schedule_source_id=first.id)
    for spool in (unsaid, said):
        accept(spool, SEVEN, {"trip": TRIP})
        land(node, spool.source_id)
    assert [each[3] for spool in (unsaid, said) for each in placed(node, spool.source_id)] == [False, True]
