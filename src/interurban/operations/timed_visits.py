"""When the vehicles of a service day were at stops: by the best method that tells of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interurban.metrics.performed.merge import in_order, merge, settled, without_idle_bounds
from interurban.metrics.performed.place import number_stops, place
from interurban.metrics.performed.status_visits import VISIT_COLUMNS, status_visits
from interurban.metrics.performed.trip_update_visits import trip_update_visits
from interurban.metrics.sums import whole
from interurban.operations.day_schedule import DaySchedule, has_rows, null
from interurban.operations.day_vehicles import DayVehicles

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.operations.geometry import GeometryVisits
    from interurban.store.engine import Engine


ENOUGH_STOOD = 0.8
"""A trip seen standing at this share of its stops needs no geometry."""


def timed_visits(
    engine: Engine, schedule: DaySchedule, vehicles: DayVehicles, trips: ir.Table, predictions: ir.Table
) -> tuple[ir.Table, ir.Table]:
    """Visits by the best method that tells of each, and how many positions of trips laid on their shape lie near it."""
    stood = vehicles.runs.group_by("performed_key").agg(_stood=whole(vehicles.runs.stops_stood.sum())).filter(lambda t: t._stood > 0)
    status = status_visits(vehicles.facts)
    sources = [status.semi_join(stood, "performed_key")]
    laid = _laid(engine, schedule, vehicles, trips)
    if laid is not None:
        sources.append(laid.visits)
    if has_rows(engine, predictions):
        status, predicted = _with_numbers(engine, status, predictions, trips)
        predicted = _without_ends(trip_update_visits(placed(predicted, trips, schedule)), trips, schedule)
        sources = [status.semi_join(stood, "performed_key"), *sources[1:], predicted]
    # A vehicle that never says that it stands tells less of a stop than anything else: that it has the next one before it.
    passing = engine.keep(status.anti_join(stood, "performed_key"))
    if has_rows(engine, passing):
        sources.append(passing)
    near_shape = laid.runs if laid else _none_laid(trips)
    if not sources[1:]:
        return sources[0], near_shape
    visits = engine.keep(sources[0])
    for other in sources[1:]:
        visits = engine.keep(merge(visits, engine.keep(other)))
    return _in_order(engine, visits), near_shape


def placed(said: ir.Table, trips: ir.Table, schedule: DaySchedule) -> ir.Table:
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


def _without_ends(predicted: ir.Table, trips: ir.Table, schedule: DaySchedule) -> ir.Table:
    """Predicted visits without arrivals at a trip's first stop and departures from its last: they tell of other trips, and would
    contradict the departure and the arrival that were seen there."""
    ends = schedule.stops.filter(schedule.stops.is_first | schedule.stops.is_last)
    ends = ends.select("trip_key", "run", "stop_sequence", "is_first", "is_last")
    ends = trips.select("performed_key", "trip_key", "run").inner_join(ends, ["trip_key", "run"]).drop("trip_key", "run")
    t = predicted.left_join(ends, ["performed_key", "stop_sequence"])
    dropped = {"arrival": t.is_first.fill_null(False), "departure": t.is_last.fill_null(False)}
    events = {
        name: is_dropped.ifelse(null("int64"), t[name])
        for event, is_dropped in dropped.items()
        for name in (f"{event}_s", f"{event}_lo", f"{event}_hi")
    }
    return t.mutate(**events).select(*VISIT_COLUMNS)


def _in_order(engine: Engine, visits: ir.Table) -> ir.Table:
    """Visits without what contradicts: nearly all trips are in order, and only the others are gone through again."""
    ordered = engine.keep(in_order(visits))
    odd = engine.keep(ordered.filter(ordered.is_contradicted).select("performed_key").distinct())
    ordered = ordered.drop("is_contradicted")
    if has_rows(engine, odd):
        ordered = ordered.anti_join(odd, "performed_key").union(settled(ordered.semi_join(odd, "performed_key")))
    return without_idle_bounds(ordered)


def _with_numbers(engine: Engine, status: ir.Table, predictions: ir.Table, trips: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Visits and predictions, with numbers for the stops of trips outside the schedule where predictions have none."""
    outside = trips.filter(trips.run.isnull()).select("performed_key")
    loose = predictions.filter(predictions.stop_sequence.isnull()).semi_join(outside, "performed_key")
    if not has_rows(engine, loose):
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


def _laid(engine: Engine, schedule: DaySchedule, vehicles: DayVehicles, trips: ir.Table) -> GeometryVisits | None:
    """Visits by geometry of trips that say of too few of their stops that they stand there; None: there are no such trips."""
    from interurban.operations.geometry import GeometryVisits, geometry_visits

    planned = schedule.runs.select("trip_key", "run", "stop_times_count")
    stood = vehicles.runs.group_by("performed_key").agg(_stood=whole(vehicles.runs.stops_stood.sum()))
    found = trips.filter(trips.pattern_key.notnull()).inner_join(planned, ["trip_key", "run"]).inner_join(stood, "performed_key")
    found = found.filter(found._stood < found.stop_times_count * ENOUGH_STOOD)
    found = engine.keep(
        found.select("performed_key", "pattern_key", "mode", schedule_trip_start=found.start_s.cast("int64") + schedule.origin_s)
    )
    if not has_rows(engine, found):
        return None
    runs = vehicles.runs.select("vehicle_trip_key", "performed_key", "first_s", "last_s").inner_join(found, "performed_key")
    pings = vehicles.positions.inner_join(runs, "vehicle_trip_key")
    pings = pings.filter(pings.latitude.notnull(), pings.event_timestamp.between(pings.first_s, pings.last_s))
    made = geometry_visits(engine, pings.mutate(run_key=pings.performed_key), schedule.tables)
    visits = made.visits.anti_join(_elsewhere(made, trips), "run_key")
    visits = visits.mutate(performed_key=visits.run_key, stop_id=null("string")).select(*VISIT_COLUMNS)
    return GeometryVisits(visits, made.runs.rename(performed_key="run_key"))


def _elsewhere(made: GeometryVisits, trips: ir.Table) -> ir.Table:
    """Runs that got a trip by its start alone and did not go along its line: when they were where tells nothing of its stops."""
    from interurban.operations.candidate_trips import MOST_COST

    guessed = trips.filter(trips.match_method == "nearest_start").select(run_key="performed_key")
    return made.runs.filter((made.runs.match_cost > MOST_COST).fill_null(True)).semi_join(guessed, "run_key").select("run_key")


def _none_laid(trips: ir.Table) -> ir.Table:
    nobody = trips.filter(trips.performed_key.isnull())
    return nobody.select("performed_key", positions_near_shape=null("int64"), positions_off_route=null("int64"))
