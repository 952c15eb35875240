"""Tables of observations and of which of them are answers; see `schema` for the rest."""

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
    String,
    Table,
    Text,
    UniqueConstraint,
)

from interurban.store.schema_base import Instant, metadata

series = Table(
    "series", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("city_id", ForeignKey("city.id"), nullable=False),
    Column("indicator", String(100), nullable=False),
    Column("area_definition", String(16), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("frequency", String(4), nullable=False),
    # Of the answers that stand now: all, and those that are not confidential. Kept so that availability need not count a million rows.
    Column("answers", Integer, nullable=False),
    Column("starts", Date),
    Column("ends", Date),
    Column("free_answers", Integer, nullable=False),
    Column("free_starts", Date),
    Column("free_ends", Date),
    UniqueConstraint("city_id", "indicator", "area_definition", "mode", "frequency"),
    Index(None, "indicator", "city_id"),
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
    Column("number", BigInteger, nullable=False),  # the order of recording, without gaps
    Column("series_id", Integer, nullable=False),
    Column("time_period", String(32), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("area_definition", String(16), nullable=False),
    Column("frequency", String(4), nullable=False),
    Column("conf_status", String(1), nullable=False),
    Column("decimals", Integer),
    Column("lower", Double),
    Column("upper", Double),
    Column("confidence", String(1), nullable=False),
    Column("source", Text, nullable=False),
    Column("licence", Text),
    Column("method", Text),
    Column("comment", Text),
    Column("submission_id", Integer),
    UniqueConstraint("identity", "revision"),
    Index(None, "city_id", "indicator"),
    Index(None, "number", unique=True),
    Index(None, "series_id", "time_period"),
    Index(None, "recorded_at"),
    Index(None, "submission_id"),
)

answer = Table(
    "answer", metadata,
    Column("series_id", ForeignKey("series.id"), primary_key=True),
    Column("time_period", String(32), primary_key=True),
    Column("since", Instant, primary_key=True),
    Column("until", Instant),  # None: it is the answer now
    Column("observation_number", BigInteger, nullable=False),
    Column("starts", Date, nullable=False),
    Column("ends", Date, nullable=False),
    Column("is_free", Integer, nullable=False),  # 1: not confidential
    Index(None, "since"),
)

preference = Table(
    "preference", metadata,
    Column("city_id", ForeignKey("city.id"), primary_key=True),
    Column("indicator", String(100), primary_key=True),
    Column("since", Instant, primary_key=True),
    Column("until", Instant),  # None: it holds now
    Column("source", Text, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("reason", Text),
)
