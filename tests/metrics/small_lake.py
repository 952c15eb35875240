"""A lake small enough to check by hand: give the rows that matter, the rest of each row is filled in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa
from ibis.expr.types import Table

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Row = Mapping[str, Any]

_I, _K, _F, _T, _D = pa.int32(), pa.int64(), pa.float64(), pa.string(), pa.date32()
SCHEMAS: dict[str, pa.Schema] = {
    "routes": pa.schema({"route_key": _K, "route_id": _T, "route_type": _I, "mode": _T}),
    "trips": pa.schema(
        {"trip_key": _K, "trip_id": _T, "route_key": _K, "service_key": _K, "direction_id": _I, "shape_key": _K,
         "block_id": _T, "wheelchair_accessible": _I, "pattern_key": _K, "stop_times_count": _I, "first_departure": _I,
         "last_departure": _I, "last_arrival": _I, "distance_m": _F, "distance_estimate_m": _F}
    ),
    "stop_times": pa.schema(
        {"trip_key": _K, "stop_key": _K, "stop_sequence": _I, "arrival_time": _I, "departure_time": _I,
         "is_estimated": pa.bool_(), "pickup_type": _I, "drop_off_type": _I, "timepoint": _I}
    ),
    "stops": pa.schema(
        {"stop_key": _K, "stop_id": _T, "stop_name": _T, "stop_lat": _F, "stop_lon": _F, "location_type": _I,
         "parent_station": _T, "parent_key": _K, "wheelchair_boarding": _I}
    ),
    "patterns": pa.schema(
        {"pattern_key": _K, "stop_sequence": _I, "stop_key": _K, "position_m": _F, "shape_key": _K}
    ),
    "shape_points": pa.schema(
        {"shape_key": _K, "shape_pt_sequence": _I, "shape_pt_lat": _F, "shape_pt_lon": _F, "distance_m": _F}
    ),
    "calendar": pa.schema({"service_key": _K} | dict.fromkeys(WEEKDAYS, _I) | {"start_date": _D, "end_date": _D}),
    "calendar_dates": pa.schema({"service_key": _K, "date": _D, "exception_type": _I}),
    "frequencies": pa.schema({"trip_key": _K, "start_time": _I, "end_time": _I, "headway_secs": _I, "exact_times": _I}),
}  # fmt: skip

MONDAY = dt.date(2024, 1, 1)


def clock(text: str) -> int:
    """Seconds of "25:35" or "25:35:10"."""
    hours, minutes, *seconds = (int(part) for part in text.split(":"))
    return hours * 3600 + minutes * 60 + (seconds[0] if seconds else 0)


def trip(key: int, *times: str, **columns: Any) -> dict[str, Any]:
    """A trip of route 1, service 1 calling at stops 1, 2 … at these times; "08:00-08:02" is arrival and departure.

    `types` are pickup_type and drop_off_type of its stops, by their number.
    """
    return {"trip_key": key, "times": times, "stops": range(1, len(times) + 1), **columns}


def service(
    key: int = 1, days: Sequence[str] = WEEKDAYS, start: dt.date = MONDAY, end: dt.date | None = None
) -> dict[str, Any]:
    """A calendar row; by default every day of January 2024."""
    flags = {day: int(day in days) for day in WEEKDAYS}
    return {"service_key": key, "start_date": start, "end_date": end or dt.date(2024, 1, 31), **flags}


def make_lake(trips: Sequence[Row] = (), **tables: Sequence[Row]) -> dict[str, Table]:
    """Tables of docs/lake.md from the given rows; stop times, patterns, stops and routes follow from the trips."""
    rows: dict[str, list[Row]] = {name: list(tables.get(name, ())) for name in SCHEMAS}
    rows["calendar"] = list(tables.get("calendar", [service()]))
    for given in trips:
        stop_times = _stop_times(given)
        rows["stop_times"] += stop_times
        rows["trips"].append(_trip_row(given, stop_times))
        rows["patterns"] += [
            {
                "pattern_key": given.get("pattern_key", given["trip_key"]),
                **{k: r[k] for k in ("stop_sequence", "stop_key")},
            }
            for r in stop_times
        ]
    stop_keys = {r["stop_key"] for r in rows["stop_times"]} - {None} - {r["stop_key"] for r in rows["stops"]}
    rows["stops"] += [{"stop_key": key, "stop_id": f"s{key}", "location_type": 0} for key in sorted(stop_keys)]
    route_keys = {r["route_key"] for r in rows["trips"]} - {r["route_key"] for r in rows["routes"]} - {None}
    rows["routes"] += [
        {"route_key": key, "route_id": f"r{key}", "route_type": 3, "mode": "bus"} for key in sorted(route_keys)
    ]
    return {name: ibis.memtable(_arrow(name, rows[name])) for name in SCHEMAS}


def _arrow(name: str, rows: Sequence[Row]) -> pa.Table:
    schema = SCHEMAS[name]
    return pa.table(
        {field.name: pa.array([row.get(field.name) for row in rows], field.type) for field in schema}, schema=schema
    )


def _stop_times(given: Row) -> list[Row]:
    out = []
    for number, (stop, text) in enumerate(zip(given["stops"], given["times"], strict=True)):
        arrival, _, departure = text.partition("-")
        seconds = (clock(arrival), clock(departure or arrival)) if text else (None, None)
        pickup, drop_off = given.get("types", {}).get(number + 1, (None, None))
        row = {"trip_key": given["trip_key"], "stop_key": stop, "stop_sequence": number * 10 + 1, "is_estimated": False}
        row |= {"pickup_type": pickup, "drop_off_type": drop_off}
        out.append(row | {"arrival_time": seconds[0], "departure_time": seconds[1]})
    return out


def _trip_row(given: Row, stop_times: Sequence[Row]) -> Row:
    timed = [row for row in stop_times if row["arrival_time"] is not None]
    row = {
        "trip_id": f"t{given['trip_key']}", "route_key": 1, "service_key": 1, "direction_id": 0,
        "pattern_key": given["trip_key"], "stop_times_count": len(stop_times),
        "first_departure": timed[0]["departure_time"] if timed else None,
        "last_departure": timed[-1]["departure_time"] if timed else None,
        "last_arrival": timed[-1]["arrival_time"] if timed else None,
    }  # fmt: skip
    return row | {name: value for name, value in given.items() if name not in ("times", "stops", "types")}


def rows_of(table: Table, *order: str) -> list[dict[str, Any]]:
    """The rows of an expression computed by DuckDB, in the order of these columns."""
    result: list[dict[str, Any]] = (table.order_by(*order) if order else table).to_pyarrow().to_pylist()
    return result
