"""Statistics: what observations say of their source, which of them are answers, and who may hand some in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from interurban.store.migrations.answers_of_computed import fill_answers, move_figures

revision = "v0003"
down_revision = "v0002"


def upgrade() -> None:
    """Make the tables, and find the answers among the observations that are there."""
    for name in ("lat", "lon"):
        op.add_column("city", sa.Column(name, sa.Double()))
    _observations()
    _answers()
    move_figures(op.get_bind())
    op.drop_table("city_figure")
    fill_answers(op.get_bind())
    _indexes()
    _accounts()
    _submissions()
    _places()
    _harvests()


def _observations() -> None:
    # Defaults are what every observation so far is; the numbers and series follow in `fill_answers`.
    for column in (
        sa.Column("number", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("series_id", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("time_period", sa.String(length=32), nullable=False, server_default=""),
        sa.Column("origin", sa.String(length=16), nullable=False, server_default="computed"),
        sa.Column("area_definition", sa.String(length=16), nullable=False, server_default="_X"),
        sa.Column("frequency", sa.String(length=4), nullable=False, server_default="D"),
        sa.Column("conf_status", sa.String(length=1), nullable=False, server_default="F"),
        sa.Column("decimals", sa.Integer()),
        sa.Column("lower", sa.Double()),
        sa.Column("upper", sa.Double()),
        sa.Column("confidence", sa.String(length=1), nullable=False, server_default="A"),
        sa.Column("source", sa.Text(), nullable=False, server_default=""),
        sa.Column("licence", sa.Text()),
        sa.Column("method", sa.Text()),
        sa.Column("comment", sa.Text()),
        sa.Column("submission_id", sa.Integer()),
    ):
        op.add_column("observation", column)


def _answers() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("city_id", sa.String(length=64), nullable=False),
        sa.Column("indicator", sa.String(length=100), nullable=False),
        sa.Column("area_definition", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("frequency", sa.String(length=4), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Date()),
        sa.Column("ends", sa.Date()),
        sa.Column("free_answers", sa.Integer(), nullable=False),
        sa.Column("free_starts", sa.Date()),
        sa.Column("free_ends", sa.Date()),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_series_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_series"),
        sa.UniqueConstraint(
            "city_id", "indicator", "area_definition", "mode", "frequency",
            name="uq_series_city_id_indicator_area_definition_mode_frequency",
        ),
    )
    op.create_index("ix_series_indicator_city_id", "series", ["indicator", "city_id"], unique=False)
    op.create_table(
        "answer",
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("time_period", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("observation_number", sa.BigInteger(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("is_free", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name="fk_answer_series_id"),
        sa.PrimaryKeyConstraint("series_id", "time_period", "since", name="pk_answer"),
    )
    op.create_index("ix_answer_since", "answer", ["since"], unique=False)
    op.create_table(
        "preference",
        sa.Column("city_id", sa.String(length=64), nullable=False),
        sa.Column("indicator", sa.String(length=100), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_preference_city_id"),
        sa.PrimaryKeyConstraint("city_id", "indicator", "since", name="pk_preference"),
    )


def _indexes() -> None:
    """After the observations have their numbers, without which they would not be unique."""
    op.create_index("ix_observation_number", "observation", ["number"], unique=True)
    op.create_index("ix_observation_series_id_time_period", "observation", ["series_id", "time_period"], unique=False)
    op.create_index("ix_observation_recorded_at", "observation", ["recorded_at"], unique=False)
    op.create_index("ix_observation_submission_id", "observation", ["submission_id"], unique=False)


def _accounts() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.Text()),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("name", name="uq_account_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "account_city",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("city_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_account_city_account_id"),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_account_city_city_id"),
        sa.PrimaryKeyConstraint("account_id", "city_id", name="pk_account_city"),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=100), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_api_token_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("token_hash", name="uq_api_token_token_hash"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_attempt"),
    )
    op.create_index("ix_sign_in_attempt_at", "sign_in_attempt", ["at"], unique=False)


def _submissions() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("city_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("submitted_by", sa.String(length=100), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mapping_sha256", sa.String(length=64)),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("comment", sa.Text()),
        sa.Column("replaces", sa.Integer()),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_submission_account_id"),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_submission_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_submission_city_id_state", "submission", ["city_id", "state"], unique=False)
    op.create_table(
        "submission_event",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("from_state", sa.String(length=16)),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("comment", sa.Text()),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name="fk_submission_event_submission_id"),
        sa.PrimaryKeyConstraint("number", name="pk_submission_event"),
    )
    op.create_index("ix_submission_event_submission_id", "submission_event", ["submission_id"], unique=False)


def _places() -> None:
    op.create_table(
        "place_match",
        sa.Column("importer", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("city_id", sa.String(length=64)),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_place_match_city_id"),
        sa.PrimaryKeyConstraint("importer", "place", "decided_at", name="pk_place_match"),
    )
    op.create_table(
        "open_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("importer", sa.String(length=64), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_open_place"),
        sa.UniqueConstraint("importer", "place", name="uq_open_place_importer_place"),
        sqlite_autoincrement=True,
    )


def _harvests() -> None:
    op.create_table(
        "harvest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("dataflow", sa.String(length=200), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_after", sa.DateTime(timezone=True)),
        sa.Column("recorded", sa.BigInteger(), nullable=False),
        sa.Column("set_aside", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64)),
        sa.PrimaryKeyConstraint("id", name="pk_harvest"),
        sqlite_autoincrement=True,
    )
