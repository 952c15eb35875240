"""What vehicles did on a service day: their runs on trips, and the facts of the stops of those trips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from interurban.metrics.performed.join_runs import join_runs, joined_facts, vehicle_runs
from interurban.metrics.performed.match import match_to_frequency, with_limits
from interurban.metrics.performed.minutes import heard_by_span, minutes
from interurban.metrics.performed.place import place_positions
from interurban.metrics.performed.split_runs import drop_out_of_order, in_time_order, run_keys, split_runs, without_strays
from interurban.metrics.performed.stop_facts import irregular, last_before, left_again, stop_facts, with_neighbours
from interurban.metrics.performed.vehicle_trips import vehicle_trips, with_vehicle_trip
from interurban.operations.block_trips import with_block_trips
from interurban.operations.day_schedule import DaySchedule, has_rows, matched
from interurban.operations.found_trips import with_found_method
from interurban.operations.layovers import with_next_trips
from interurban.operations.stop_trips import with_stop_trips

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.store.engine import Engine


@dataclass(frozen=True, slots=True)
class DayVehicles:
    """What vehicles did: positions with vehicle_trip_key, these by five minutes, runs (`join_runs`), facts of the stops of the trips they
    performed."""

    positions: ir.Table
    by_span: ir.Table
    runs: ir.Table
    facts: ir.Table


def vehicles_of_day(engine: Engine, schedule: DaySchedule, positions: ir.Table) -> DayVehicles:
    """Runs of vehicles, and facts of their stops."""
    positions = with_stop_trips(engine, schedule, with_block_trips(engine, schedule, positions))
    named = vehicle_trips(positions)
    named = engine.keep(named.mutate(named_key=named.vehicle_trip_key))
    named = with_found_method(matched(named, schedule), positions)
    named = engine.keep(with_limits(named, schedule.runs, schedule.origin_s))
    on_trips = with_vehicle_trip(positions, named)
    by_trip = engine.keep(with_neighbours(stop_facts(on_trips, "vehicle_trip_key"), "vehicle_trip_key"))
    odd = engine.keep(irregular(by_trip, "vehicle_trip_key"))
    regular = _with_bounds(engine, by_trip.anti_join(odd, "vehicle_trip_key"), on_trips)
    regular = regular.mutate(run_key=run_keys(regular.vehicle_trip_key)).drop("vehicle_trip_key")

    looked_at = named.semi_join(odd, "vehicle_trip_key")
    in_order_of_time = in_time_order(with_vehicle_trip(positions, looked_at, "trip_key", "run"))
    placed = place_positions(engine.keep(in_order_of_time), schedule.stops)
    split = engine.keep(split_runs(with_next_trips(engine, schedule, looked_at, placed)))
    split_facts = with_neighbours(without_strays(stop_facts(drop_out_of_order(split), "run_key")), "run_key")
    facts = regular.select(*split_facts.columns).union(split_facts)

    by_span = engine.keep(heard_by_span(on_trips, "vehicle_trip_key"))
    minutes_of = minutes(by_span.anti_join(odd, "vehicle_trip_key"), "vehicle_trip_key")
    minutes_of = minutes_of.mutate(run_key=run_keys(minutes_of.vehicle_trip_key)).drop("vehicle_trip_key")
    minutes_of = minutes_of.select("run_key", "minutes", "minutes_tracked").union(minutes(heard_by_span(split, "run_key"), "run_key"))
    runs = vehicle_runs(facts).left_join(minutes_of, "run_key").drop("run_key_right")
    of_trip = named.drop("first_s", "last_s", "positions", "named_key", "earliest_s", "latest_s")
    runs = engine.keep(runs.inner_join(of_trip, "vehicle_trip_key"))
    runs = engine.keep(_with_frequency(runs, schedule))
    runs = engine.keep(join_runs(_with_found_trips(engine, schedule, on_trips, runs)))
    return DayVehicles(on_trips, by_span, runs, _performed_facts(engine, runs, facts))


def _with_bounds(engine: Engine, facts: ir.Table, positions: ir.Table) -> ir.Table:
    """Facts with arrival_lo where minima and maxima do not tell it."""
    again = engine.keep(left_again(facts, "vehicle_trip_key"))
    if not has_rows(engine, again):
        return facts
    stop = ["vehicle_trip_key", "stop_sequence"]
    bounds = engine.keep(last_before(positions, again, "vehicle_trip_key")).rename(_lo="arrival_lo")
    joined = facts.left_join(bounds, stop)
    return joined.mutate(arrival_lo=joined._lo).select(*facts.columns)


def _with_frequency(runs: ir.Table, schedule: DaySchedule) -> ir.Table:
    """Runs with the departure of a frequency-based trip that each stands for, and whether they are of such a trip."""
    loose = runs.filter(runs.run.isnull() & runs.trip_key.notnull())
    begun = loose.select("run_key", "trip_key", begin_s=loose.first_s - schedule.origin_s)
    found = match_to_frequency(begun, schedule.runs).rename(_run="run")
    based = schedule.runs.filter(schedule.runs.is_frequency_based).select("trip_key").distinct().mutate(is_frequency_based=True)
    joined = runs.left_join(found, "run_key").drop("run_key_right").left_join(based, "trip_key").drop("trip_key_right")
    return joined.mutate(run=joined.run.coalesce(joined._run)).drop("_run")


def _with_found_trips(engine: Engine, schedule: DaySchedule, positions: ir.Table, runs: ir.Table) -> ir.Table:
    """Runs with the scheduled trips that those without any trip id went by, as far as where and when they went tells."""
    from interurban.operations.match_without_trip import match_runs

    # Stops that such a run names without their trip are numbered as they came, which is not the schedule's sequence.
    loose = runs.filter(runs.trip_key.isnull() & runs.trip_id_scheduled.isnull() & runs.first_sequence.isnull())
    loose = loose.select("run_key", "vehicle_trip_key", "first_s", "last_s", _route="route_id", _direction="direction_id")
    pings = positions.filter(positions.latitude.notnull(), positions.longitude.notnull()).inner_join(loose, "vehicle_trip_key")
    pings = pings.filter(pings.event_timestamp.between(pings.first_s, pings.last_s))
    pings = pings.select(
        "run_key", "event_timestamp", "latitude", "longitude", route_id=pings._route, direction_id=pings._direction
    )
    pings = engine.keep(pings)
    free = engine.keep(schedule.runs.anti_join(runs.filter(runs.run.notnull()), ["trip_key", "run"]))
    if not has_rows(engine, pings) or not has_rows(engine, free):
        return runs
    found = engine.keep(match_runs(engine, pings, schedule.tables, free, schedule.origin_s))
    found = found.select(
        "run_key", _trip_key="trip_key", _run="run", _method="match_method", _score=found.match_score.cast("float64")
    )
    joined = runs.left_join(found, "run_key").drop("run_key_right")
    return joined.mutate(
        trip_key=joined.trip_key.coalesce(joined._trip_key), run=joined.run.coalesce(joined._run),
        match_method=joined.match_method.coalesce(joined._method), match_score=joined.match_score.coalesce(joined._score),
    ).select(*runs.columns)


def _performed_facts(engine: Engine, runs: ir.Table, facts: ir.Table) -> ir.Table:
    """Facts by performed_key: those of trips that several runs performed are put together."""
    together = runs.group_by("performed_key").agg(_runs=runs.count()).filter(lambda t: t._runs > 1)
    parts = engine.keep(runs.semi_join(together, "performed_key").select("run_key", "performed_key"))
    alone = facts.anti_join(parts, "run_key").mutate(performed_key=facts.run_key)
    several = with_neighbours(joined_facts(facts.inner_join(parts, "run_key")), "performed_key")
    both = alone.union(several.select(*alone.columns))
    return both.filter(both.stop_sequence.notnull())
