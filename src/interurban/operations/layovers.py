"""Where vehicles of a service day that name no trip went on to another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interurban.metrics.performed.layovers import next_trips, route_terminals
from interurban.operations.day_schedule import DaySchedule, has_rows, null

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.store.engine import Engine


def with_next_trips(engine: Engine, schedule: DaySchedule, named: ir.Table, positions: ir.Table) -> ir.Table:
    """Positions with is_next: where a vehicle that names no trip, and no number of a stop, went on to another trip."""
    nameless = named.filter(named.trip_id_scheduled.isnull(), named.trip_key.isnull()).select("vehicle_trip_key")
    loose = positions.filter(positions.scheduled_stop_sequence.isnull(), positions.latitude.notnull(), positions.longitude.notnull())
    loose = engine.keep(loose.semi_join(nameless, "vehicle_trip_key"))
    if not has_rows(engine, loose):
        return positions.mutate(is_next=null("boolean"))
    begun = engine.keep(next_trips(loose, engine.keep(route_terminals(schedule.runs, schedule.tables))))
    by = ["vehicle_trip_key", "event_timestamp"]
    return positions.left_join(begun.mutate(is_next=True), by).drop(*(f"{name}_right" for name in by))
