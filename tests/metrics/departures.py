"""Visits and runs written by hand, for what is computed from them alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa
from ibis.expr.types import Table
from small_lake import MONDAY, clock

_I, _K, _F, _T = pa.int32(), pa.int64(), pa.float64(), pa.string()
_COMMON = {"service_date": pa.date32(), "trip_key": _K, "run": _K}
_ROUTE = {"route_key": _K, "route_id": _T, "direction_id": _I, "mode": _T, "pattern_key": _K}
VISITS = pa.schema(
    {**_COMMON, "stop_sequence": _I, "stop_key": _K, "stop_id": _T, "arrival_s": _I, "departure_s": _I,
     "is_estimated": pa.bool_(), "is_last": pa.bool_(), "pickup_type": _I, "drop_off_type": _I, **_ROUTE}
)  # fmt: skip
RUNS = pa.schema(
    {**_COMMON, "start_s": _I, "shape_key": _K, "distance_m": _F, "distance_estimate_m": _F, **_ROUTE}
)  # fmt: skip


def visits_at(*times: str | int | None, **columns: Any) -> list[dict[str, Any]]:
    """One visit at stop 1 of route 1 per time ("7:10" or seconds), each by a trip of its own."""
    return [_visit(number, time, columns) for number, time in enumerate(times)]


def _visit(number: int, time: str | int | None, columns: Mapping[str, Any]) -> dict[str, Any]:
    seconds = clock(time) if isinstance(time, str) else time
    row = {
        "service_date": MONDAY, "trip_key": number, "run": 0, "stop_sequence": 1, "stop_key": 1, "arrival_s": seconds,
        "departure_s": seconds, "is_estimated": False, "is_last": False, "route_key": 1, "direction_id": 0,
        "mode": "bus", "pattern_key": 1,
    } | columns  # fmt: skip
    return {"stop_id": f"s{row['stop_key']}", "route_id": f"r{row['route_key']}"} | row


def visits_table(*groups: Sequence[Mapping[str, Any]]) -> Table:
    """The `visits` fact of these rows."""
    return _table(VISITS, groups)


def runs_at(*times: str | int, **columns: Any) -> list[dict[str, Any]]:
    """One run of route 1 per start."""
    return [
        {**_visit(number, time, columns), "start_s": clock(time) if isinstance(time, str) else time}
        for number, time in enumerate(times)
    ]


def runs_table(*groups: Sequence[Mapping[str, Any]]) -> Table:
    """The `runs` fact of these rows, in the columns that stop metrics use."""
    return _table(RUNS, groups)


def _table(schema: pa.Schema, groups: Sequence[Sequence[Mapping[str, Any]]]) -> Table:
    rows = [row for group in groups for row in group]
    return ibis.memtable(
        pa.table({f.name: pa.array([row.get(f.name) for row in rows], f.type) for f in schema}, schema=schema)
    )
