"""The steps from positions and predictions of a service day to its stop visits, run on an engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interurban.metrics.performed.clean import clean
from interurban.metrics.performed.predicted_times import tells_delay_alone, with_predicted_times
from interurban.metrics.performed.scheduled_stops import scheduled_stops
from interurban.metrics.performed.stop_visits import calls, identified, in_sequence, stop_visits, trips_performed, trips_with_more_stops
from interurban.metrics.performed.trip_update_visits import last_predictions, skipped_stops, update_trips
from interurban.metrics.performed.trips_performed import (
    due_runs,
    observed_trips,
    predicted_trips,
    unobserved_trips,
    updates_of,
    with_relationship,
)
from interurban.metrics.performed.wrong_numbers import without_numbers, wrongly_numbered
from interurban.metrics.runs import runs as scheduled_runs
from interurban.model import Scope
from interurban.operations.day_counts import day_counts
from interurban.operations.day_schedule import DaySchedule, ServiceDay, has_rows, matched, null
from interurban.operations.day_vehicles import DayVehicles, vehicles_of_day
from interurban.operations.timed_visits import placed, timed_visits

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.store.engine import Engine


@dataclass(frozen=True, slots=True)
class PerformedDay:
    """Both tables of the layer "performed", as docs/lake.md has them, and what was counted on the way."""

    stop_visits: ir.Table
    trips_performed: ir.Table
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Draft:
    """What vehicles and predictions come to while the numbers of stops are believed: `calls` of `trips`."""

    vehicles: DayVehicles
    trips: ir.Table
    calls: ir.Table
    near_shape: ir.Table


def perform(engine: Engine, day: ServiceDay, tables: Mapping[str, ir.Table], lent: ir.Table | None = None) -> PerformedDay:
    """Reconstruct a service day.

    Args:
        engine: Runs the steps and keeps what several of them read.
        day: Which day.
        tables: Tables of the schedule (docs/lake.md; without rows where there is none), and vehicle_locations, trip_update_stops and
            trip_updates of the day.
        lent: Trips of the schedule that are of a neighbouring version (`with_neighbours`); they were not due, but may have run.
    """
    runs = engine.keep(scheduled_runs(tables, Scope(dates=(day.service_date,))))
    schedule = DaySchedule(tables, runs, scheduled_stops(runs, tables, day.origin_s), day.origin_s, lent)
    draft = _draft(engine, day, schedule, tables)
    wrong = engine.keep(wrongly_numbered(draft.calls, draft.trips, schedule.stops))
    (numbered,) = engine.rows(wrong.aggregate(wrongly_numbered=wrong.count()))
    if numbered["wrongly_numbered"]:
        draft = _draft(engine, day, schedule, _without_numbers(engine, tables, wrong))
    made = in_sequence(draft.calls, engine.keep(trips_with_more_stops(draft.calls, draft.trips)))
    counts = day_counts(engine, day, tables, draft.trips, draft.vehicles) | numbered
    visits = stop_visits(made, draft.trips, draft.vehicles.runs)
    return PerformedDay(visits, trips_performed(draft.trips, made, draft.near_shape), counts)


def _draft(engine: Engine, day: ServiceDay, schedule: DaySchedule, tables: Mapping[str, ir.Table]) -> _Draft:
    vehicles = vehicles_of_day(engine, schedule, clean(tables["vehicle_locations"], day.bounds))
    updates = engine.keep(update_trips(tables["trip_updates"], tables["trip_update_stops"]))
    updates = engine.keep(matched(updates, schedule))
    said = tables["trip_update_stops"]
    if has_rows(engine, said.filter(tells_delay_alone(said))):
        said = with_predicted_times(said, updates, schedule.stops)
    predictions = engine.keep(last_predictions(said, updates))
    trips, meant = _trips(engine, day, schedule, vehicles.runs, updates, predictions)

    predictions = predictions.inner_join(meant, "named_key")
    predictions = engine.keep(predictions.mutate(run_key=predictions.performed_key))
    skipped = placed(skipped_stops(tables["trip_update_stops"], updates).inner_join(meant, "named_key"), trips, schedule)
    visits, near_shape = timed_visits(engine, schedule, vehicles, trips, predictions)
    return _Draft(vehicles, trips, engine.keep(calls(trips, schedule.stops, visits, skipped)), near_shape)


def _without_numbers(engine: Engine, tables: Mapping[str, ir.Table], wrong: ir.Table) -> dict[str, ir.Table]:
    numbers = {"vehicle_locations": "scheduled_stop_sequence", "trip_update_stops": "stop_sequence"}
    return {**tables, **{name: engine.keep(without_numbers(tables[name], column, wrong)) for name, column in numbers.items()}}


def _trips(
    engine: Engine, day: ServiceDay, schedule: DaySchedule, vehicle_runs: ir.Table, updates: ir.Table, predictions: ir.Table
) -> tuple[ir.Table, ir.Table]:
    """Trips performed (`identified`), and which of them each trip of the updates means."""
    observed = engine.keep(observed_trips(vehicle_runs))
    due = schedule.runs if schedule.lent is None else due_runs(schedule.runs, schedule.lent, updates, predictions)
    silent = unobserved_trips(due, schedule.tables["trips"], observed)
    performed = engine.keep(observed.union(silent).union(predicted_trips(updates, predictions, observed)))
    meant = engine.keep(updates_of(updates, performed))
    predicted = predictions.select("named_key").distinct().mutate(_predicted=True)
    named = updates.left_join(predicted, "named_key").drop("named_key_right")
    named = named.mutate(seen_vehicle_id=named._predicted.notnull().ifelse(named.vehicle_id, null("string")))
    told = with_relationship(performed, engine.keep(named), meant)
    known = identified(
        told, schedule.runs, schedule.tables, day.service_date, day.origin_s, day.feed_id, day.feed_version_id, schedule.lent
    )
    return engine.keep(known), meant
