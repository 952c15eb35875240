from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from collecting import NEWPORT
from sqlalchemy import text

from interurban.errors import AlreadyExists, NotFound, UsageError
from interurban.model import Credential, CredentialPlace, FetchAttempt, FetchDay, FetchOutcome, Source, Validators
from interurban.store.catalogue import Reading
from interurban.store.node import Node
from interurban.store.sources import checked_location

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
KEY = Credential(CredentialPlace.QUERY, "k")
KEYED = Source("newport", "gtfs", "https://example.org/feed.zip?lang=en", credential=KEY)


def test_a_source_comes_back_and_is_added_once(node: Node, newport: Source):
    assert newport.id > 0
    assert node.catalogue.add_source(dataclasses.replace(newport, id=0)) == newport
    assert node.catalogue.get_source(newport.id) == newport
    assert node.catalogue.list_sources("newport", "gtfs") == [newport]
    assert node.catalogue.list_sources("cardiff") == node.catalogue.list_sources(kind="gbfs") == []
    with pytest.raises(AlreadyExists) as caught:
        node.catalogue.add_source(dataclasses.replace(newport, id=0, licence="CC0-1.0"))
    assert caught.value.fields["source_id"] == newport.id
    with pytest.raises(NotFound):
        node.catalogue.get_source(newport.id + 1)
    with pytest.raises(NotFound):
        node.catalogue.add_source(Source("atlantis", "gtfs", "https://example.org/a.zip"))


def test_a_path_is_kept_as_an_absolute_one(node: Node, tmp_path, monkeypatch):
    node.catalogue.add_city(NEWPORT)
    monkeypatch.chdir(tmp_path)
    assert node.catalogue.add_source(Source("newport", "gtfs", "feed.zip")).location == str(tmp_path / "feed.zip")


def test_a_secret_is_nowhere_in_clear(node: Node):
    node.catalogue.add_city(NEWPORT)
    source = node.catalogue.add_source(KEYED, "hush-hush")
    assert node.catalogue.find_secret(source.id) == "hush-hush"
    assert "hush" not in repr(node.catalogue.get_source(source.id))
    with node.catalogue.database.reading() as connection:
        row = connection.execute(text("SELECT * FROM source")).one()
        assert not any(b"hush" in bytes(value) if isinstance(value, bytes) else "hush" in str(value) for value in row)
    node.catalogue.close()
    files = [path for path in node.folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"hush-hush" in path.read_bytes()]


def test_a_secret_given_again_replaces_the_old_one(node: Node):
    node.catalogue.add_city(NEWPORT)
    source = node.catalogue.add_source(KEYED, "old")
    assert node.catalogue.add_source(KEYED, "new") == source
    assert node.catalogue.find_secret(source.id) == "new"


def test_a_source_without_credential_has_no_secret(node: Node, newport: Source):
    assert node.catalogue.find_secret(newport.id) is None


@pytest.mark.parametrize("location", [
    "https://user:pass@example.org/a.zip", "https://user@example.org/a.zip", "https://example.org/a.zip?api_key=s3cret",
    "https://example.org/a.zip?apiKey=s3cret", "https://example.org/a.zip?access_token=s3cret&x=1",
    "https://example.org/a.zip?k=s3cret", "https://example.org/a.zip?Ocp-Apim-Subscription-Key=s3cret",
    "ftp://example.org/a.zip", "file:///etc/passwd", "https:///a.zip",
])
def test_a_location_with_a_credential_or_another_scheme_is_refused(location: str):
    with pytest.raises(UsageError) as caught:
        checked_location(dataclasses.replace(KEYED, location=location))
    assert "s3cret" not in str(caught.value) + str(caught.value.fields)
    assert "pass" not in str(caught.value.fields)


def test_credential_and_secret_come_together(node: Node):
    node.catalogue.add_city(NEWPORT)
    with pytest.raises(UsageError):
        node.catalogue.add_source(KEYED)
    with pytest.raises(UsageError):
        node.catalogue.add_source(dataclasses.replace(KEYED, credential=None), "secret")
    with pytest.raises(UsageError):
        node.catalogue.add_source(dataclasses.replace(KEYED, location="https://example.org/?k=secret"), "secret")
    assert node.catalogue.list_sources() == []


def test_every_attempt_is_kept(node: Node, newport: Source):
    failed = FetchAttempt(newport.id, NOON, FetchOutcome.FAILED, http_status=503, notice_code="server_error")
    taken = FetchAttempt(
        newport.id, NOON + dt.timedelta(seconds=2), FetchOutcome.FETCHED, http_status=200, ttfb_ms=120, bytes=5 << 30,
        sha256="a" * 64, etag='"1"', last_modified="Sun, 01 Mar 2026 11:00:00 GMT",
    )
    kept = [node.catalogue.add_fetch_attempt(attempt) for attempt in (taken, failed, failed)]
    assert len({attempt.id for attempt in kept}) == 3
    assert node.catalogue.list_fetch_attempts(newport.id) == [kept[1], kept[2], kept[0]]


def test_nothing_is_asked_conditionally_before_a_version_was_read(node: Node, newport: Source, make_snapshot):
    find = node.catalogue.find_validators
    assert find(newport.id) is None
    node.catalogue.add_fetch_attempt(FetchAttempt(newport.id, NOON, FetchOutcome.FETCHED, sha256="a" * 64, etag='"1"'))
    assert find(newport.id) is None  # the bytes were never registered
    _, version = node.catalogue.add_snapshot(make_snapshot("a"))
    assert find(newport.id) is None  # registered, not read
    node.catalogue.record_reading(version.id, Reading())
    assert find(newport.id) == Validators('"1"', None)
    later = NOON + dt.timedelta(days=1)
    node.catalogue.add_fetch_attempt(FetchAttempt(newport.id, later, FetchOutcome.NOT_MODIFIED, http_status=304))
    assert find(newport.id) == Validators('"1"', None)
    node.catalogue.add_fetch_attempt(FetchAttempt(newport.id, later, FetchOutcome.FETCHED, sha256="b" * 64, etag='"2"'))
    assert find(newport.id) is None


def test_attempts_are_summed_by_utc_day(node: Node, newport: Source):
    """Two attempts before midnight UTC, of which one failed, and one after; removal is none."""
    for hour, outcome, ttfb_ms in ((22, "fetched", 100), (23, "failed", None), (24, "not_modified", 300), (25, "removed", None)):
        moment = dt.datetime(2026, 3, 1, tzinfo=dt.UTC) + dt.timedelta(hours=hour)
        node.catalogue.add_fetch_attempt(FetchAttempt(newport.id, moment, FetchOutcome(outcome), ttfb_ms=ttfb_ms))
    assert node.catalogue.list_fetch_days(newport.id) == [
        FetchDay(dt.date(2026, 3, 1), 2, 1, 100.0), FetchDay(dt.date(2026, 3, 2), 1, 0, 300.0),
    ]
    assert node.catalogue.list_fetch_days(newport.id + 1) == []
