"""The first tables: cities, sources, snapshots, feed versions, notices, files of the lake, observations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _cities()
    _sources()
    _feed_versions()
    _observations()


def _cities() -> None:
    op.create_table(
        "city",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("name_ru", sa.Text()),
        sa.Column("name_zh", sa.Text()),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("wikidata", sa.String(length=16)),
        sa.Column("unlocode", sa.String(length=5)),
        sa.Column("boundary", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_city"),
    )
    op.create_table(
        "city_figure",
        sa.Column("city_id", sa.String(length=64), nullable=False),
        sa.Column("figure", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=500), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_city_figure_city_id"),
        sa.PrimaryKeyConstraint("city_id", "figure", "year", "source", name="pk_city_figure"),
    )


def _sources() -> None:
    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("city_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text()),
        sa.Column("attribution", sa.Text()),
        sa.Column("credential_place", sa.String(length=8)),
        sa.Column("credential_name", sa.String(length=200)),
        sa.Column("secret_encrypted", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_source_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
        sa.UniqueConstraint("city_id", "kind", "location", name="uq_source_city_id_kind_location"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "fetch_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("http_status", sa.Integer()),
        sa.Column("ttfb_ms", sa.Integer()),
        sa.Column("bytes", sa.BigInteger()),
        sa.Column("sha256", sa.String(length=64)),
        sa.Column("etag", sa.Text()),
        sa.Column("last_modified", sa.Text()),
        sa.Column("notice_code", sa.String(length=100)),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_fetch_attempt_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_fetch_attempt"),
    )
    op.create_index("ix_fetch_attempt_source_id_started_at", "fetch_attempt", ["source_id", "started_at"], unique=False)


def _feed_versions() -> None:
    op.create_table(
        "snapshot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_snapshot_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_snapshot"),
        sa.UniqueConstraint("source_id", "sha256", name="uq_snapshot_source_id_sha256"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "feed_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("snapshot_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name="fk_feed_version_snapshot_id"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_feed_version_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_feed_version"),
        sa.UniqueConstraint("source_id", "content_hash", name="uq_feed_version_source_id_content_hash"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "notice",
        sa.Column("feed_version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("file", sa.Text()),
        sa.Column("field", sa.Text()),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("allowed", sa.Text()),
        sa.Column("samples", sa.JSON(), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["feed_version_id"], ["feed_version.id"], name="fk_notice_feed_version_id"),
        sa.PrimaryKeyConstraint("feed_version_id", "position", name="pk_notice"),
    )
    op.create_table(
        "lake_file",
        sa.Column("feed_version_id", sa.Integer(), nullable=False),
        sa.Column("table", sa.String(length=64), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["feed_version_id"], ["feed_version.id"], name="fk_lake_file_feed_version_id"),
        sa.PrimaryKeyConstraint("feed_version_id", "table", name="pk_lake_file"),
    )


def _observations() -> None:
    op.create_table(
        "observation",
        sa.Column("id", sa.String(length=48), nullable=False),
        sa.Column("identity", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("city_id", sa.String(length=64), nullable=False),
        sa.Column("indicator", sa.String(length=100), nullable=False),
        sa.Column("definition_version", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("period_start", sa.Date()),
        sa.Column("period_end", sa.Date()),
        sa.Column("reference_date", sa.Date()),
        sa.Column("value", sa.Double()),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("n", sa.BigInteger()),
        sa.Column("coverage", sa.Double()),
        sa.Column("status", sa.String(length=2), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("feed_version_ids", sa.JSON(), nullable=False),
        sa.Column("code_version", sa.String(length=64), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_observation_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_observation"),
        sa.UniqueConstraint("identity", "revision", name="uq_observation_identity_revision"),
    )
    op.create_index("ix_observation_city_id_indicator", "observation", ["city_id", "indicator"], unique=False)
