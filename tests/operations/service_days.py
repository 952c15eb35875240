"""Service days small enough to check by hand: a schedule, what vehicles said, and what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from small_lake import make_lake

from interurban.collect.gtfs_realtime.tables import schema
from interurban.operations.day_schedule import ServiceDay
from interurban.operations.no_schedule import schedule_schemas
from interurban.operations.performed_day import perform
from interurban.store.engine import open_files
from operations_node import collected_table

MONDAY = dt.date(2024, 1, 1)
ORIGIN_S = 1704067200  # 2024-01-01 00:00 UTC
FEED = 7
VERSION = 3
Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Outcome:
    """Rows of both tables and the counts of a day."""

    visits: list[dict[str, Any]]
    trips: list[dict[str, Any]]
    counts: Mapping[str, int]

    def times(self, trip: str, *columns: str) -> list[tuple[Any, ...]]:
        """Columns of the visits of a trip, in order; moments as "08:00:10" of that day."""
        rows = [row for row in self.visits if row["trip_id_scheduled"] == trip]
        return [tuple(_shown(row[column]) for column in columns) for row in rows]

    def all(self, trip: str) -> list[dict[str, Any]]:
        """The trips performed of that trip id, by their start."""
        return [row for row in self.trips if row["trip_id_scheduled"] == trip]

    def trip(self, trip: str) -> dict[str, Any]:
        """The one trip performed of that trip id."""
        (row,) = self.all(trip)
        return row


def at(text: str) -> int:
    """Moment of "08:00" or "08:00:10" on the day."""
    hours, minutes, *seconds = (int(part) for part in text.split(":"))
    return ORIGIN_S + hours * 3600 + minutes * 60 + (seconds[0] if seconds else 0)


def seen(
    trip: str | None, status: str | None, stop: int | None, *moments: str, vehicle: str = "bus", **columns: Any
) -> list[dict[str, Any]]:
    """Positions of a vehicle on a trip: its status ("at", "to" or None) at the n-th stop (from 1) at some moments."""
    return [
        {
            "service_date": MONDAY, "vehicle_id": vehicle, "trip_id_scheduled": trip, "event_timestamp": at(moment),
            "current_status": {"at": "STOPPED_AT", "to": "IN_TRANSIT_TO"}.get(status or ""), "stop_id": f"s{stop}" if stop else None,
            "scheduled_stop_sequence": (stop - 1) * 10 + 1 if stop else None, **columns,
        }
        for moment in moments
    ]  # fmt: skip


def predicted(
    trip: str, stop: int | None, said: str, arrival: str | None = None, departure: str | None = None, **columns: Any
) -> dict[str, Any]:
    """A prediction for the n-th stop of a trip, said once."""
    return {
        "service_date": MONDAY, "trip_id_scheduled": trip, "stop_sequence": (stop - 1) * 10 + 1 if stop else None,
        "stop_id": f"s{stop}" if stop else None, "update_timestamp": at(said), "arrival_time": at(arrival) if arrival else None,
        "departure_time": at(departure) if departure else None, **columns,
    }  # fmt: skip


def said(trip: str, relationship: str, moment: str, **columns: Any) -> dict[str, Any]:
    """A trip update that only says what becomes of the trip."""
    return {
        "service_date": MONDAY, "trip_id_scheduled": trip, "trip_relationship": relationship, "update_timestamp": at(moment), **columns,
    }  # fmt: skip


def service_day(
    trips: Sequence[Mapping[str, Any]] | None, positions: Rows = (), predictions: Rows = (), updates: Rows = (), **tables: Any
) -> Outcome:
    """Reconstruct the first of January 2024 in UTC; `trips` as of `small_lake.trip`, None: there is no schedule."""
    engine = open_files({})
    if trips is None:
        schedule = {name: columns.empty_table() for name, columns in schedule_schemas().items()}
    else:
        schedule = {name: table.to_pyarrow() for name, table in make_lake(trips, **tables).items()}
    collected = {"vehicle_locations": positions, "trip_update_stops": predictions, "trip_updates": updates}
    for name, table in schedule.items():
        engine.add(name, table)
    for name, rows in collected.items():
        engine.add(name, collected_table(name, list(rows), FEED, VERSION).cast(schema(name)))
    made = perform(engine, ServiceDay(MONDAY, ORIGIN_S, FEED, VERSION if trips is not None else None), engine.tables())
    visits = engine.rows(made.stop_visits.order_by("trip_id_performed", "trip_stop_sequence"))
    done = engine.rows(made.trips_performed.order_by("trip_id_scheduled", "actual_trip_start", "vehicle_id"))
    engine.close()
    return Outcome(visits, done, made.counts)


def _shown(value: Any) -> Any:
    if not isinstance(value, int) or isinstance(value, bool) or value < ORIGIN_S:
        return value
    seconds = value - ORIGIN_S
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
