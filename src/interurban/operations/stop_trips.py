"""Positions that name their stop and no trip, put on the trips along whose lines the vehicles went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interurban.metrics.performed.split_runs import FALLS_BACK, in_time_order, split_runs
from interurban.metrics.performed.vehicle_trips import vehicle_trips, with_vehicle_trip
from interurban.operations.day_schedule import DaySchedule, has_rows, matched, null
from interurban.operations.found_trips import FOUND, ids_of_trips
from interurban.operations.layovers import with_next_trips
from interurban.operations.match_without_trip import match_runs

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.store.engine import Engine


def with_stop_trips(engine: Engine, schedule: DaySchedule, positions: ir.Table) -> ir.Table:
    """Positions with the scheduled trip in trip_id_scheduled (and start_time, where it is one of a frequency), as if they named it.

    Where a vehicle goes on to another trip its numbers of stops tell, which begin again; where it has none, or too few to see that, its
    stays at terminals do.
    Numbers that are not those of the trip are taken away; the names beside them are believed, or without names the places alone.

    Columns more, where any position is put on a trip so: `FOUND`.

    Missing: a vehicle that does not say where it is, or that no trip of its line explains, keeps its positions as they are.
    """
    telling = positions.filter(positions.trip_id_scheduled.isnull(), positions.latitude.notnull(), positions.longitude.notnull())
    telling = telling.filter(telling.stop_id.notnull() | telling.scheduled_stop_sequence.notnull())
    if not has_rows(engine, telling):
        return positions
    named = vehicle_trips(positions)
    named = engine.keep(matched(named.mutate(named_key=named.vehicle_trip_key), schedule))
    nameless = named.filter(named.trip_id_scheduled.isnull(), named.trip_key.isnull())
    loose = engine.keep(nameless.semi_join(with_vehicle_trip(telling, nameless), "vehicle_trip_key"))
    of_loose = engine.keep(in_time_order(with_vehicle_trip(positions, loose)))
    split = _split(engine, schedule, loose, of_loose).select(*positions.columns, "run_key")
    found = _found(engine, schedule, named, split)
    if found is None:
        return positions
    wrong = engine.keep(_wrongly_numbered(split.inner_join(found, "run_key"), schedule.stops))
    t = split.left_join(found, "run_key").drop("run_key_right").left_join(wrong.mutate(_is_wrong=True), "run_key")
    t = t.mutate(
        trip_id_scheduled=t._trip_id, start_time=t._start_s.coalesce(t.start_time).cast("int32"),
        scheduled_stop_sequence=t._is_wrong.fill_null(False).ifelse(null("int32"), t.scheduled_stop_sequence),
        **{name: t[f"_{name}"].coalesce(t[name]) if name in positions.columns else t[f"_{name}"] for name in FOUND},
    )  # fmt: skip
    others = with_vehicle_trip(positions, named.anti_join(loose, "vehicle_trip_key"))
    if "found_score" not in positions.columns:
        others = others.mutate(found_method=null("string"), found_score=null("float64"))
    columns = [*(name for name in positions.columns if name not in FOUND), *FOUND]
    return engine.keep(others.select(*columns).union(t.select(*columns)))


def _split(engine: Engine, schedule: DaySchedule, loose: ir.Table, positions: ir.Table) -> ir.Table:
    """Positions with the run that each is of, run_key."""
    numbers = positions.group_by("vehicle_trip_key").agg(_numbers=positions.scheduled_stop_sequence.nunique())
    begin_again = numbers.filter(numbers._numbers > FALLS_BACK + 1).select("vehicle_trip_key", _tells=True)
    t = positions.left_join(begin_again, "vehicle_trip_key").drop("vehicle_trip_key_right")
    sequence = t.scheduled_stop_sequence
    t = engine.keep(t.mutate(_sequence=sequence, scheduled_stop_sequence=t._tells.fill_null(False).ifelse(sequence, null("int32"))))
    split = engine.keep(split_runs(with_next_trips(engine, schedule, loose, t)))
    return split.mutate(scheduled_stop_sequence=split._sequence)


def _found(engine: Engine, schedule: DaySchedule, named: ir.Table, split: ir.Table) -> ir.Table | None:
    """The trip of each run that a line explains, by its name; None: there is no such run."""
    pings = split.filter(split.latitude.notnull(), split.longitude.notnull())
    pings = engine.keep(pings.select("run_key", "event_timestamp", "latitude", "longitude", "route_id", "direction_id"))
    free = engine.keep(schedule.runs.anti_join(named.filter(named.run.notnull()), ["trip_key", "run"]))
    if not has_rows(engine, free):
        return None
    found = match_runs(engine, pings, schedule.tables, free, schedule.origin_s)
    # By the nearest start alone nobody would be believed to have been at the stops of that trip.
    found = engine.keep(found.filter(found.match_method == "route"))
    if not has_rows(engine, found):
        return None
    found = found.inner_join(ids_of_trips(schedule), ["trip_key", "run"])
    score = found.match_score.cast("float64")
    return engine.keep(
        found.select("run_key", "trip_key", "run", "_trip_id", "_start_s", _found_method="match_method", _found_score=score)
    )


def _wrongly_numbered(numbered: ir.Table, stops: ir.Table) -> ir.Table:
    """Runs with a number that is none of the trip's, or that the trip has for another stop than the one named: run_key."""
    said = numbered.filter(numbered.scheduled_stop_sequence.notnull())
    said = said.select("run_key", "trip_key", "run", stop_sequence="scheduled_stop_sequence", _said="stop_id").distinct()
    planned = stops.select("trip_key", "run", "stop_sequence", _planned="stop_id", _is_planned=True)
    t = said.left_join(planned, ["trip_key", "run", "stop_sequence"])
    t = t.filter(t._is_planned.isnull() | (t._planned != t._said).fill_null(False))
    # A name that is none of the trip's contradicts nothing, as everywhere.
    t = t.select("run_key", "trip_key", "run", "_is_planned", stop_id="_said")
    other = t.semi_join(stops, ["trip_key", "run", "stop_id"]).select("run_key")
    return other.union(t.filter(t._is_planned.isnull()).select("run_key")).distinct()
