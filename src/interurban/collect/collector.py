"""Collecting: a source's bytes go to the archive, its tables to the lake, what happened to the catalogue.

Each step may be the last one that a killed process made: the archive and the lake show nothing half-written, a feed
version stays "pending" until its tables are registered, and the next run goes on from there. The lake can be deleted:
the next run reads archived versions again, to the same bytes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING

from interurban.collect.credentials import Credential
from interurban.collect.fetch import FetchPolicy, FetchRequest, FetchResult, fetch
from interurban.collect.gtfs.columns import literal, quoted
from interurban.collect.identity import content_identity
from interurban.collect.local import copy_local
from interurban.collect.zip_safety import ZipLimits
from interurban.errors import InterurbanError, NotFound, UnreadableFeed
from interurban.locales import message
from interurban.model.feed_version import FeedVersion, FeedVersionStatus
from interurban.model.snapshot import Snapshot
from interurban.model.source import FetchAttempt, FetchOutcome, Source, Validators
from interurban.store.feed_versions import Reading
from interurban.store.machine_faults import disk_faults_named, duck_faults_named

if TYPE_CHECKING:
    from interurban.collect.gtfs.feed import Feed
    from interurban.store.node import Node
    from interurban.store.settings import Settings

Progress = Callable[[Source, str], None]


class Collected(StrEnum):
    """What collecting a source came to."""

    NEW_VERSION = "new_version"
    UNCHANGED = "unchanged"
    UNUSABLE = "unusable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CollectOutcome:
    """How one source went. `version` is the feed version its bytes are (None: none); `reason` says what failed."""

    source: Source
    result: Collected
    version: FeedVersion | None = None
    reason: str | None = None


def collect(
    node: Node, city_id: str | None = None, source_id: int | None = None, progress: Progress | None = None
) -> list[CollectOutcome]:
    """Fetch every source of a city (or of the node), archive what came, and read new feed versions into the lake.

    Versions of earlier runs that were cut short, and versions whose files the lake has lost, are read too. One source's
    failure does not stop the others. Running again changes nothing while the publishers' content stays the same.

    Raises:
        NotFound: there is no such city or source, or none to collect.
    """
    sources = _sources(node, city_id, source_id)
    outcomes = []
    for source in sources:
        with node.source_lock(source.id):
            try:
                with duck_faults_named(), disk_faults_named(node.folder, gettempdir()):
                    outcomes.append(_collect_source(node, source, progress or (lambda *_: None)))
            except InterurbanError as error:
                outcomes.append(CollectOutcome(source, Collected.FAILED, reason=error.message))
    return outcomes


def _sources(node: Node, city_id: str | None, source_id: int | None) -> Sequence[Source]:
    if source_id is not None:
        return [node.catalogue.get_source(source_id)]
    if city_id is not None:
        node.catalogue.get_city(city_id)
    sources = node.catalogue.list_sources(city_id, "gtfs")
    if not sources:
        raise NotFound(message("collect.no_sources"), city=city_id)
    return sources


def _collect_source(node: Node, source: Source, progress: Progress) -> CollectOutcome:
    attempt, version, reason = _take_in(node, source, progress)
    versions = node.catalogue.list_feed_versions(source.id)
    new = [_read(node, source, each, progress).id for each in versions if each.status is FeedVersionStatus.PENDING]
    for each in versions:
        if each.status is FeedVersionStatus.READY and node.lake.has_lost_files(each.id):
            _read(node, source, each, progress)
    if attempt.outcome is FetchOutcome.FAILED:
        return CollectOutcome(source, Collected.FAILED, version, reason)
    version = node.catalogue.get_feed_version((version or versions[-1]).id)
    if version.status is FeedVersionStatus.UNUSABLE:
        return CollectOutcome(source, Collected.UNUSABLE, version, reason)
    return CollectOutcome(source, Collected.NEW_VERSION if version.id in new else Collected.UNCHANGED, version)


def _take_in(node: Node, source: Source, progress: Progress) -> tuple[FetchAttempt, FeedVersion | None, str | None]:
    """Fetch, archive and register; the audited attempt, the feed version its bytes are, and what was wrong."""
    with node.archive.aside() as target:
        progress(source, "fetch")
        is_url = source.location.startswith(("http://", "https://"))
        attempt, reason = _fetch_url(node, source, target) if is_url else _copy_path(node, source, target)
        version = None
        if attempt.outcome is FetchOutcome.FETCHED:
            sha256 = node.archive.put(target)
            attempt, version, reason = _register(node, source, attempt, sha256)
        return node.catalogue.add_fetch_attempt(attempt), version, reason


def _read(node: Node, source: Source, version: FeedVersion, progress: Progress) -> FeedVersion:
    return read_version(node, version, lambda step: progress(source, step))


def _fetch_url(node: Node, source: Source, target: Path) -> tuple[FetchAttempt, str | None]:
    """Fetch over HTTP, writing every attempt but the last to the audit; the last is completed by the caller."""
    validators = _validators(node, source)
    request = FetchRequest(source.location, source_credential(node, source), validators.etag, validators.last_modified)
    result = fetch(request, target, policy=fetch_policy(node.settings))
    audit = [_audited(source, result, number) for number in range(len(result.attempts))]
    for attempt in audit[:-1]:
        node.catalogue.add_fetch_attempt(attempt)
    last = result.attempts[-1]
    return audit[-1], message(last.message_key, None, **last.fields) if last.message_key else None


def source_credential(node: Node, source: Source) -> Credential | None:
    """The secret that the source's publisher wants, and where it goes; None when it wants none."""
    secret = node.catalogue.find_secret(source.id)
    if source.credential is None or secret is None:
        return None
    return Credential(source.credential.place.value, source.credential.name, secret)


def _validators(node: Node, source: Source) -> Validators:
    """What to ask a conditional request with; nothing where the archive has lost bytes, or some of them, that may come again."""
    is_whole = all(node.archive.size_of(each.sha256) == each.bytes for each in node.catalogue.list_snapshots(source.id))
    found = node.catalogue.find_validators(source.id) if is_whole else None
    return found or Validators()


def fetch_policy(s: Settings) -> FetchPolicy:
    """Limits of a fetch by a node's settings."""
    return FetchPolicy(
        max_bytes=s.max_download_bytes, total_limit_s=s.fetch_limit_s, read_limit_s=s.read_limit_s, retries=s.retries,
        max_redirects=s.max_redirects, allowed_networks=s.allowed_networks(),
    )


def _limits(node: Node) -> ZipLimits:
    s = node.settings
    return ZipLimits(max_total_bytes=s.max_unzipped_bytes, max_ratio=s.max_zip_ratio, max_members=s.max_zip_members)


def _audited(source: Source, result: FetchResult, number: int) -> FetchAttempt:
    attempt = result.attempts[number]
    tried = FetchAttempt(
        source.id, attempt.started_at, FetchOutcome.FAILED, attempt.status, attempt.ttfb_ms, attempt.bytes,
        notice_code=attempt.code,
    )
    if number < len(result.attempts) - 1:
        return tried
    return dataclasses.replace(
        tried, outcome=FetchOutcome(result.outcome.value), sha256=result.sha256, etag=result.etag,
        last_modified=result.last_modified, notice_code=next((n.code for n in result.notices), attempt.code),
    )


def _copy_path(node: Node, source: Source, target: Path) -> tuple[FetchAttempt, str | None]:
    started_at = node.catalogue.clock()
    try:
        copied = copy_local(Path(source.location), target)
    except InterurbanError as error:
        code = str(error.fields.get("code") or "file_not_readable")
        return FetchAttempt(source.id, started_at, FetchOutcome.FAILED, notice_code=code), error.message
    return FetchAttempt(source.id, started_at, FetchOutcome.FETCHED, bytes=copied.bytes, sha256=copied.sha256), None


def _register(
    node: Node, source: Source, attempt: FetchAttempt, sha256: str
) -> tuple[FetchAttempt, FeedVersion | None, str | None]:
    """Name archived bytes as a snapshot and feed version; bytes that are no feed stay there with the reason."""
    path = node.archive.path(sha256)
    try:
        content_hash, _ = content_identity(path, _limits(node))
    except UnreadableFeed as error:
        code = str(error.fields.get("code"))
        return dataclasses.replace(attempt, outcome=FetchOutcome.FAILED, notice_code=code), None, error.message
    snapshot = Snapshot(source.id, sha256, content_hash, path.stat().st_size, attempt.started_at)
    _, version = node.catalogue.add_snapshot(snapshot)
    return attempt, version, None


def read_version(node: Node, version: FeedVersion, progress: Callable[[str], None] | None = None) -> FeedVersion:
    """Read an archived feed version into the lake and record its validity and notices."""
    from interurban.collect.gtfs.canonical import start_canonical
    from interurban.collect.gtfs.feed import read_gtfs
    from interurban.store.engine import DuckEngine, warm_up

    progress = progress or (lambda _: None)
    path = node.archive.path(node.catalogue.get_snapshot(version.snapshot_id).sha256)
    reference_date = version.first_fetched_at.date()
    warm_up()
    canonical = start_canonical(path, reference_date)
    with read_gtfs(path, feed_number=version.id, limits=_limits(node), progress=progress) as feed:
        from interurban.collect.gtfs.reading import feed_reading  # imports Ibis, which `warm_up` has been loading meanwhile

        progress("checks")
        found = feed_reading(feed, DuckEngine(feed.con), reference_date, canonical)
        reading = Reading(found.is_usable, found.valid_from, found.valid_to, feed.rows_in, found.notices)
        if not found.is_usable:
            return node.catalogue.record_reading(version.id, reading)
        progress("lake")
        return _write_lake(node, version, feed, reading)


def _write_lake(node: Node, version: FeedVersion, feed: Feed, reading: Reading) -> FeedVersion:
    def writer(table: str) -> Callable[[Path], object]:
        return lambda path: feed.con.execute(
            f"COPY {quoted(table)} TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)"
        )

    return node.lake.write_partition(version.id, {name: writer(name) for name in feed.table_names}, reading)


__all__ = ["CollectOutcome", "Collected", "collect", "read_version", "source_credential"]
