"""One trip: what was planned and what happened at each of its stops."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from interurban.errors import NotFound
from interurban.indicators.known_scope import nearest
from interurban.locales import message
from interurban.operations.reconstructed import PerformedDay, performed_days

if TYPE_CHECKING:
    from interurban.store.engine import DuckEngine
    from interurban.store.node import Node


@dataclass(frozen=True, slots=True)
class PerformedTrip:
    """A row of `trips_performed` with its rows of `stop_visits` in order, each with `stop_name` and `delay_s`.

    `delay_s` is actual minus planned departure (arrival at the last stop, and where no departure is known), in seconds, negative when
    early; None where either is not known, or where the timetable promises a headway and no times. `uncertainty_s` is half the distance of
    the two facts that bracket that event. Moments are seconds since 1970 UTC; `timezone` gives their local time.
    """

    timezone: str
    trip: Mapping[str, Any]
    visits: tuple[Mapping[str, Any], ...]

    def local(self, moment: int | None) -> dt.datetime | None:
        """A moment in the agency's zone."""
        from zoneinfo import ZoneInfo

        return None if moment is None else dt.datetime.fromtimestamp(moment, ZoneInfo(self.timezone))


def performed_trips(node: Node, city_id: str, trip_id: str, service_date: dt.date) -> list[PerformedTrip]:
    """Every performance of a trip on a date, the first to start first.

    Args:
        node: The node.
        city_id: The city.
        trip_id: The timetable's id of the trip, or our id of one performance of it (`trip_id_performed`).
        service_date: The service date.

    Raises:
        NotFound: there is no such city, the date has not been reconstructed, or nothing of that id is among its trips.
    """
    days = performed_days(node, city_id, service_date)
    found = [trip for day in days for trip in _of_day(day, trip_id)]
    if not found:
        near = ", ".join(nearest(trip_id, _known_ids(days))) or "—"
        raise NotFound(message("journey.no_trip", trip=trip_id, date=service_date.isoformat(), near=near), near=near)
    return sorted(found, key=lambda each: (each.trip["actual_trip_start"] or each.trip["schedule_trip_start"] or 0))


def _of_day(day: PerformedDay, trip_id: str) -> list[PerformedTrip]:
    engine = day.open()
    try:
        trips = engine.table("trips_performed")
        meant = engine.rows(trips.filter((trips.trip_id_scheduled == trip_id) | (trips.trip_id_performed == trip_id)))
        return [PerformedTrip(day.timezone, trip, _visits(engine, day, trip["trip_id_performed"])) for trip in meant]
    finally:
        engine.close()


def _visits(engine: DuckEngine, day: PerformedDay, trip_id_performed: str) -> tuple[Mapping[str, Any], ...]:
    visits = engine.table("stop_visits")
    visits = visits.filter(visits.trip_id_performed == trip_id_performed)
    if day.has_timetable:
        stops = engine.table("stops").select("stop_key", "stop_name")
        visits = visits.left_join(stops, "stop_key").drop("stop_key_right")
    rows = engine.rows(visits.order_by("trip_stop_sequence"))
    return tuple({"stop_name": None} | row | _judged(row) for row in rows)


def _judged(visit: Mapping[str, Any]) -> dict[str, int | float | None]:
    """Delay of a visit and how far off it may be, by departure, or by arrival where there is no departure."""
    promises_times = not (visit["is_frequency_based"] and not visit["exact_times"])
    for event in ("departure", "arrival"):
        planned, actual = visit[f"schedule_{event}_time"], visit[f"actual_{event}_time"]
        if actual is not None:
            low, high = visit[f"{event}_lo"], visit[f"{event}_hi"]
            delay = actual - planned if planned is not None and promises_times else None
            return {"delay_s": delay, "uncertainty_s": None if low is None or high is None else (high - low) / 2}
    return {"delay_s": None, "uncertainty_s": None}


def _known_ids(days: list[PerformedDay]) -> list[str]:
    known: set[str] = set()
    for day in days:
        engine = day.open()
        try:
            ids = engine.table("trips_performed").select("trip_id_scheduled").distinct()
            known |= {row["trip_id_scheduled"] for row in engine.rows(ids) if row["trip_id_scheduled"]}
        finally:
            engine.close()
    return sorted(known)
