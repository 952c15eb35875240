"""Observations as rows of the database, and as rows of tables that leave it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping

from interurban.model.observation import Observation, RecordedObservation
from interurban.store import schema

if TYPE_CHECKING:
    import pyarrow as pa

_KEPT = ("id", "identity", "revision", "recorded_at", "number", "series_id", "time_period")
_FIELDS = tuple(column.name for column in schema.observation.columns if column.name not in _KEPT)


def observation_row(record: RecordedObservation, identity: str, number: int, series_id: int) -> dict[str, Any]:
    """The row of an observation; `number` is its place in the order of recording."""
    o = record.observation
    row = {name: getattr(o, name) for name in _FIELDS}
    row |= {"parameters": dict(o.parameters), "inputs": dict(o.inputs), "feed_version_ids": list(o.feed_version_ids)}
    return row | {
        "id": record.id, "identity": identity, "revision": record.revision, "recorded_at": record.recorded_at, "number": number,
        "series_id": series_id, "time_period": o.time_period,
    }


def recorded_observation(row: RowMapping | Mapping[str, Any]) -> RecordedObservation:
    """The observation of a row."""
    values = {name: row[name] for name in _FIELDS}
    values["feed_version_ids"] = tuple(values["feed_version_ids"])
    return RecordedObservation(row["id"], row["revision"], row["recorded_at"], Observation(**values))


def flat_row(record: RecordedObservation) -> dict[str, object]:
    """An observation as a row of `arrow_schema`."""
    o = record.observation
    values = {name: getattr(o, name) for name in arrow_schema().names if hasattr(o, name)}
    as_text = {name: json.dumps(values[name], sort_keys=True, ensure_ascii=False) for name in ("parameters", "inputs")}
    own = {"id": record.id, "revision": record.revision, "recorded_at": record.recorded_at}
    return values | as_text | own


def arrow_schema() -> pa.Schema:
    """Columns of a table of observations."""
    import pyarrow as pa

    return pa.schema([
        ("id", pa.string()), ("city_id", pa.string()), ("indicator", pa.string()), ("mode", pa.string()),
        ("period_start", pa.date32()), ("period_end", pa.date32()), ("reference_date", pa.date32()),
        ("value", pa.float64()), ("unit", pa.string()), ("status", pa.string()), ("n", pa.int64()),
        ("coverage", pa.float64()), ("definition_version", pa.int32()), ("parameters", pa.string()),
        ("inputs", pa.string()), ("feed_version_ids", pa.list_(pa.int64())), ("code_version", pa.string()),
        ("revision", pa.int32()), ("recorded_at", pa.timestamp("us", tz="UTC")),
        ("origin", pa.string()), ("area_definition", pa.string()), ("frequency", pa.string()), ("time_period", pa.string()),
        ("conf_status", pa.string()), ("decimals", pa.int32()), ("lower", pa.float64()), ("upper", pa.float64()),
        ("confidence", pa.string()), ("source", pa.string()), ("licence", pa.string()), ("method", pa.string()),
        ("comment", pa.string()), ("submission_id", pa.int64()),
    ])
