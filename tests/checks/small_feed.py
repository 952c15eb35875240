"""Tables of a feed version small enough to check by hand: give the columns that matter, the rest are blank."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import ibis
import pyarrow as pa
from ibis.expr.types import Table

from interurban.checks import Given
from interurban.collect.gtfs.schema import TABLES, Kind

Row = Mapping[str, Any]

TYPES = {
    Kind.INTEGER: pa.int32(), Kind.ENUM: pa.int8(), Kind.TIME: pa.int32(), Kind.DATE: pa.date32(),
    Kind.FLOAT: pa.float64(), Kind.LATITUDE: pa.float64(), Kind.LONGITUDE: pa.float64(),
}  # fmt: skip
_I, _K, _F, _T = pa.int32(), pa.int64(), pa.float64(), pa.string()
OURS: dict[str, dict[str, pa.DataType]] = {
    "routes": {"route_key": _K, "mode": _T},
    "trips": {
        "trip_key": _K, "route_key": _K, "service_key": _K, "shape_key": _K, "pattern_key": _K, "stop_times_count": _I,
        "first_departure": _I, "last_departure": _I, "last_arrival": _I, "distance_m": _F, "distance_estimate_m": _F,
    },
    "stop_times": {"trip_key": _K, "stop_key": _K, "is_estimated": pa.bool_()},
    "stops": {"stop_key": _K, "parent_key": _K},
    "patterns": {
        "pattern_key": _K, "stop_sequence": _I, "stop_key": _K, "position_m": _F, "offset_m": _F, "shape_key": _K,
    },
    "shape_points": {
        "shape_key": _K, "shape_pt_sequence": _I, "shape_pt_lat": _F, "shape_pt_lon": _F, "distance_m": _F,
    },
    "calendar": {"service_key": _K}, "calendar_dates": {"service_key": _K}, "frequencies": {"trip_key": _K},
}  # fmt: skip
REPLACED = {"stop_times": ("trip_id", "stop_id"), "frequencies": ("trip_id",)}

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOUR = 3600


def arrow_tables(**rows: Sequence[Row]) -> dict[str, pa.Table]:
    """Every table of docs/lake.md, those not given with no rows."""
    tables = {}
    for name in {*TABLES, *OURS}:
        spec = TABLES.get(name)
        columns = dict(OURS.get(name, {}))
        if spec:
            columns |= {f.name: TYPES.get(f.kind, _T) for f in spec.fields if f.name not in REPLACED.get(name, ())}
        unknown = {key for row in rows.get(name, ()) for key in row} - set(columns)
        assert not unknown, f"{name} has no {unknown}"
        full = [dict.fromkeys(columns) | dict(row) for row in rows.get(name, ())]
        tables[name] = pa.Table.from_pylist(full, schema=pa.schema(columns))
    return tables


def feed(on: dt.date | None = None, columns: Mapping[str, Sequence[str]] | None = None, **rows: Sequence[Row]) -> Given:
    """What a check gets to see of these rows."""
    tables: dict[str, Table] = {name: ibis.memtable(table) for name, table in arrow_tables(**rows).items()}
    return Given(tables, on, published(columns or {}))


def published(columns: Mapping[str, Sequence[str]]) -> Table:
    """Column names by table as `Given` has them."""
    named = [(table, column) for table, names in columns.items() for column in names]
    schema = pa.schema({"table": pa.string(), "column": pa.string()})
    return ibis.memtable(pa.Table.from_pylist([{"table": table, "column": column} for table, column in named], schema=schema))


def found(check: ModuleType, given: Given) -> list[tuple[str | None, str | None, int]]:
    """(id, value, count) of what a check finds, in order."""
    table = check.find(given)
    if table is None:
        return []
    rows = table.to_pyarrow().to_pylist()
    assert all(row["code"] == check.CHECK.code for row in rows)
    return sorted(((row["id"], row["value"], row["count"]) for row in rows), key=str)


def service(key: int = 1, days: Sequence[str] = WEEKDAYS, start: str = "2024-01-01", end: str = "2024-01-31") -> Row:
    """A calendar row, service_id "W1" for key 1."""
    dates = {"start_date": dt.date.fromisoformat(start), "end_date": dt.date.fromisoformat(end)}
    return {"service_key": key, "service_id": f"W{key}", **dates, **{day: int(day in days) for day in WEEKDAYS}}


def exception(date: str, kind: int = 1, key: int = 1) -> Row:
    """A calendar_dates row: 1 adds, 2 removes."""
    return {
        "service_key": key, "service_id": f"W{key}", "date": dt.date.fromisoformat(date), "exception_type": kind,
    }  # fmt: skip


def trip(key: int, start_s: int = 8 * HOUR, end_s: int = 9 * HOUR, **columns: Any) -> Row:
    """A trip "T1" of route 1 and service 1 with two stop times; its own pattern unless told."""
    usual = {
        "trip_key": key, "trip_id": f"T{key}", "route_key": 1, "route_id": "R1", "service_key": 1, "service_id": "W1",
        "pattern_key": 1, "stop_times_count": 2, "first_departure": start_s, "last_departure": end_s,
        "last_arrival": end_s,
    }  # fmt: skip
    return usual | columns


def stop_time(trip_key: int, sequence: int, time_s: int | None, **columns: Any) -> Row:
    """A stop time at stop number `sequence`, arrival and departure alike."""
    times = {"arrival_time": time_s, "departure_time": time_s, "is_estimated": False}
    return {"trip_key": trip_key, "stop_key": sequence, "stop_sequence": sequence} | times | columns
