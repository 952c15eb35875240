"""The steps from positions and predictions of a service day to its stop visits, run on an engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interurban.metrics.performed.clean import Bounds, clean, clean_counts
from interurban.metrics.performed.join_runs import join_runs, joined_facts, vehicle_runs
from interurban.metrics.performed.match import match, match_to_frequency, with_limits
from interurban.metrics.performed.merge import in_order, merge, settled, without_idle_bounds
from interurban.metrics.performed.minutes import heard_by_minute, minutes
from interurban.metrics.performed.place import number_stops, place, place_positions
from interurban.metrics.performed.scheduled_stops import scheduled_stops
from interurban.metrics.performed.split_runs import drop_out_of_order, in_time_order, run_keys, split_runs, without_strays
from interurban.metrics.performed.status_visits import VISIT_COLUMNS, status_visits
from interurban.metrics.performed.stop_facts import irregular, last_before, left_again, stop_facts, with_neighbours
from interurban.metrics.performed.stop_visits import calls, identified, in_sequence, stop_visits, trips_performed, trips_with_more_stops
from interurban.metrics.performed.trip_update_visits import last_predictions, skipped_stops, trip_update_visits, update_trips
from interurban.metrics.performed.trips_performed import (
    observed_trips,
    predicted_trips,
    unobserved_trips,
    updates_of,
    with_relationship,
)
from interurban.metrics.performed.vehicle_faults import frozen_places, skewed_clocks, terminals
from interurban.metrics.performed.vehicle_trips import vehicle_trips, with_vehicle_trip
from interurban.metrics.performed.wrong_numbers import without_numbers, wrongly_numbered
from interurban.metrics.runs import runs as scheduled_runs
from interurban.metrics.sums import whole
from interurban.model import Scope

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.operations.geometry import GeometryVisits
    from interurban.store.engine import Engine


ENOUGH_STOOD = 0.8
"""A trip seen standing at this share of its stops needs no geometry."""


@dataclass(frozen=True, slots=True)
class ServiceDay:
    """Which day is reconstructed: `origin_s` is the moment from which its GTFS times count, `feed_id` and `feed_version_id` the source of
    the rows made and the schedule in force (NULL: none), `bounds` where the network is."""

    service_date: dt.date
    origin_s: int
    feed_id: int
    feed_version_id: int | None = None
    bounds: Bounds | None = None


@dataclass(frozen=True, slots=True)
class PerformedDay:
    """Both tables of the layer "performed", as docs/lake.md has them, and what was counted on the way."""

    stop_visits: ir.Table
    trips_performed: ir.Table
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Schedule:
    """The schedule of the day: the tables of its feed version, its runs, their stops."""

    tables: Mapping[str, ir.Table]
    runs: ir.Table
    stops: ir.Table
    origin_s: int


@dataclass(frozen=True, slots=True)
class _Vehicles:
    """What vehicles did: positions with vehicle_trip_key, these by minute, runs (`join_runs`), facts of the stops of the trips they
    performed."""

    positions: ir.Table
    by_minute: ir.Table
    runs: ir.Table
    facts: ir.Table


@dataclass(frozen=True, slots=True)
class _Draft:
    """What vehicles and predictions come to while the numbers of stops are believed: `calls` of `trips`."""

    vehicles: _Vehicles
    trips: ir.Table
    calls: ir.Table
    near_shape: ir.Table


def perform(engine: Engine, day: ServiceDay, tables: Mapping[str, ir.Table]) -> PerformedDay:
    """Reconstruct a service day.

    Args:
        engine: Runs the steps and keeps what several of them read.
        day: Which day.
        tables: Tables of the schedule (docs/lake.md; without rows where there is none), and vehicle_locations, trip_update_stops and
            trip_updates of the day.
    """
    runs = engine.keep(scheduled_runs(tables, Scope(dates=(day.service_date,))))
    schedule = _Schedule(tables, runs, scheduled_stops(runs, tables, day.origin_s), day.origin_s)
    draft = _draft(engine, day, schedule, tables)
    wrong = engine.keep(wrongly_numbered(draft.calls, draft.trips, schedule.stops))
    (numbered,) = engine.rows(wrong.aggregate(wrongly_numbered=wrong.count()))
    if numbered["wrongly_numbered"]:
        draft = _draft(engine, day, schedule, _without_numbers(engine, tables, wrong))
    made = in_sequence(draft.calls, engine.keep(trips_with_more_stops(draft.calls, draft.trips)))
    counts = _counts(engine, day, tables["vehicle_locations"], draft.trips) | _faults(engine, day, tables, draft.vehicles) | numbered
    visits = stop_visits(made, draft.trips, draft.vehicles.runs)
    return PerformedDay(visits, trips_performed(draft.trips, made, draft.near_shape), counts)


def _draft(engine: Engine, day: ServiceDay, schedule: _Schedule, tables: Mapping[str, ir.Table]) -> _Draft:
    vehicles = _vehicles(engine, schedule, clean(tables["vehicle_locations"], day.bounds))
    updates = engine.keep(update_trips(tables["trip_updates"], tables["trip_update_stops"]))
    updates = engine.keep(_matched(updates, schedule))
    predictions = engine.keep(last_predictions(tables["trip_update_stops"], updates))
    trips, meant = _trips(engine, day, schedule, vehicles.runs, updates, predictions)

    predictions = predictions.inner_join(meant, "named_key")
    predictions = engine.keep(predictions.mutate(run_key=predictions.performed_key))
    skipped = _placed(skipped_stops(tables["trip_update_stops"], updates).inner_join(meant, "named_key"), trips, schedule)
    visits, near_shape = _visits(engine, schedule, vehicles, trips, predictions)
    return _Draft(vehicles, trips, engine.keep(calls(trips, schedule.stops, visits, skipped)), near_shape)


def _without_numbers(engine: Engine, tables: Mapping[str, ir.Table], wrong: ir.Table) -> dict[str, ir.Table]:
    numbers = {"vehicle_locations": "scheduled_stop_sequence", "trip_update_stops": "stop_sequence"}
    return {**tables, **{name: engine.keep(without_numbers(tables[name], column, wrong)) for name, column in numbers.items()}}


def _vehicles(engine: Engine, schedule: _Schedule, positions: ir.Table) -> _Vehicles:
    """Runs of vehicles, and facts of their stops."""
    named = vehicle_trips(positions)
    named = engine.keep(named.mutate(named_key=named.vehicle_trip_key))
    named = engine.keep(with_limits(_matched(named, schedule), schedule.runs, schedule.origin_s))
    on_trips = with_vehicle_trip(positions, named)
    by_trip = engine.keep(with_neighbours(stop_facts(on_trips, "vehicle_trip_key"), "vehicle_trip_key"))
    odd = engine.keep(irregular(by_trip, "vehicle_trip_key"))
    regular = _with_bounds(engine, by_trip.anti_join(odd, "vehicle_trip_key"), on_trips)
    regular = regular.mutate(run_key=run_keys(regular.vehicle_trip_key)).drop("vehicle_trip_key")

    looked_at = named.semi_join(odd, "vehicle_trip_key")
    in_order_of_time = in_time_order(with_vehicle_trip(positions, looked_at, "trip_key", "run"))
    split = engine.keep(split_runs(place_positions(engine.keep(in_order_of_time), schedule.stops)))
    split_facts = with_neighbours(without_strays(stop_facts(drop_out_of_order(split), "run_key")), "run_key")
    facts = regular.select(*split_facts.columns).union(split_facts)

    by_minute = engine.keep(heard_by_minute(on_trips, "vehicle_trip_key"))
    minutes_of = minutes(by_minute.anti_join(odd, "vehicle_trip_key"), "vehicle_trip_key")
    minutes_of = minutes_of.mutate(run_key=run_keys(minutes_of.vehicle_trip_key)).drop("vehicle_trip_key")
    minutes_of = minutes_of.select("run_key", "minutes", "minutes_tracked").union(minutes(heard_by_minute(split, "run_key"), "run_key"))
    runs = vehicle_runs(facts).left_join(minutes_of, "run_key").drop("run_key_right")
    of_trip = named.drop("first_s", "last_s", "positions", "named_key", "earliest_s", "latest_s")
    runs = engine.keep(runs.inner_join(of_trip, "vehicle_trip_key"))
    runs = engine.keep(_with_frequency(runs, schedule))
    runs = engine.keep(join_runs(_with_found_trips(engine, schedule, on_trips, runs)))
    return _Vehicles(on_trips, by_minute, runs, _performed_facts(engine, runs, facts))


def _with_bounds(engine: Engine, facts: ir.Table, positions: ir.Table) -> ir.Table:
    """Facts with arrival_lo where minima and maxima do not tell it."""
    again = engine.keep(left_again(facts, "vehicle_trip_key"))
    if not _has_rows(engine, again):
        return facts
    stop = ["vehicle_trip_key", "stop_sequence"]
    bounds = engine.keep(last_before(positions, again, "vehicle_trip_key")).rename(_lo="arrival_lo")
    joined = facts.left_join(bounds, stop)
    return joined.mutate(arrival_lo=joined._lo).select(*facts.columns)


def _matched(named: ir.Table, schedule: _Schedule) -> ir.Table:
    return match(named, schedule.runs, schedule.tables["trips"])


def _with_frequency(runs: ir.Table, schedule: _Schedule) -> ir.Table:
    """Runs with the departure of a frequency-based trip that each stands for, and whether they are of such a trip."""
    loose = runs.filter(runs.run.isnull() & runs.trip_key.notnull())
    begun = loose.select("run_key", "trip_key", begin_s=loose.first_s - schedule.origin_s)
    found = match_to_frequency(begun, schedule.runs).rename(_run="run")
    based = schedule.runs.filter(schedule.runs.is_frequency_based).select("trip_key").distinct().mutate(is_frequency_based=True)
    joined = runs.left_join(found, "run_key").drop("run_key_right").left_join(based, "trip_key").drop("trip_key_right")
    return joined.mutate(run=joined.run.coalesce(joined._run), match_score=_null("float64")).drop("_run")


def _with_found_trips(engine: Engine, schedule: _Schedule, positions: ir.Table, runs: ir.Table) -> ir.Table:
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
    if not _has_rows(engine, pings) or not _has_rows(engine, free):
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


def _trips(
    engine: Engine, day: ServiceDay, schedule: _Schedule, vehicle_runs: ir.Table, updates: ir.Table, predictions: ir.Table
) -> tuple[ir.Table, ir.Table]:
    """Trips performed (`identified`), and which of them each trip of the updates means."""
    observed = engine.keep(observed_trips(vehicle_runs))
    silent = unobserved_trips(schedule.runs, schedule.tables["trips"], observed)
    performed = engine.keep(observed.union(silent).union(predicted_trips(updates, predictions, observed)))
    meant = engine.keep(updates_of(updates, performed))
    predicted = predictions.select("named_key").distinct().mutate(_predicted=True)
    named = updates.left_join(predicted, "named_key").drop("named_key_right")
    named = named.mutate(seen_vehicle_id=named._predicted.notnull().ifelse(named.vehicle_id, _null("string")))
    told = with_relationship(performed, engine.keep(named), meant)
    routes = schedule.tables["routes"]
    known = identified(told, schedule.runs, routes, day.service_date, day.origin_s, day.feed_id, day.feed_version_id)
    return engine.keep(known), meant


def _placed(said: ir.Table, trips: ir.Table, schedule: _Schedule) -> ir.Table:
    """What updates say of stops, with the sequence of the stop where they name only the stop of a scheduled trip; others are left out."""
    import ibis

    blank = said.filter(said.stop_sequence.isnull() & said.stop_id.notnull())
    blank = blank.inner_join(trips.select("performed_key", "trip_key", "run"), "performed_key")
    moment = blank.arrival_s.coalesce(blank.departure_s) if "arrival_s" in said.columns else ibis.null("int64")
    number = ibis.row_number().over(order_by=[blank.performed_key, blank.named_key, blank.stop_id])
    blank = blank.mutate(sighting_key=number, moment_s=moment)
    found = blank.inner_join(place(blank, schedule.stops).rename(_sequence="stop_sequence"), "sighting_key")
    found = found.mutate(stop_sequence=found._sequence.cast(said.stop_sequence.type())).select(*said.columns)
    return said.filter(said.stop_sequence.notnull()).union(found)


def _visits(engine: Engine, schedule: _Schedule, vehicles: _Vehicles, trips: ir.Table, predictions: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Visits by the best method that tells of each, and how many positions of trips laid on their shape lie near it."""
    stood = vehicles.runs.group_by("performed_key").agg(_stood=whole(vehicles.runs.stops_stood.sum())).filter(lambda t: t._stood > 0)
    status = status_visits(vehicles.facts)
    sources = [status.semi_join(stood, "performed_key")]
    laid = _laid(engine, schedule, vehicles, trips)
    if laid is not None:
        sources.append(laid.visits)
    if _has_rows(engine, predictions):
        status, predicted = _with_numbers(engine, status, predictions, trips)
        sources = [status.semi_join(stood, "performed_key"), *sources[1:], trip_update_visits(_placed(predicted, trips, schedule))]
    # A vehicle that never says that it stands tells less of a stop than anything else: that it has the next one before it.
    passing = engine.keep(status.anti_join(stood, "performed_key"))
    if _has_rows(engine, passing):
        sources.append(passing)
    near_shape = laid.runs if laid else _none_laid(trips)
    if not sources[1:]:
        return sources[0], near_shape
    visits = engine.keep(sources[0])
    for other in sources[1:]:
        visits = engine.keep(merge(visits, engine.keep(other)))
    return _in_order(engine, visits), near_shape


def _in_order(engine: Engine, visits: ir.Table) -> ir.Table:
    """Visits without what contradicts: nearly all trips are in order, and only the others are gone through again."""
    ordered = engine.keep(in_order(visits))
    odd = engine.keep(ordered.filter(ordered.is_contradicted).select("performed_key").distinct())
    ordered = ordered.drop("is_contradicted")
    if _has_rows(engine, odd):
        ordered = ordered.anti_join(odd, "performed_key").union(settled(ordered.semi_join(odd, "performed_key")))
    return without_idle_bounds(ordered)


def _with_numbers(engine: Engine, status: ir.Table, predictions: ir.Table, trips: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Visits and predictions, with numbers for the stops of trips outside the schedule where predictions have none."""
    outside = trips.filter(trips.run.isnull()).select("performed_key")
    loose = predictions.filter(predictions.stop_sequence.isnull()).semi_join(outside, "performed_key")
    if not _has_rows(engine, loose):
        return status, predictions
    theirs = status.semi_join(loose, "performed_key")
    numbers = engine.keep(number_stops(theirs, loose))
    by_stop = ["performed_key", "stop_id"]
    numbers = numbers.rename(_sequence="stop_sequence")
    seen = theirs.inner_join(numbers, by_stop)
    seen = seen.mutate(stop_sequence=seen._sequence).select(*status.columns)
    said = loose.inner_join(numbers, by_stop)
    said = said.mutate(stop_sequence=said._sequence).select(*predictions.columns)
    return (
        engine.keep(status.anti_join(numbers, "performed_key").union(seen)),
        engine.keep(predictions.anti_join(numbers, "performed_key").union(said)),
    )


def _laid(engine: Engine, schedule: _Schedule, vehicles: _Vehicles, trips: ir.Table) -> GeometryVisits | None:
    """Visits by geometry of trips that say of too few of their stops that they stand there; None: there are no such trips."""
    from interurban.operations.geometry import GeometryVisits, geometry_visits

    planned = schedule.runs.select("trip_key", "run", "stop_times_count")
    stood = vehicles.runs.group_by("performed_key").agg(_stood=whole(vehicles.runs.stops_stood.sum()))
    found = trips.filter(trips.pattern_key.notnull()).inner_join(planned, ["trip_key", "run"]).inner_join(stood, "performed_key")
    found = found.filter(found._stood < found.stop_times_count * ENOUGH_STOOD)
    found = engine.keep(
        found.select("performed_key", "pattern_key", "mode", schedule_trip_start=found.start_s.cast("int64") + schedule.origin_s)
    )
    if not _has_rows(engine, found):
        return None
    runs = vehicles.runs.select("vehicle_trip_key", "performed_key", "first_s", "last_s").inner_join(found, "performed_key")
    pings = vehicles.positions.inner_join(runs, "vehicle_trip_key")
    pings = pings.filter(pings.latitude.notnull(), pings.event_timestamp.between(pings.first_s, pings.last_s))
    made = geometry_visits(engine, pings.mutate(run_key=pings.performed_key), schedule.tables)
    visits = made.visits.mutate(performed_key=made.visits.run_key, stop_id=_null("string")).select(*VISIT_COLUMNS)
    return GeometryVisits(visits, made.runs.rename(performed_key="run_key"))


def _none_laid(trips: ir.Table) -> ir.Table:
    nobody = trips.filter(trips.performed_key.isnull())
    return nobody.select("performed_key", positions_near_shape=_null("int64"), positions_off_route=_null("int64"))


def _counts(engine: Engine, day: ServiceDay, vehicle_locations: ir.Table, trips: ir.Table) -> dict[str, int]:
    """What a reader of the day wants to know of it: rows left out by reason, trips by relationship, trips that ran though canceled."""
    (positions,) = engine.rows(clean_counts(vehicle_locations, day.bounds))
    by = trips.schedule_relationship
    (of_trips,) = engine.rows(trips.aggregate(
        trips=trips.count(), trips_observed=trips.count(where=trips.is_observed),
        trips_unmatched=trips.count(where=trips.is_observed & trips.run.isnull()),
        canceled=trips.count(where=trips.is_canceled), canceled_but_observed=trips.count(where=trips.is_canceled & trips.is_observed),
        added=trips.count(where=by == "Added"), duplicated=trips.count(where=by == "Duplicated"),
    ))  # fmt: skip
    return {name: int(value) for name, value in (positions | of_trips).items()}


def _faults(engine: Engine, day: ServiceDay, tables: Mapping[str, ir.Table], vehicles: _Vehicles) -> dict[str, int]:
    """Vehicles that are not to be believed; without a schedule no terminal is known, and any place may be one."""
    skewed = skewed_clocks(tables["vehicle_locations"])
    found = {"skewed_clocks": skewed.count()}
    if day.feed_version_id is not None:
        found["frozen_trips"] = frozen_places(vehicles.positions, vehicles.by_minute, terminals(tables)).vehicle_trip_key.nunique()
    return {name: int(engine.rows(count.name("n").as_table())[0]["n"]) for name, count in found.items()}


def _has_rows(engine: Engine, table: ir.Table) -> bool:
    return bool(engine.rows(table.aggregate(n=table.count()))[0]["n"])


def _null(kind: str) -> ir.Value:
    import ibis

    return ibis.null(kind)
