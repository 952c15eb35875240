"""Trips that positions were put on before all else: who knows them by block or by stops, named in the end like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interurban.metrics.performed.vehicle_trips import with_vehicle_trip
from interurban.operations.day_schedule import DaySchedule, null

if TYPE_CHECKING:
    import ibis.expr.types as ir

FOUND = ("found_method", "found_score")
"""How a position's trip was found, and match_score (NULL: the trip was named)."""


def ids_of_trips(schedule: DaySchedule) -> ir.Table:
    """How feeds name each run of the schedule: trip_key, run, _trip_id, and _start_s where it is one of a frequency."""
    runs = schedule.runs
    named = runs.select("trip_key", "run", _start_s=runs.is_frequency_based.ifelse(runs.start_s, null("int32")))
    return named.inner_join(schedule.tables["trips"].select("trip_key", _trip_id="trip_id"), "trip_key")


def with_found_method(named: ir.Table, positions: ir.Table) -> ir.Table:
    """Vehicle trips that are matched, with match_score, and match_method as found where none of their positions named the trip.

    Args:
        named: `vehicle_trips` that are matched.
        positions: These may have `FOUND`.
    """
    if "found_score" not in positions.columns:
        return named.mutate(match_score=null("float64"))
    t = with_vehicle_trip(positions, named)
    named_too = t.count(where=t.found_score.isnull())
    found = t.group_by("vehicle_trip_key").agg(_named=named_too, _method=t.found_method.max(), match_score=t.found_score.max())
    found = found.filter(found._named == 0).drop("_named")
    t = named.left_join(found, "vehicle_trip_key").drop("vehicle_trip_key_right")
    return t.mutate(match_method=t._method.coalesce(t.match_method)).drop("_method")
