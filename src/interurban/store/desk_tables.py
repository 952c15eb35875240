"""Tables of who may do what, of what cities hand in, and of which places of other tables are which cities."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from interurban.store.schema_base import Instant, metadata

account = Table(
    "account", metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("role", String(16), nullable=False),
    Column("city_id", ForeignKey("city.id")),
    Column("language", String(2), nullable=False),
    Column("password_hash", Text),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    UniqueConstraint("name"),
    sqlite_autoincrement=True,
)

api_token = Table(
    "api_token", metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    UniqueConstraint("token_hash"),
    sqlite_autoincrement=True,
)

submission = Table(
    "submission", metadata,
    Column("id", Integer, primary_key=True),
    Column("city_id", ForeignKey("city.id"), nullable=False),
    Column("account_id", ForeignKey("account.id")),
    Column("state", String(16), nullable=False),
    Column("form", String(16), nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("source", Text),
    Column("received_at", Instant, nullable=False),
    Index(None, "city_id", "state"),
    sqlite_autoincrement=True,
)

submission_event = Table(
    "submission_event", metadata,
    Column("submission_id", ForeignKey("submission.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("state", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("account_id", ForeignKey("account.id")),
    Column("comment", Text),
    Column("details", JSON, nullable=False),
)

place_match = Table(
    "place_match", metadata,
    Column("importer", String(64), primary_key=True),
    Column("place", String(300), primary_key=True),
    Column("city_id", ForeignKey("city.id")),  # None: it is none of the node's cities
    Column("decided_at", Instant, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("reason", Text),
)
