"""The page of where a number comes from, as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class OriginTwin:
    """A feed version that a number rests on, with the publisher's bytes; `tables` are hashes of the files in the lake."""

    id: int
    source_id: int
    location: str
    licence: str | None
    fetched_at: str
    sha256: str
    bytes: int
    content_hash: str
    is_sound: bool
    tables: dict[str, str]


@dataclass(frozen=True)
class OriginDayTwin:
    """A service day that a number rests on; `is_same`: it is as it was then."""

    source_id: int
    date: str
    content_hash: str
    is_same: bool


@dataclass(frozen=True)
class ExplainTwin:
    """A number and its lineage."""

    id: str
    revision: int
    recorded_at: str
    city: str
    indicator: str
    definition_version: int
    formula: str
    time_period: str
    mode: str
    value: float | None
    lower: float | None
    upper: float | None
    unit: str
    status: str
    confidence: str
    origin: str
    n: int | None
    area_definition: str
    coverage: float | None
    source: str
    licence: str | None
    method: str | None
    comment: str | None
    parameters: dict[str, Any]
    inputs: dict[str, str]
    code_version: str
    feed_versions: list[OriginTwin]
    service_days: list[OriginDayTwin]
