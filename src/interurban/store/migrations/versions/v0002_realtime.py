"""Realtime: days of the lake and their files, bundles of messages, coverage, and which schedule a feed belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"


def upgrade() -> None:
    """Make the tables."""
    op.add_column("source", sa.Column("schedule_source_id", sa.Integer()))
    op.add_column("source", sa.Column("poll_every_s", sa.Double()))
    _days()
    _feeds()


def _days() -> None:
    op.create_table(
        "day_partition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("layer", sa.String(length=16), nullable=False),
        sa.Column("inputs_hash", sa.String(length=64)),
        sa.Column("method_version", sa.Integer()),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_day_partition_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_day_partition"),
        sa.UniqueConstraint("source_id", "service_date", "layer", name="uq_day_partition_source_id_service_date_layer"),
    )
    op.create_table(
        "day_file",
        sa.Column("partition_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("table", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["partition_id"], ["day_partition.id"], name="fk_day_file_partition_id"),
        sa.PrimaryKeyConstraint("partition_id", "path", name="pk_day_file"),
    )


def _feeds() -> None:
    op.create_table(
        "bundle",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("landed", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64)),
        sa.Column("bytes", sa.BigInteger()),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_bundle_source_id"),
        sa.PrimaryKeyConstraint("source_id", "day", "part", name="pk_bundle"),
    )
    op.create_table(
        "coverage",
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.String(length=1440), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_coverage_source_id"),
        sa.PrimaryKeyConstraint("source_id", "day", name="pk_coverage"),
    )
