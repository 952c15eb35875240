"""Which scheduled trip it was that a vehicle said it was on."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

EARLY_S = 900
"""A vehicle that reports earlier than this before its departure waits for it."""
LATE_S = 10800
"""One that reports later than this after its scheduled arrival was never signed off."""


def match(named: Table, runs: Table, trips: Table) -> Table:
    """The scheduled run that each named trip means: by its trip_id, else by route, direction and start time.

    An ordinary trip is meant by its id. A frequency-based one also needs the start time: that of a promised departure, or the nearest
    promised departure not more than half an hour away where times are not exact. A trip of an unknown id, or with none, is the one trip
    of its route (and direction, where it tells) that starts at its start time; where several do, it is none of them.

    Grain: the rows and columns of `named`, and trip_key, run (int64), match_method ("trip_id", "start_time"; all three NULL: no match).
    Args:
        named: Has `named_key`, unique, and trip_id_scheduled, start_time, route_id, direction_id.
        runs: The fact of that name for one service date.
        trips: trip_key and trip_id of the same feed version.

    Missing: a frequency-based trip without a start time has trip_key alone; `match_to_frequency` gives it a run when it is known when it
        began.
    Source: GTFS-Realtime reference, TripDescriptor.
    """
    by_id = _by_trip_id(named, runs, trips)
    without = named.anti_join(by_id, "named_key").filter(lambda t: t.start_time.notnull() & t.route_id.notnull())
    found = by_id.union(_by_start_time(without, runs))
    return named.left_join(found, "named_key").drop("named_key_right")

def with_limits(matched: Table, runs: Table, origin_s: int) -> Table:
    """The rows of `matched` with earliest_s and latest_s, the moments between which a vehicle on that run is on it (NULL: not known)."""
    limits = runs.select("trip_key", "run", "start_s", "end_s")
    found = matched.left_join(limits, ["trip_key", "run"]).drop("trip_key_right", "run_right")
    return found.mutate(
        earliest_s=(found.start_s.cast("int64") + (origin_s - EARLY_S)), latest_s=(found.end_s.cast("int64") + (origin_s + LATE_S)),
    ).drop("start_s", "end_s")

def _by_trip_id(named: Table, runs: Table, trips: Table) -> Table:
    ids = trips.select("trip_id", "trip_key").filter(lambda t: t.trip_id.notnull())
    known = named.inner_join(ids, named.trip_id_scheduled == ids.trip_id)
    known = known.select("named_key", "start_time", "trip_key")
    todays = runs.select("trip_key", "run", "start_s", "is_frequency_based", "exact_times")
    candidates = known.inner_join(todays, "trip_key")
    away = (candidates.start_time - candidates.start_s).abs().cast("int64")
    is_near = (away == 0) | ((away <= 1800) & (candidates.exact_times.fill_null(0) == 0))
    candidates = candidates.mutate(_away=(~candidates.is_frequency_based).ifelse(0, is_near.ifelse(away, None)))
    # One row for each: of a frequency-based trip's runs the nearest, or none when the start time is missing or far from all.
    order = ibis.row_number().over(
        group_by="named_key", order_by=[candidates._away.isnull(), candidates._away, candidates.run]
    )
    nearest = candidates.mutate(_order=order).filter(lambda t: t._order == 0)
    run = nearest._away.notnull().ifelse(nearest.run, ibis.null("int64"))
    return nearest.select("named_key", "trip_key", run=run, match_method=ibis.literal("trip_id"))

def _by_start_time(named: Table, runs: Table) -> Table:
    todays = runs.select("trip_key", "run", "start_s", _route="route_id", _direction="direction_id")
    pairs = named.inner_join(todays, [named.route_id == todays._route, named.start_time == todays.start_s])
    pairs = pairs.filter((pairs.direction_id == pairs._direction).fill_null(True))
    single = pairs.group_by("named_key").agg(
        trip_key=pairs.trip_key.min(), run=pairs.run.min(), _candidates=pairs.count()
    )
    single = single.filter(single._candidates == 1)
    return single.select("named_key", "trip_key", "run", match_method=ibis.literal("start_time"))

def match_to_frequency(begun: Table, runs: Table) -> Table:
    """Runs of frequency-based trips whose feed tells no start time: the promised departure nearest to the first sign of the vehicle.

    Grain: one row per run_key of `begun` that has a promised departure within half an hour; columns run_key, run.
    Args:
        begun: run_key, trip_key, and begin_s, seconds of the service day.
        runs: The fact of that name.
    """
    todays = runs.filter(runs.is_frequency_based).select("trip_key", "run", "start_s")
    pairs = begun.inner_join(todays, "trip_key")
    pairs = pairs.mutate(_away=(pairs.begin_s - pairs.start_s).abs())
    pairs = pairs.filter(pairs._away <= 1800)
    order = ibis.row_number().over(group_by="run_key", order_by=[pairs._away, pairs.run])
    return pairs.mutate(_order=order).filter(lambda t: t._order == 0).select("run_key", "run")

