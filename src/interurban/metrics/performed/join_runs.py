"""Runs of vehicles, and the trips that they performed together: a trip may be begun by one vehicle and ended by another."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.metrics.performed.split_runs import MANY_RUNS
from interurban.metrics.sums import whole


def vehicle_runs(facts: Table) -> Table:
    """Runs of vehicles, from the facts of their stops.

    Grain: one row per run_key; columns vehicle_trip_key, part (0, 1 …), first_s, last_s (moments), positions, first_sequence,
        last_sequence, reached_sequence (the last stop it was seen standing at, else last_sequence), stops_stood (stops it was seen
        standing at).
    Args:
        facts: `stop_facts` by run_key.
    """
    runs = facts.group_by("run_key").agg(
        first_s=facts.first_s.min(),
        last_s=facts.last_s.max(),
        positions=whole(facts.positions.sum()),
        first_sequence=facts.stop_sequence.min(),
        last_sequence=facts.stop_sequence.max(),
        _stood_at=facts.stop_sequence.max(where=facts.first_stopped_s.notnull()),
        stops_stood=facts.first_stopped_s.count(),
    )
    return runs.mutate(
        vehicle_trip_key=runs.run_key // MANY_RUNS,
        part=runs.run_key % MANY_RUNS,
        reached_sequence=runs._stood_at.coalesce(runs.last_sequence),
    ).drop("_stood_at")


def join_runs(runs: Table) -> Table:
    """Runs with the trip that they performed, together with others or alone.

    Runs of one trip that follow each other in time, each beginning where the one before had come to, are one trip performed: another
    vehicle took over, or the same one was silent. Runs at the same time, or that begin again, or that name another start time, are trips of
    their own.

    Grain: the rows and columns of `runs`, and performed_key int64 (the run_key of the trip's first run) and is_duplicate (another trip
        performed stands for the same scheduled one, with more positions).
    Args:
        runs: `vehicle_runs` with trip_key, run (NULL: not matched), trip_id_scheduled, start_time and is_frequency_based.

    Missing: runs without a trip id, or of a frequency-based trip with no departure found for them, are joined with nothing.
    """
    named = runs.mutate(
        _trip=runs.trip_key.notnull().ifelse(ibis.literal(""), runs.trip_id_scheduled.fill_null("")),
        _start=runs.trip_key.notnull().ifelse(ibis.null("int32"), runs.start_time.cast("int32")),
        _alone=(
            (runs.trip_key.isnull() & runs.trip_id_scheduled.isnull()) | (runs.trip_key.notnull() & runs.run.isnull())
        ).ifelse(runs.run_key, ibis.null("int64")),
    )
    trip = ["trip_key", "run", "_trip", "_start", "_alone"]
    order = {"group_by": trip, "order_by": ["first_s", "run_key"]}
    seen = named.mutate(
        _until=named.last_s.max().over(rows=(None, -1), **order), _reached=named.reached_sequence.max().over(rows=(None, -1), **order),
        _vehicle_before=named.vehicle_trip_key.lag().over(**order), _start_before=named.start_time.lag().over(**order),
    )
    # Who names another start time is on another departure, also of a trip that the timetable has once: a publisher duplicated it.
    same_start = (seen.start_time == seen._start_before).fill_null(True)
    goes_on = (seen.first_sequence >= seen._reached).coalesce(seen.vehicle_trip_key != seen._vehicle_before)
    joins = ((seen.first_s >= seen._until) & goes_on & same_start).fill_null(False)
    numbered = seen.mutate(_begins=joins.ifelse(ibis.null("int8"), 1))
    numbered = numbered.mutate(_number=numbered._begins.count().over(rows=(None, 0), **order))
    together = {"group_by": [*trip, "_number"]}
    joined = numbered.mutate(
        performed_key=numbered.run_key.first().over(order_by=["first_s", "run_key"], rows=(None, 0), **together),
        _positions=numbered.positions.sum().over(**together),
    )
    # The nearest departure of a frequency may be meant by several vehicles; by those that name one start time it is one trip.
    by_frequency = joined.is_frequency_based.fill_null(False)
    joined = joined.mutate(_same=by_frequency.ifelse(joined.start_time.cast("int32"), ibis.null("int32")))
    best = joined.performed_key.first().over(
        group_by=[*trip, "_same"], order_by=[joined._positions.desc(), joined.performed_key], rows=(None, 0)
    )
    is_one_trip = joined._alone.isnull() & (~by_frequency | joined.start_time.notnull())
    return joined.mutate(is_duplicate=(joined.performed_key != best) & is_one_trip).drop(
        "_trip", "_start", "_alone", "_until", "_reached", "_vehicle_before", "_start_before", "_begins", "_number", "_positions", "_same"
    )


def joined_facts(facts: Table) -> Table:
    """Stop facts of runs put together into those of trips performed: columns of `stop_facts`, by performed_key; run_key is the first."""
    least = ("first_s", "first_stopped_s", "first_moving_s", "arrival_lo", "run_key")
    most = ("last_s", "last_stopped_s", "last_moving_s", "stop_id")
    return facts.group_by("performed_key", "stop_sequence").agg(
        **{name: facts[name].min() for name in least}, **{name: facts[name].max() for name in most}, positions=whole(facts.positions.sum()),
    )
