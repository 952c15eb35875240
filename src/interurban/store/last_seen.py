"""The order in which feed versions were last seen at their publishers: which of two is the newer one."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, Select, func, select

from interurban.store import schema


def versions_by_last_seen(as_of: dt.datetime | None = None) -> Select[tuple[object, ...]]:
    """Feed versions with the moments when they were first and last seen, in the order of the last; as it was at a moment, or is now."""
    version, snapshot, attempt = schema.feed_version, schema.snapshot, schema.fetch_attempt
    came = (attempt.c.source_id == snapshot.c.source_id) & (attempt.c.sha256 == snapshot.c.sha256)
    last_seen_at = func.max(func.coalesce(attempt.c.started_at, snapshot.c.fetched_at), type_=schema.Instant())
    if as_of is not None:
        came &= attempt.c.started_at <= as_of
    seen = (
        select(snapshot.c.source_id, snapshot.c.content_hash, last_seen_at.label("last_seen_at"))
        .outerjoin(attempt, came)
        .group_by(snapshot.c.source_id, snapshot.c.content_hash)
        .subquery()
    )
    return (
        select(*version.columns, snapshot.c.fetched_at.label("first_fetched_at"), seen.c.last_seen_at)
        .join(snapshot, snapshot.c.id == version.c.snapshot_id)
        .join(seen, (seen.c.source_id == version.c.source_id) & (seen.c.content_hash == version.c.content_hash))
        .order_by(seen.c.last_seen_at, version.c.id)
    )


def feed_places(connection: Connection, as_of: dt.datetime | None = None) -> dict[int, int]:
    """Feed version -> its place in that order."""
    return {row.id: place for place, row in enumerate(connection.execute(versions_by_last_seen(as_of)))}
