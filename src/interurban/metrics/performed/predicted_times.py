"""Predictions that tell a delay and no time, with the moment that follows from the timetable."""

from __future__ import annotations

from functools import reduce

import ibis
from ibis.expr.types import BooleanValue, Table

_EVENTS = ("arrival", "departure")


def tells_delay_alone(trip_update_stops: Table) -> BooleanValue:
    """Whether a delay of the arrival or of the departure is given without its time."""
    t = trip_update_stops
    return ibis.or_(*(t[f"{event}_time"].isnull() & t[f"{event}_delay"].notnull() for event in _EVENTS))


def with_predicted_times(trip_update_stops: Table, update_trips: Table, stops: Table) -> Table:
    """Predictions with the time that a delay alone means: that of the timetable and the delay.

    Grain and columns: those of `trip_update_stops`; a time that is given stays.
    Args:
        trip_update_stops: docs/lake.md, Tables of a service day.
        update_trips: `update_trips` that are matched (trip_key, run).
        stops: facts of `scheduled_stops`.

    Missing: the time stays NULL where the trip or the stop is not in the timetable, and where a stop that the trip calls at twice is
        named without its sequence.
    Source: GTFS-Realtime reference, StopTimeEvent.delay.
    """
    bare = trip_update_stops.filter(tells_delay_alone(trip_update_stops))
    trips = update_trips.filter(update_trips.run.notnull()).select("trip_id_scheduled", "_start", "trip_key", "run")
    said = bare.mutate(_start=bare.start_time.fill_null(-1)).inner_join(trips, ["trip_id_scheduled", "_start"])
    plan = stops.select(
        "trip_key", "run", "stop_sequence", "stop_id", _arrival="schedule_arrival_time", _departure="schedule_departure_time"
    )
    once = ibis.window(group_by=["trip_key", "run", "stop_id"])
    single = plan.mutate(_calls=plan.stop_sequence.count().over(once)).filter(lambda t: t._calls == 1).drop("_calls", "stop_sequence")
    numbered = said.filter(said.stop_sequence.notnull()).inner_join(plan.drop("stop_id"), ["trip_key", "run", "stop_sequence"])
    named = said.filter(said.stop_sequence.isnull()).inner_join(single, ["trip_key", "run", "stop_id"])
    found = [_timed(each, trip_update_stops) for each in (numbered, named)]
    return reduce(lambda whole, part: whole.union(part), found, trip_update_stops.filter(~tells_delay_alone(trip_update_stops)))


def _timed(t: Table, like: Table) -> Table:
    times = {f"{event}_time": t[f"{event}_time"].coalesce(t[f"_{event}"] + t[f"{event}_delay"]) for event in _EVENTS}
    return t.mutate(**times).select(*like.columns)
