"""Tables of who may do what, of what cities hand in, and of which places of other tables are which cities."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from interurban.store.schema_base import Instant, metadata

account = Table(
    "account", metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text),
    Column("epoch", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
    UniqueConstraint("name"),
    sqlite_autoincrement=True,  # what is on record of an account is never another's
)

account_city = Table(
    "account_city", metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("city_id", ForeignKey("city.id"), primary_key=True),
)

api_token = Table(
    "api_token", metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("account.id"), nullable=False),
    Column("label", String(100), nullable=False),
    Column("token_hash", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("revoked_at", Instant),
    UniqueConstraint("token_hash"),
    sqlite_autoincrement=True,
)

# Who a person is to a provider of OpenID Connect. `email` lets in whoever has it first; from then on `subject` is who it is.
identity = Table(
    "identity", metadata,
    Column("account_id", ForeignKey("account.id"), primary_key=True),
    Column("issuer", Text, primary_key=True),
    Column("subject", String(255)),
    Column("email", String(320)),
    Column("linked_at", Instant, nullable=False),
    UniqueConstraint("issuer", "subject"),
    UniqueConstraint("issuer", "email"),
)

# What was typed as a name may be a password typed into the wrong field, so only a hash of it is kept.
sign_in_attempt = Table(
    "sign_in_attempt", metadata,
    Column("id", Integer, primary_key=True),
    Column("name_hash", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "at"),
)

submission = Table(
    "submission", metadata,
    Column("id", Integer, primary_key=True),
    Column("city_id", ForeignKey("city.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("account_id", ForeignKey("account.id")),  # None: the owner of the node's folder
    Column("submitted_by", String(100), nullable=False),
    Column("submitted_at", Instant, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("mapping_sha256", String(64)),
    Column("form", String(16), nullable=False),
    Column("language", String(2), nullable=False),
    Column("comment", Text),
    Column("replaces", Integer),
    Column("evidence", JSON, nullable=False),
    Column("findings", JSON, nullable=False),
    Column("content", JSON, nullable=False),
    Index(None, "city_id", "state"),
    sqlite_autoincrement=True,
)

submission_event = Table(
    "submission_event", metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # without gaps: one that is missing shows
    Column("submission_id", ForeignKey("submission.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("action", String(16), nullable=False),
    Column("from_state", String(16)),
    Column("to_state", String(16), nullable=False),
    Column("comment", Text),
    Column("details", JSON, nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "submission_id"),
)

place_match = Table(
    "place_match", metadata,
    Column("importer", String(64), primary_key=True),
    Column("place", String(300), primary_key=True),
    Column("decided_at", Instant, primary_key=True),  # the last decision counts, the earlier ones stay readable
    Column("city_id", ForeignKey("city.id")),  # None: it is none of the node's cities
    Column("decided_by", Text, nullable=False),
    Column("reason", Text),
)

open_place = Table(
    "open_place", metadata,
    Column("id", Integer, primary_key=True),
    Column("importer", String(64), nullable=False),
    Column("place", String(300), nullable=False),
    Column("why", String(32), nullable=False),
    Column("about", JSON, nullable=False),
    Column("candidates", JSON, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("seen_at", Instant, nullable=False),
    UniqueConstraint("importer", "place"),
    sqlite_autoincrement=True,
)
