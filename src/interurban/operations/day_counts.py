"""What a reader of a reconstructed day wants to know of it, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from interurban.metrics.performed.clean import clean_counts
from interurban.metrics.performed.vehicle_faults import frozen_places, skewed_clocks, terminals
from interurban.operations.day_schedule import ServiceDay
from interurban.operations.day_vehicles import DayVehicles

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.store.engine import Engine


def day_counts(
    engine: Engine, day: ServiceDay, tables: Mapping[str, ir.Table], trips: ir.Table, vehicles: DayVehicles
) -> dict[str, int]:
    """Rows left out by reason, trips by relationship, trips that ran though canceled, vehicles that are not to be believed.

    Args:
        engine: Counts.
        day: Which day.
        tables: vehicle_locations of the day, and the tables of the schedule.
        trips: Trips performed (`identified`).
        vehicles: What vehicles did.
    """
    (positions,) = engine.rows(clean_counts(tables["vehicle_locations"], day.bounds))
    by = trips.schedule_relationship
    (of_trips,) = engine.rows(trips.aggregate(
        trips=trips.count(), trips_observed=trips.count(where=trips.is_observed),
        trips_unmatched=trips.count(where=trips.is_observed & trips.run.isnull()),
        canceled=trips.count(where=trips.is_canceled), canceled_but_observed=trips.count(where=trips.is_canceled & trips.is_observed),
        added=trips.count(where=by == "Added"), duplicated=trips.count(where=by == "Duplicated"),
    ))  # fmt: skip
    counts = {name: int(value) for name, value in (positions | of_trips).items()}
    return counts | _faults(engine, day, tables, vehicles)


def _faults(engine: Engine, day: ServiceDay, tables: Mapping[str, ir.Table], vehicles: DayVehicles) -> dict[str, int]:
    """Vehicles by fault; without a schedule no terminal is known, and any place may be one."""
    skewed = skewed_clocks(tables["vehicle_locations"])
    found = {"skewed_clocks": skewed.count()}
    if day.feed_version_id is not None:
        found["frozen_trips"] = frozen_places(vehicles.positions, vehicles.by_span, terminals(tables)).vehicle_trip_key.nunique()
    return {name: int(engine.rows(count.name("n").as_table())[0]["n"]) for name, count in found.items()}
