"""Tables of the catalogue, the same on SQLite and PostgreSQL.

A change here goes with a migration in `migrations/versions/` and the new `REVISION`; a test holds the two equal.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

REVISION = "v0002"  # the newest migration; kept here so that an up-to-date node opens without loading Alembic

metadata = MetaData(naming_convention={
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
})


class Instant(TypeDecorator[dt.datetime]):
    """A moment in UTC. SQLite forgets time zones, so it is converted on the way in and marked on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """To UTC; ValueError for a moment without a time zone, which is no moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """From what the database keeps, always with the zone UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


city = Table(
    "city", metadata,
    Column("id", String(64), primary_key=True),
    Column("name_en", Text, nullable=False),
    Column("name_ru", Text),
    Column("name_zh", Text),
    Column("country", String(2), nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("wikidata", String(16)),
    Column("unlocode", String(5)),
    Column("boundary", Text),
)

city_figure = Table(
    "city_figure", metadata,
    Column("city_id", ForeignKey("city.id"), primary_key=True),
    Column("figure", String(16), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("source", String(500), primary_key=True),
    Column("value", Double, nullable=False),
)

source = Table(
    "source", metadata,
    Column("id", Integer, primary_key=True),
    Column("city_id", ForeignKey("city.id"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("location", Text, nullable=False),
    Column("licence", Text),
    Column("attribution", Text),
    Column("credential_place", String(8)),
    Column("credential_name", String(200)),
    Column("secret_encrypted", LargeBinary),
    Column("schedule_source_id", Integer),  # of a realtime source; checked when it is added
    Column("poll_every_s", Double),
    UniqueConstraint("city_id", "kind", "location"),
    sqlite_autoincrement=True,
)

fetch_attempt = Table(
    "fetch_attempt", metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("http_status", Integer),
    Column("ttfb_ms", Integer),
    Column("bytes", BigInteger),
    Column("sha256", String(64)),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("notice_code", String(100)),
    Index(None, "source_id", "started_at"),
)
snapshot = Table(
    "snapshot", metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("fetched_at", Instant, nullable=False),
    UniqueConstraint("source_id", "sha256"),
    sqlite_autoincrement=True,
)

feed_version = Table(
    "feed_version", metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("snapshot_id", ForeignKey("snapshot.id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("status", String(16), nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("counts", JSON, nullable=False),
    UniqueConstraint("source_id", "content_hash"),
    sqlite_autoincrement=True,  # the keys of a version's tables are made from its id, so no id is given twice
)

notice = Table(
    "notice", metadata,
    Column("feed_version_id", ForeignKey("feed_version.id"), primary_key=True),
    Column("position", Integer, primary_key=True),  # the order in which the reader gave them
    Column("code", String(100), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("file", Text),
    Column("field", Text),
    Column("count", BigInteger, nullable=False),
    Column("allowed", Text),
    Column("samples", JSON, nullable=False),
    Column("origin", String(32), nullable=False),
)

lake_file = Table(
    "lake_file", metadata,
    Column("feed_version_id", ForeignKey("feed_version.id"), primary_key=True),
    Column("table", String(64), primary_key=True),
    Column("path", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

observation = Table(
    "observation", metadata,
    Column("id", String(48), primary_key=True),
    Column("identity", String(32), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("city_id", ForeignKey("city.id"), nullable=False),
    Column("indicator", String(100), nullable=False),
    Column("definition_version", Integer, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("period_start", Date),
    Column("period_end", Date),
    Column("reference_date", Date),
    Column("value", Double),
    Column("unit", String(100), nullable=False),
    Column("n", BigInteger),
    Column("coverage", Double),
    Column("status", String(2), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("feed_version_ids", JSON, nullable=False),
    Column("code_version", String(64), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    UniqueConstraint("identity", "revision"),
    Index(None, "city_id", "indicator"),
)

day_partition = Table(
    "day_partition", metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("service_date", Date, nullable=False),
    Column("layer", String(16), nullable=False),
    Column("inputs_hash", String(64)),
    Column("method_version", Integer),
    Column("counts", JSON, nullable=False),
    Column("written_at", Instant, nullable=False),
    UniqueConstraint("source_id", "service_date", "layer"),
)

day_file = Table(
    "day_file", metadata,
    Column("partition_id", ForeignKey("day_partition.id"), primary_key=True),
    Column("path", String(200), primary_key=True),
    Column("table", String(64), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

bundle = Table(
    "bundle", metadata,
    Column("source_id", ForeignKey("source.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("form", String(16), nullable=False),
    Column("landed", BigInteger, nullable=False),
    Column("sha256", String(64)),
    Column("bytes", BigInteger),
)

coverage = Table(
    "coverage", metadata,
    Column("source_id", ForeignKey("source.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("minutes", String(1440), nullable=False),
)
