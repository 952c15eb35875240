"""Tables of the catalogue, the same on SQLite and PostgreSQL.

A change here goes with a migration in `migrations/versions/` and the new `REVISION`; a test holds the two equal.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from interurban.store.desk_tables import (
    account,
    account_city,
    api_token,
    identity,
    open_place,
    place_match,
    sign_in_attempt,
    submission,
    submission_event,
)
from interurban.store.harvest_tables import harvest
from interurban.store.schema_base import Instant, metadata
from interurban.store.statistics_tables import answer, observation, preference, series

__all__ = [
    "REVISION", "Instant", "account", "account_city", "answer", "api_token", "bundle", "city", "coverage", "day_file",
    "day_partition", "feed_version", "fetch_attempt", "harvest", "identity", "lake_file", "metadata", "notice", "observation", "open_place",
    "place_match", "preference", "series", "sign_in_attempt", "snapshot", "source", "submission", "submission_event",
]

REVISION = "v0004"  # the newest migration; kept here so that an up-to-date node opens without loading Alembic

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
    Column("lat", Double),
    Column("lon", Double),
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
