"""Tables of a service day written by hand: say what was promised and seen at each stop, the rest is filled in."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa
from ibis.expr.types import Table
from small_lake import MONDAY, clock, rows_of

__all__ = ["ORIGIN", "at", "boardings_at", "calls", "one_row", "rows_of", "stop_visits", "trip", "trips_performed"]

_I8, _I, _K, _F, _T, _B, _D = pa.int8(), pa.int32(), pa.int64(), pa.float64(), pa.string(), pa.bool_(), pa.date32()
ORIGIN = 1_704_067_200  # 2024-01-01 00:00 UTC

STOP_VISITS = pa.schema({
    "service_date": _D, "trip_id_performed": _T, "trip_stop_sequence": _I, "scheduled_stop_sequence": _I, "stop_id": _T,
    "vehicle_id": _T, "schedule_arrival_time": _K, "schedule_departure_time": _K, "actual_arrival_time": _K,
    "actual_departure_time": _K, "dwell": _K, "distance": _F, "schedule_relationship": _T, "feed_id": _K, "feed_version_id": _K,
    "is_neighbour_version": _B,
    "origin_s": _K, "trip_id_scheduled": _T, "trip_key": _K, "run": _K, "stop_key": _K, "route_id": _T, "route_key": _K,
    "direction_id": _I8, "mode": _T, "pattern_key": _K, "is_first": _B, "is_last": _B, "is_timepoint": _B,
    "is_passenger": _B, "is_frequency_based": _B, "exact_times": _I, "is_trip_canceled": _B, "arrival_lo": _K, "arrival_hi": _K,
    "departure_lo": _K, "departure_hi": _K, "method": _T, "method_version": _I,
})  # fmt: skip
TRIPS_PERFORMED = pa.schema({
    "service_date": _D, "trip_id_performed": _T, "trip_id_scheduled": _T, "vehicle_id": _T, "route_id": _T, "direction_id": _I8,
    "pattern_id": _T, "shape_id": _T, "schedule_trip_start": _K, "schedule_trip_end": _K, "actual_trip_start": _K,
    "actual_trip_end": _K, "schedule_relationship": _T, "feed_id": _K, "feed_version_id": _K,
    "is_neighbour_version": _B, "origin_s": _K, "trip_key": _K,
    "run": _K, "route_key": _K, "mode": _T, "is_observed": _B, "is_canceled": _B, "is_frequency_based": _B, "exact_times": _I,
    "match_method": _T, "match_score": _F, "positions": _K, "minutes": _K, "minutes_tracked": _K, "positions_near_shape": _K,
    "positions_off_route": _K, "coverage": _F, "method_version": _I,
})  # fmt: skip

Moment = str | int | None
_NUMBERS = itertools.count(1000)  # two lists of calls are different trips


def at(time: Moment) -> int | None:
    """The moment of "8:05" of the service day, or of seconds from its origin."""
    if time is None:
        return None
    return ORIGIN + (clock(time) if isinstance(time, str) else time)


def calls(scheduled: Sequence[Moment], actual: Sequence[Moment], **columns: Any) -> list[dict[str, Any]]:
    """Visits at stop s1 of route r1, each by a trip of its own: promised and observed departures, None where there is none."""
    return [
        _visit(next(_NUMBERS), {"schedule_departure_time": at(promised), "actual_departure_time": at(seen)} | columns)
        for promised, seen in zip(scheduled, actual, strict=True)
    ]


def trip(key: int, stops: Sequence[Mapping[str, Any]], **columns: Any) -> list[dict[str, Any]]:
    """One trip that calls at stops s1, s2 …; of each stop say `arr`, `dep` (observed), `sched` and whatever else matters."""
    rows = []
    for number, stop in enumerate(stops):
        given = dict(stop)
        arrives, leaves, promised = given.pop("arr", None), given.pop("dep", None), given.pop("sched", None)
        row = {
            "stop_id": f"s{number + 1}", "stop_key": number + 1, "trip_stop_sequence": number + 1,
            "scheduled_stop_sequence": number + 1, "is_first": number == 0, "is_last": number == len(stops) - 1,
            "actual_arrival_time": at(arrives), "actual_departure_time": at(leaves),
            "schedule_arrival_time": at(promised), "schedule_departure_time": at(promised),
        }  # fmt: skip
        rows.append(_visit(key, row | given | columns))
    return rows


def stop_visits(*groups: Sequence[Mapping[str, Any]]) -> Table:
    """The table of that name."""
    return ibis.memtable(_arrow(STOP_VISITS, [row for group in groups for row in group]))


def trips_performed(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The table of that name; a row says what matters, by default a scheduled trip of route r1 that nobody saw."""
    filled = [
        {
            "service_date": MONDAY, "trip_id_performed": f"p{number}", "trip_key": number, "run": 0, "route_id": "r1", "route_key": 1,
            "direction_id": 0, "mode": "bus", "schedule_relationship": "Scheduled", "is_observed": False, "is_canceled": False,
            "is_frequency_based": False, "coverage": 0.0, "origin_s": ORIGIN,
        } | row
        for number, row in enumerate(rows)
    ]  # fmt: skip
    return ibis.memtable(_arrow(TRIPS_PERFORMED, filled))


def boardings_at(**boardings: float) -> Table:
    """People who board at each stop."""
    return ibis.memtable(pa.table({"stop_id": list(boardings), "boardings": [float(n) for n in boardings.values()]}))


def one_row(table: Table) -> dict[str, Any]:
    """The only row of a small expression."""
    (row,) = rows_of(table)
    return row


def _visit(number: int, columns: Mapping[str, Any]) -> dict[str, Any]:
    row = {
        "service_date": MONDAY, "trip_id_performed": f"p{number}", "trip_stop_sequence": 1, "scheduled_stop_sequence": 1,
        "stop_id": "s1", "stop_key": 1, "origin_s": ORIGIN, "trip_key": number, "run": 0, "route_id": "r1", "route_key": 1,
        "direction_id": 0, "mode": "bus", "pattern_key": 1, "is_first": False, "is_last": False, "is_timepoint": True, "is_passenger": True,
        "is_frequency_based": False, "is_trip_canceled": False, "feed_id": 1, "feed_version_id": 1, "method_version": 1,
    } | columns  # fmt: skip
    timed = row.get("actual_departure_time") is not None or row.get("actual_arrival_time") is not None
    return {"method": "status" if timed else None, "schedule_relationship": "Scheduled" if timed else "Missing"} | row


def _arrow(schema: pa.Schema, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema=schema)
