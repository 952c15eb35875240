from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from interurban.errors import Defect, NodeError, NotFound
from interurban.model import FeedVersionStatus, FetchAttempt, FetchOutcome, LakeFile, Notice, Sample, Severity, Source
from interurban.store.catalogue import Reading
from interurban.store.node import Node


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def ready(node: Node, snapshot, valid_from: str, valid_to: str) -> int:
    _, version = node.catalogue.add_snapshot(snapshot)
    reading = Reading(valid_from=day(valid_from), valid_to=day(valid_to))
    return node.catalogue.record_reading(version.id, reading).id


def test_same_bytes_are_one_snapshot_and_same_content_one_version(node: Node, newport: Source, make_snapshot):
    first, version = node.catalogue.add_snapshot(make_snapshot("a", "c", day=1))
    again, same = node.catalogue.add_snapshot(make_snapshot("a", "c", day=2))
    packed_anew, still_same = node.catalogue.add_snapshot(make_snapshot("b", "c", day=3))
    assert again == first
    assert first.fetched_at.day == 1
    assert packed_anew.id != first.id
    assert version == same
    assert dataclasses.replace(still_same, last_seen_at=version.last_seen_at) == version
    assert version.status is FeedVersionStatus.PENDING
    assert version.first_fetched_at == first.fetched_at
    assert node.catalogue.list_snapshots(newport.id) == [first, packed_anew]
    assert node.catalogue.get_snapshot(packed_anew.id) == packed_anew
    assert node.catalogue.list_feed_versions(newport.id) == [still_same]


def test_a_reading_replaces_the_one_before_it(node: Node, newport: Source, make_snapshot):
    _, version = node.catalogue.add_snapshot(make_snapshot("a"))
    notices = [
        Notice("malformed_time", Severity.ERROR, "stop_times.txt", "arrival_time", 3, "H:MM:SS", (Sample(7, "25"),)),
        Notice("unknown_column", Severity.INFO, "stops.txt", "colour", origin="gtfs-guru"),
        Notice("malformed_time", Severity.ERROR, "stop_times.txt", "departure_time", 1),
    ]
    file = LakeFile(version.id, "stops", "gtfs/1/x/stops.parquet", "f" * 64, 12, 345)
    reading = Reading(True, day("2026-01-01"), day("2026-06-30"), {"stops": 12}, notices)
    for _ in range(2):
        read = node.catalogue.record_reading(version.id, reading, [file])
        assert read.status is FeedVersionStatus.READY
        assert (read.valid_from, read.valid_to) == (day("2026-01-01"), day("2026-06-30"))
        assert read.counts == {"stops": 12}
        assert node.catalogue.get_feed_version(version.id) == read
        assert node.catalogue.list_notices(version.id) == notices
        assert node.catalogue.list_lake_files(version.id) == [file]
    unusable = node.catalogue.record_reading(version.id, Reading(is_usable=False, notices=notices[:1]))
    assert unusable.status is FeedVersionStatus.UNUSABLE
    assert node.catalogue.list_notices(version.id) == notices[:1]
    assert node.catalogue.list_lake_files() == []


def test_a_reading_is_recorded_whole_or_not_at_all(node: Node, newport: Source, make_snapshot):
    _, version = node.catalogue.add_snapshot(make_snapshot("a"))
    twice = [LakeFile(version.id, "stops", "x", "f" * 64, 1, 1)] * 2  # two files for one table: refused by the database
    with pytest.raises(NodeError):
        node.catalogue.record_reading(version.id, Reading(notices=[Notice("x", Severity.INFO)]), twice)
    assert node.catalogue.get_feed_version(version.id) == version
    assert node.catalogue.list_notices(version.id) == []


def test_what_is_not_there(node: Node, newport: Source, make_snapshot):
    assert node.catalogue.find_feed_version(99) is None
    for ask in (
        lambda: node.catalogue.get_feed_version(99),
        lambda: node.catalogue.get_snapshot(99),
        lambda: node.catalogue.record_reading(99, Reading()),
        lambda: node.catalogue.add_snapshot(dataclasses.replace(make_snapshot("a"), source_id=99)),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_moment_needs_its_zone_and_keeps_its_instant(node: Node, newport: Source, make_snapshot):
    moscow = dt.timezone(dt.timedelta(hours=3))
    local = dataclasses.replace(make_snapshot("a"), fetched_at=dt.datetime(2026, 3, 1, 2, 30, tzinfo=moscow))
    kept, _ = node.catalogue.add_snapshot(local)
    assert kept.fetched_at == dt.datetime(2026, 2, 28, 23, 30, tzinfo=dt.UTC)
    assert kept.fetched_at.tzinfo is dt.UTC
    with pytest.raises(Defect):
        node.catalogue.add_snapshot(dataclasses.replace(make_snapshot("b"), fetched_at=dt.datetime(2026, 3, 1)))


def test_version_in_force(node: Node, newport: Source, make_snapshot):
    winter = ready(node, make_snapshot("a", day=1), "2026-01-01", "2026-06-30")
    # Fetched later, begins later: from then on it rules, also on the dates that the first one covers.
    summer = ready(node, make_snapshot("b", day=10), "2026-05-01", "2026-08-31")
    # Read later but fetched earlier than both.
    february = dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    oldest = ready(node, dataclasses.replace(make_snapshot("c"), fetched_at=february), "2025-12-01", "2026-12-31")

    def in_force(text: str) -> int | None:
        version = node.catalogue.version_in_force(newport.id, day(text))
        return version.id if version else None

    assert in_force("2026-01-01") == winter
    assert in_force("2026-04-30") == winter
    assert in_force("2026-05-01") == summer
    assert in_force("2026-08-31") == summer
    assert in_force("2026-09-01") == oldest
    assert in_force("2025-12-31") == oldest
    assert in_force("2025-11-30") is None
    assert in_force("2027-01-01") is None
    assert node.catalogue.version_in_force(newport.id + 1, day("2026-05-01")) is None
    assert [version.id for version in node.catalogue.list_feed_versions()] == [oldest, winter, summer]


def test_only_ready_versions_are_in_force(node: Node, newport: Source, make_snapshot):
    _, version = node.catalogue.add_snapshot(make_snapshot("a"))
    assert node.catalogue.version_in_force(newport.id, day("2026-03-01")) is None
    unusable = Reading(is_usable=False, valid_from=day("2026-01-01"), valid_to=day("2026-12-31"))
    node.catalogue.record_reading(version.id, unusable)
    assert node.catalogue.version_in_force(newport.id, day("2026-03-01")) is None
    node.catalogue.record_reading(version.id, Reading())  # usable, but nobody knows when
    assert node.catalogue.version_in_force(newport.id, day("2026-03-01")) is None


def test_a_publisher_who_goes_back_has_the_earlier_version_in_force(node: Node, newport: Source, make_snapshot):
    snapshots = [make_snapshot("a", day=1), make_snapshot("b", day=2)]
    first, second = (ready(node, each, "2026-01-01", "2026-12-31") for each in snapshots)

    def seen(day: int, letter_of: int) -> list[int]:
        moment = snapshots[0].fetched_at.replace(day=day)
        sha256 = snapshots[letter_of].sha256
        node.catalogue.add_fetch_attempt(FetchAttempt(newport.id, moment, FetchOutcome.FETCHED, sha256=sha256))
        return [version.id for version in node.catalogue.list_feed_versions(newport.id)]

    assert seen(2, 1) == [first, second]
    assert seen(3, 0) == [second, first]  # A, B, A
    assert node.catalogue.version_in_force(newport.id, day("2026-06-01")).id == first
    newest = node.catalogue.get_feed_version(first)
    assert (newest.first_fetched_at.day, newest.last_seen_at.day) == (1, 3)
    assert seen(4, 1) == [first, second]
