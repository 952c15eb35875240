"""Sources and the attempts to fetch them, in the catalogue."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sqlalchemy import Column, ColumnElement, Date, RowMapping, case, cast, delete, func, insert, select, update

from interurban.collect.local import local_path
from interurban.errors import AlreadyExists, NotFound, UsageError
from interurban.locales import message
from interurban.model.feed_version import FeedVersionStatus
from interurban.model.source import Credential, CredentialPlace, FetchAttempt, FetchDay, FetchOutcome, Source, Validators
from interurban.store import schema
from interurban.store.database import Database
from interurban.store.follow import following_feeds
from interurban.store.secrets import Secrets

_SECRET_NAMES = re.compile(
    r"(?i).*(api[-_]?key|app[-_]?(id|key)|access[-_]?key|subscription[-_]?key|token|secret|passw(or)?d|signature).*|key|pwd|auth",
)
_PLAIN = [column for column in schema.source.columns if column.name != "secret_encrypted"]


class Sources:
    """Sources, their secrets and their audit; part of the catalogue."""

    database: Database
    secrets: Secrets
    clock: Callable[[], dt.datetime]

    def add_source(self, source: Source, secret: str | None = None) -> Source:
        """Add a source and give it its id; adding the same one again changes nothing but the secret, and takes back its removal.

        A path is kept as an absolute one. The secret is encrypted before it reaches the database.

        Raises:
            UsageError: the location is not http(s) or holds a credential, or one of credential and secret lacks the
                other.
            NotFound: there is no such city.
            AlreadyExists: the city has this location already with other fields; `fields` has `source_id`.
        """
        source = dataclasses.replace(source, location=checked_location(source))
        if (source.credential is None) != (secret is None):
            raise UsageError(message("store.credential_without_secret"))
        encrypted = None if secret is None else self.secrets.encrypt(secret)
        row = _source_row(source)
        t = schema.source
        same = (t.c.city_id == source.city_id) & (t.c.kind == source.kind) & (t.c.location == source.location)
        with self.database.writing() as connection:
            if connection.execute(select(schema.city.c.id).where(schema.city.c.id == source.city_id)).first() is None:
                raise NotFound(message("store.no_city", city=source.city_id), city=source.city_id)
            there = connection.execute(select(*_PLAIN).where(same)).mappings().first()
            if there is None:
                added = connection.execute(insert(t).returning(t.c.id), row | {"secret_encrypted": encrypted})
                return dataclasses.replace(source, id=added.scalar_one())
            if {**there} != row | {"id": there["id"]}:
                raise AlreadyExists(message("store.source_exists", source=str(there["id"])), source_id=there["id"])
            connection.execute(delete(schema.fetch_attempt).where(_is_removal(), schema.fetch_attempt.c.source_id == there["id"]))
            if encrypted is not None:
                connection.execute(update(t).where(t.c.id == there["id"]).values(secret_encrypted=encrypted))
            return _source(there)

    def remove_source(self, source_id: int) -> bool:
        """Take a source out of what is collected and computed; whether it is gone altogether.

        A source of which nothing was ever kept goes with its audit. One that has feed versions or service days stays by its
        id, so that old observations can be walked back to its bytes; `list_sources` leaves it out, and its secret is forgotten.

        Raises:
            NotFound: there is no such source, or it has been removed already.
        """
        t = schema.source
        with self.database.writing() as connection:
            if connection.execute(select(t.c.id).where(t.c.id == source_id, _is_followed())).first() is None:
                raise NotFound(message("store.no_source", source=str(source_id)), source_id=source_id)
            if not any(connection.execute(select(c).where(c == source_id).limit(1)).first() for c in _references()):
                connection.execute(delete(schema.fetch_attempt).where(schema.fetch_attempt.c.source_id == source_id))
                connection.execute(delete(t).where(t.c.id == source_id))
                return True
            connection.execute(update(t).where(t.c.id == source_id).values(secret_encrypted=None))
            removal = FetchAttempt(source_id, self.clock(), FetchOutcome.REMOVED)
            connection.execute(insert(schema.fetch_attempt), _attempt_row(removal))
        return False

    def find_source(self, source_id: int) -> Source | None:
        """The source of this id, or None."""
        row = self.database.first(select(*_PLAIN).where(schema.source.c.id == source_id))
        return _source(row._mapping) if row else None

    def get_source(self, source_id: int) -> Source:
        """The source of this id; NotFound when there is none."""
        source = self.find_source(source_id)
        if source is None:
            raise NotFound(message("store.no_source", source=str(source_id)), source_id=source_id)
        return source

    def list_sources(self, city_id: str | None = None, kind: str | None = None, *, with_removed: bool = False) -> list[Source]:
        """Sources by id, without removed ones: of one city and of one kind, where these are given."""
        query = select(*_PLAIN).order_by(schema.source.c.id)
        if not with_removed:
            query = query.where(_is_followed())
        if city_id is not None:
            query = query.where(schema.source.c.city_id == city_id)
        if kind is not None:
            query = query.where(schema.source.c.kind == kind)
        return [_source(row._mapping) for row in self.database.rows(query)]

    def find_secret(self, source_id: int) -> str | None:
        """The secret of the source's credential, or None when it has no credential; NodeError without the key."""
        row = self.database.first(select(schema.source.c.secret_encrypted).where(schema.source.c.id == source_id))
        return self.secrets.decrypt(row[0]) if row and row[0] is not None else None

    def add_fetch_attempt(self, attempt: FetchAttempt) -> FetchAttempt:
        """Add an attempt to the audit and give it its id."""
        with self.database.writing() as connection, following_feeds(connection, self.clock):
            added = connection.execute(insert(schema.fetch_attempt).returning(schema.fetch_attempt.c.id), _attempt_row(attempt))
            return dataclasses.replace(attempt, id=added.scalar_one())

    def list_fetch_attempts(self, source_id: int) -> list[FetchAttempt]:
        """Every attempt on a source, oldest first."""
        t = schema.fetch_attempt
        rows = self.database.rows(select(t).where(t.c.source_id == source_id).order_by(t.c.started_at, t.c.id))
        return [FetchAttempt(**{**row._mapping, "outcome": FetchOutcome(row.outcome)}) for row in rows]

    def list_fetch_days(self, source_id: int) -> list[FetchDay]:
        """The attempts on a source summed by UTC day, oldest first."""
        t = schema.fetch_attempt
        day = func.date(t.c.started_at) if self.database.is_sqlite else cast(func.timezone("UTC", t.c.started_at), Date)
        failed = func.sum(case((t.c.outcome == FetchOutcome.FAILED.value, 1), else_=0))
        tried = (t.c.source_id == source_id) & (t.c.outcome != FetchOutcome.REMOVED.value)
        columns = (day.label("day"), func.count().label("attempts"), failed.label("failed"), func.avg(t.c.ttfb_ms).label("mean"))
        query = select(*columns).where(tried).group_by(day).order_by(day)
        return [
            FetchDay(dt.date.fromisoformat(str(row.day)), row.attempts, int(row.failed), None if row.mean is None else float(row.mean))
            for row in self.database.rows(query)
        ]

    def find_validators(self, source_id: int) -> Validators | None:
        """What to send with the next request so that unchanged bytes are not sent again; None: ask for everything.

        Only an answer whose feed version has been read to the end counts: after a run that was cut short, "not
        modified" would mean that nobody ever reads those bytes.
        """
        t, snapshot, version = schema.fetch_attempt, schema.snapshot, schema.feed_version
        last = self.database.first(
            select(t.c.etag, t.c.last_modified, version.c.status)
            .outerjoin(snapshot, (snapshot.c.source_id == t.c.source_id) & (snapshot.c.sha256 == t.c.sha256))
            .outerjoin(
                version,
                (version.c.source_id == snapshot.c.source_id) & (version.c.content_hash == snapshot.c.content_hash),
            )
            .where((t.c.source_id == source_id) & (t.c.outcome == FetchOutcome.FETCHED.value))
            .order_by(t.c.started_at.desc(), t.c.id.desc()),
        )
        if last is None or last.status in (None, FeedVersionStatus.PENDING.value):
            return None
        return Validators(last.etag, last.last_modified)


def _is_removal() -> ColumnElement[bool]:
    return schema.fetch_attempt.c.outcome == FetchOutcome.REMOVED.value


def _is_followed() -> ColumnElement[bool]:
    return schema.source.c.id.not_in(select(schema.fetch_attempt.c.source_id).where(_is_removal()))


def _references() -> list[Column[Any]]:
    """Every column that names a source, apart from the audit of its fetches."""
    tables = [table for table in schema.metadata.sorted_tables if table is not schema.fetch_attempt]
    keys = [column for table in tables for column in table.columns if column.references(schema.source.c.id)]
    return [*keys, schema.source.c.schedule_source_id]


def _attempt_row(attempt: FetchAttempt) -> dict[str, object]:
    row = {c.name: getattr(attempt, c.name) for c in schema.fetch_attempt.columns if c.name != "id"}
    return row | {"outcome": attempt.outcome.value}


def checked_location(source: Source) -> str:
    """The location as it may be kept: an http(s) URL without a credential, or an absolute path.

    Raises:
        UsageError: another scheme, or a credential in the URL (the text does not repeat it).
    """
    if "://" not in source.location:
        return str(local_path(source.location))
    url = urlsplit(source.location)
    if url.scheme.lower() not in ("http", "https") or not url.hostname:
        raise UsageError(message("store.unknown_scheme", scheme=url.scheme), field="location", allowed="http, https")
    names = [name for name, _ in parse_qsl(url.query, keep_blank_values=True)]
    own = source.credential.name.lower() if source.credential else None
    if url.username is not None or any(name.lower() == own or _SECRET_NAMES.fullmatch(name) for name in names):
        raise UsageError(message("store.credential_in_location"), field="location")
    return source.location


def _source(row: RowMapping) -> Source:
    values = {**row}
    place, name = values.pop("credential_place"), values.pop("credential_name")
    return Source(**values, credential=Credential(CredentialPlace(place), name) if place else None)


def _source_row(source: Source) -> dict[str, object]:
    return {
        "city_id": source.city_id,
        "kind": source.kind,
        "location": source.location,
        "licence": source.licence,
        "attribution": source.attribution,
        "credential_place": source.credential.place.value if source.credential else None,
        "credential_name": source.credential.name if source.credential else None,
        "schedule_source_id": source.schedule_source_id,
        "poll_every_s": source.poll_every_s,
    }
