"""Collecting from a real server and from folders: what is kept, what is a new version, and what is written down."""

from __future__ import annotations

import shutil
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from interurban.collect import collector
from interurban.collect.archive import Archive
from interurban.collect.collector import Collected, CollectOutcome, collect
from interurban.collect.gtfs.columns import literal
from interurban.errors import NodeError, NotFound
from interurban.indicators.compute import compute
from interurban.model import City, Credential, CredentialPlace, FeedVersionStatus, FetchOutcome, Source
from interurban.store.node import Node, init_node
from interurban.store.settings import Settings
from tiny_feed import tiny_feed, write_zip, zipped

SECRET = "s3cr3t-n0body-may-see"
CALENDAR = tiny_feed()["calendar.txt"]
NO_DAY = "0,0,0,0,0,0,0"
WITHOUT_SERVICE = CALENDAR.replace("1,1,1,1,1,0,0", NO_DAY).replace("0,0,0,0,0,0,1", NO_DAY)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """A node that may ask loopback, with one city."""
    with init_node(tmp_path / "node", Settings(allow_private_addresses=("127.0.0.0/8",), retries=1)) as node:
        node.catalogue.add_city(City("tiny", "Tiny", "GH", "Africa/Accra"))
        yield node


def add_source(node: Node, location: str | Path, **fields: object) -> Source:
    secret = fields.pop("secret", None)
    return node.catalogue.add_source(Source("tiny", "gtfs", str(location), **fields), secret)


def one(node: Node) -> CollectOutcome:
    (outcome,) = collect(node)
    return outcome


def lake_of(node: Node) -> dict[tuple[int, str], str]:
    """SHA-256 of each file that the catalogue names, having seen that the files are like that."""
    files = node.catalogue.list_lake_files()
    assert all(not node.lake.damaged_tables(number) for number in {file.feed_version_id for file in files})
    return {(file.feed_version_id, file.table): file.sha256 for file in files}


def everything_written(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "secret.key":
            yield path, path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    yield from ((path / name, archive.read(name)) for name in archive.namelist())


def test_unchanged_bytes_are_not_sent_again(node, web, tmp_path):
    feed = zipped(tmp_path)
    full, empty = web.answer(feed, ETag='"v1"'), web.answer(status=304, ETag='"v1"')
    web.pages["/gtfs.zip"] = lambda handler: (empty if handler.headers["If-None-Match"] == '"v1"' else full)(handler)
    source = add_source(node, web.url("/gtfs.zip"))
    first = one(node)
    assert first.result is Collected.NEW_VERSION and first.version.status is FeedVersionStatus.READY
    lake = lake_of(node)
    second = one(node)
    assert (second.result, second.version) == (Collected.UNCHANGED, first.version)
    assert lake_of(node) == lake and len(list(node.archive)) == 1
    fetched, not_modified = node.catalogue.list_fetch_attempts(source.id)
    assert (fetched.outcome, fetched.http_status, fetched.bytes) == (FetchOutcome.FETCHED, 200, len(feed))
    assert (fetched.sha256, fetched.etag, fetched.notice_code) == (next(iter(node.archive)), '"v1"', None)
    assert (not_modified.outcome, not_modified.http_status) == (FetchOutcome.NOT_MODIFIED, 304)
    assert fetched.ttfb_ms is not None and not_modified.ttfb_ms is not None


def test_the_same_content_packed_anew_is_no_new_version(node, web, tmp_path):
    web.pages["/gtfs.zip"] = web.in_turn(web.answer(zipped(tmp_path)), web.answer(zipped(tmp_path, zipfile.ZIP_STORED)))
    source = add_source(node, web.url("/gtfs.zip"))
    first, second = one(node), one(node)
    assert (second.result, second.version) == (Collected.UNCHANGED, first.version)
    assert len(list(node.archive)) == 2 == len(node.catalogue.list_snapshots(source.id))


def test_changed_content_is_a_new_version_and_the_old_numbers_stay(node, web, tmp_path):
    late = CALENDAR.replace("20240331", "20240630").replace("20240101", "20240401")
    web.pages["/gtfs.zip"] = web.in_turn(web.answer(zipped(tmp_path)), web.answer(zipped(tmp_path, calendar=late)))
    add_source(node, web.url("/gtfs.zip"))
    first = one(node).version
    before = compute(node, "tiny").recorded
    second = one(node)
    assert second.result is Collected.NEW_VERSION and second.version.id > first.id
    after = compute(node, "tiny").recorded
    assert {record.observation.feed_version_ids for record in after} == {(second.version.id,)}
    kept = {record.id: record for record in node.observations("tiny", history=True)}
    assert len(kept) == len(before) + len(after) and all(kept[record.id] == record for record in before)
    # On a day of the first version's validity it is the first version that speaks, as it did.
    assert compute(node, "tiny", date=first.valid_from).versions == (first,)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda feed: b"<!doctype html><html><title>Log in</title></html>", "html_instead_of_zip"),
        (lambda feed: feed[: len(feed) // 2], "truncated_zip"),
        (lambda feed: b"not a feed at all", "not_a_zip"),
    ],
)
def test_bytes_that_are_no_feed_are_kept_with_the_reason(node, web, tmp_path, make, code):
    body = make(zipped(tmp_path))
    web.pages["/gtfs.zip"] = web.in_turn(web.answer(body, ETag='"bad"'), web.answer(zipped(tmp_path)))
    source = add_source(node, web.url("/gtfs.zip"))
    outcome = one(node)
    assert outcome.result is Collected.FAILED and outcome.version is None and outcome.reason
    (attempt,) = node.catalogue.list_fetch_attempts(source.id)
    assert (attempt.outcome, attempt.http_status, attempt.bytes) == (FetchOutcome.FAILED, 200, len(body))
    assert attempt.notice_code == code and attempt.ttfb_ms is not None
    assert node.archive.path(attempt.sha256).read_bytes() == body
    assert node.catalogue.list_feed_versions() == []
    # The bad answer's ETag is not what we ask with next, and a good answer mends all.
    assert one(node).result is Collected.NEW_VERSION
    assert "If-None-Match" not in web.asked[-1][1]


def test_a_body_cut_short_on_the_way_is_not_kept(node, web, tmp_path):
    feed = zipped(tmp_path)
    web.pages["/gtfs.zip"] = web.answer(feed[:1000], Content_Length=str(len(feed)))
    source = add_source(node, web.url("/gtfs.zip"))
    assert one(node).result is Collected.FAILED
    attempts = node.catalogue.list_fetch_attempts(source.id)
    assert [(a.outcome, a.notice_code) for a in attempts] == [(FetchOutcome.FAILED, "truncated_body")] * 2
    assert list(node.archive) == []


@pytest.mark.parametrize("place", [CredentialPlace.HEADER, CredentialPlace.QUERY])
def test_a_secret_reaches_the_server_and_nothing_else(node, web, tmp_path, place, caplog):
    def page(handler):
        shown = handler.headers.get("X-Key") == SECRET or f"X-Key={SECRET}" in handler.path
        # A server may say back what it was asked.
        (web.answer(zipped(tmp_path)) if shown else web.answer(status=403))(handler)

    web.pages["/gtfs.zip"] = page
    add_source(node, web.url("/gtfs.zip"), credential=Credential(place, "X-Key"), secret=SECRET)
    caplog.set_level("DEBUG")
    assert one(node).result is Collected.NEW_VERSION
    web.pages["/gtfs.zip"] = lambda handler: web.answer(status=302, Location=web.url(handler.path + "/again"))(handler)
    assert SECRET not in str(one(node))
    assert SECRET not in caplog.text
    for path, contents in everything_written(node.folder):
        assert SECRET.encode() not in contents, path


def test_private_addresses_are_refused_unless_allowed(tmp_path, web):
    web.pages["/gtfs.zip"] = web.answer(zipped(tmp_path))
    with init_node(tmp_path / "strict") as node:
        node.catalogue.add_city(City("tiny", "Tiny", "GH", "Africa/Accra"))
        source = add_source(node, web.url("/gtfs.zip"))
        outcome = one(node)
        assert outcome.result is Collected.FAILED and outcome.reason
        (attempt,) = node.catalogue.list_fetch_attempts(source.id)
        assert (attempt.outcome, attempt.http_status) == (FetchOutcome.FAILED, None)
        assert attempt.notice_code == "address_refused" and web.asked == []


def test_each_attempt_is_audited_and_retry_after_is_kept(node, web, tmp_path):
    web.pages["/gtfs.zip"] = web.in_turn(web.answer(status=503, Retry_After="1"), web.answer(zipped(tmp_path)))
    source = add_source(node, web.url("/gtfs.zip"))
    assert one(node).result is Collected.NEW_VERSION
    refused, fetched = node.catalogue.list_fetch_attempts(source.id)
    assert (refused.outcome, refused.http_status, refused.sha256) == (FetchOutcome.FAILED, 503, None)
    assert (fetched.outcome, fetched.http_status, fetched.notice_code) == (FetchOutcome.FETCHED, 200, None)
    assert (fetched.started_at - refused.started_at).total_seconds() >= 1


def test_an_older_file_than_the_one_held_is_noted(node, web, tmp_path):
    newer, older = "Fri, 01 Mar 2024 12:00:00 GMT", "Thu, 01 Feb 2024 12:00:00 GMT"
    feed = zipped(tmp_path)
    web.pages["/gtfs.zip"] = web.in_turn(web.answer(feed, Last_Modified=newer), web.answer(feed, Last_Modified=older))
    source = add_source(node, web.url("/gtfs.zip"))
    collect(node)
    assert one(node).result is Collected.UNCHANGED
    codes = [attempt.notice_code for attempt in node.catalogue.list_fetch_attempts(source.id)]
    assert codes == [None, "last_modified_went_back"]


def test_a_folder_is_a_source(node, tmp_path):
    folder = tmp_path / "feed"
    folder.mkdir()
    for name, text in tiny_feed().items():
        (folder / name).write_text(text)
    source = add_source(node, folder)
    first = one(node)
    assert first.result is Collected.NEW_VERSION
    assert one(node).result is Collected.UNCHANGED
    (folder / "stops.txt").write_text(tiny_feed()["stops.txt"].replace("Castle", "Palace"))
    assert one(node).result is Collected.NEW_VERSION
    shutil.rmtree(folder)
    gone = one(node)
    assert gone.result is Collected.FAILED and str(folder) in gone.reason
    last = node.catalogue.list_fetch_attempts(source.id)[-1]
    assert (last.outcome, last.sha256) == (FetchOutcome.FAILED, None) and last.notice_code


def test_a_feed_without_service_is_unusable_with_the_reason_among_its_notices(node, tmp_path):
    add_source(node, write_zip(tmp_path / "idle.zip", tiny_feed(calendar=WITHOUT_SERVICE)))
    outcome = one(node)
    assert (outcome.result, outcome.version.status) == (Collected.UNUSABLE, FeedVersionStatus.UNUSABLE)
    assert "no_usable_service" in {notice.code for notice in node.catalogue.list_notices(outcome.version.id)}
    assert node.catalogue.list_lake_files() == []
    assert one(node).result is Collected.UNUSABLE
    with pytest.raises(NotFound):
        compute(node, "tiny")


def test_one_failing_source_does_not_stop_the_others(node, tmp_path):
    add_source(node, tmp_path / "absent.zip")
    add_source(node, write_zip(tmp_path / "tiny.zip", tiny_feed()))
    assert [outcome.result for outcome in collect(node)] == [Collected.FAILED, Collected.NEW_VERSION]
    with pytest.raises(NotFound):
        collect(node, "nowhere")


def test_versions_left_unread_are_read_although_newer_ones_came(node, web, tmp_path):
    """Two runs that were killed after they had registered what came: both versions are read by the third."""
    feeds = [zipped(tmp_path, levels=f"level_id,level_index\n{number},0\n") for number in range(3)]
    web.pages["/gtfs.zip"] = web.in_turn(*map(web.answer, feeds))
    add_source(node, web.url("/gtfs.zip"))

    class Killed(BaseException):
        """Nothing catches it, as nothing catches SIGKILL."""

    def kill(_: Source, step: str) -> None:
        if step != "fetch":
            raise Killed

    for _ in range(2):
        with pytest.raises(Killed):
            collect(node, progress=kill)
    assert one(node).result is Collected.NEW_VERSION
    assert [version.status for version in node.catalogue.list_feed_versions()] == [FeedVersionStatus.READY] * 3


@pytest.mark.parametrize("publisher_is_there", [True, False])
def test_the_lake_can_be_deleted_and_comes_back_the_same(node, tmp_path, publisher_is_there):
    feed = tmp_path / "tiny.zip"
    source = add_source(node, write_zip(feed, tiny_feed()))
    collect(node)
    write_zip(feed, tiny_feed(stops=tiny_feed()["stops.txt"].replace("Castle", "Palace")))
    collect(node)
    lake, versions = lake_of(node), node.catalogue.list_feed_versions(source.id)
    observations = compute(node, "tiny").recorded
    shutil.rmtree(node.folder / "lake")
    if not publisher_is_there:
        feed.unlink()
    folder = node.folder
    node.close()
    with init_node(folder) as again:
        expected = Collected.UNCHANGED if publisher_is_there else Collected.FAILED
        assert one(again).result is expected
        assert lake_of(again) == lake and again.catalogue.list_feed_versions(source.id) == versions
        assert compute(again, "tiny").new == 0
        assert [*again.observations("tiny", history=True)] == sorted(
            observations, key=lambda r: (r.observation.indicator, r.observation.mode)
        )


def test_a_file_of_the_lake_that_was_cut_short_is_written_anew(node, tmp_path):
    add_source(node, write_zip(tmp_path / "tiny.zip", tiny_feed()))
    collect(node)
    lake = lake_of(node)
    (trips,) = (f for f in node.catalogue.list_lake_files() if f.table == "trips")
    path = node.lake.folder / trips.path
    for spoiled in (path.read_bytes()[:100], bytes(trips.bytes), path.read_bytes() + b"PAR1", b""):
        path.write_bytes(spoiled)
        with pytest.raises(NodeError, match="Collect again"):
            node.lake.paths(trips.feed_version_id)
        assert one(node).result is Collected.UNCHANGED
        assert lake_of(node) == lake


def test_a_disk_that_fills_up_is_told_of_its_source_and_ends_no_other(node, tmp_path, monkeypatch):
    for name in ("one.zip", "two.zip"):
        add_source(node, write_zip(tmp_path / name, tiny_feed()))
    places = iter([tmp_path / "absent" / "agency.parquet"])  # where DuckDB cannot write, once
    with monkeypatch.context() as patched:
        patched.setattr(collector, "literal", lambda path: literal(str(next(places, path))))
        failed, read = collect(node)
    assert failed.result is Collected.FAILED and "absent" in failed.reason and "TMPDIR" in failed.reason
    assert read.result is Collected.NEW_VERSION
    assert [outcome.result for outcome in collect(node)] == [Collected.NEW_VERSION, Collected.UNCHANGED]


def test_bytes_that_the_archive_lost_are_asked_for_again(node, web, tmp_path):
    full, empty = web.answer(zipped(tmp_path), ETag='"v1"'), web.answer(status=304)
    web.pages["/gtfs.zip"] = lambda handler: (empty if handler.headers["If-None-Match"] else full)(handler)
    add_source(node, web.url("/gtfs.zip"))
    collect(node)
    (sha256,) = node.archive
    kept = node.archive.path(sha256)
    for spoil in (kept.unlink, lambda: (kept.unlink(), kept.write_bytes(b"cut"))):
        spoil()
        assert one(node).result is Collected.UNCHANGED
        assert [*node.archive] == [sha256] and node.archive.is_sound(sha256)


def test_what_is_being_fetched_is_nobodys_leftover(node, web, tmp_path):
    """Another process opens the node, and cleans it, while bytes are on the way after a failed attempt."""
    feed = zipped(tmp_path)
    cleaned = []

    def slow(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(feed)))
        handler.end_headers()
        handler.wfile.write(feed[:1000])
        handler.wfile.flush()
        aside = node.folder / "archive" / "tmp"
        while all(path.is_dir() or path.name == ".gate" for path in aside.rglob("*")):
            time.sleep(0.01)
        cleaned.append(Archive(node.folder / "archive").remove_leftovers())
        handler.wfile.write(feed[1000:])

    web.pages["/gtfs.zip"] = web.in_turn(web.answer(status=503, Retry_After="0"), slow)
    add_source(node, web.url("/gtfs.zip"))
    assert one(node).result is Collected.NEW_VERSION
    assert cleaned == [0]


def test_reading_a_feed_twice_gives_the_same_bytes(node, tmp_path):
    """Two nodes' lakes of one feed are equal, file by file."""
    add_source(node, write_zip(tmp_path / "tiny.zip", tiny_feed()))
    collect(node)
    with init_node(tmp_path / "other") as other:
        other.catalogue.add_city(City("tiny", "Tiny", "GH", "Africa/Accra"))
        add_source(other, tmp_path / "tiny.zip")
        collect(other)
        assert lake_of(other) == lake_of(node) != {}


def test_running_twice_adds_nothing(node, tmp_path):
    add_source(node, write_zip(tmp_path / "tiny.zip", tiny_feed()))
    collect(node)
    first = compute(node, "tiny")
    lake, observations = lake_of(node), [*node.observations(history=True)]
    assert first.new == len(first.recorded) == len(observations)
    assert one(node).result is Collected.UNCHANGED
    assert compute(node, "tiny").new == 0
    assert (lake_of(node), [*node.observations(history=True)]) == (lake, observations)
