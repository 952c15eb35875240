"""Who the people behind accounts are to a provider of OpenID Connect."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0004"
down_revision = "v0003"


def upgrade() -> None:
    """Make the table; no account is linked yet."""
    op.create_table(
        "identity",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=255)),
        sa.Column("email", sa.String(length=320)),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_identity_account_id"),
        sa.PrimaryKeyConstraint("account_id", "issuer", name="pk_identity"),
        sa.UniqueConstraint("issuer", "subject", name="uq_identity_issuer_subject"),
        sa.UniqueConstraint("issuer", "email", name="uq_identity_issuer_email"),
    )
