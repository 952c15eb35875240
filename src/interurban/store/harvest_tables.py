"""Table of what was taken from other servers, and up to which of their changes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from interurban.store.schema_base import Instant, metadata

harvest = Table(
    "harvest", metadata,
    Column("id", Integer, primary_key=True),
    Column("address", Text, nullable=False),
    Column("dataflow", String(200), nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("updated_after", Instant),  # the newest change of theirs that is here; None: all was asked for
    Column("recorded", BigInteger, nullable=False),
    Column("set_aside", BigInteger, nullable=False),
    Column("sha256", String(64)),  # of the answer; None: there was nothing new
    sqlite_autoincrement=True,
)
