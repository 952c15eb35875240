"""Runs of a vehicle under one trip id, told apart position by position."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.metrics.performed.stop_facts import GAP_S

FALLS_BACK = 2
"""Falling back by more stops than these, to one of the first stops, is another run of the same trip id."""
MANY_RUNS = 1000
"""More runs of one vehicle under one trip id than a day can have: run_key = vehicle_trip_key * MANY_RUNS + part."""


def run_keys(vehicle_trip_key: ibis.expr.types.IntegerValue) -> ibis.expr.types.IntegerValue:
    """Key of the first, and mostly only, run of a vehicle's trip."""
    return (vehicle_trip_key * MANY_RUNS).cast("int64")


def in_time_order(positions: Table) -> Table:
    """Positions with the moment of the vehicle's position before: `before_s`, NULL for the first.

    Columns more: stop_id_before, and `island`, a number that grows where the stop they name changes.
    """
    order = _time_order(positions)
    before = positions.mutate(
        before_s=positions.event_timestamp.lag().over(**order), _stop_before=positions.stop_id.lag().over(**order)
    )
    changed = (before.stop_id != before._stop_before).fill_null(before.stop_id.notnull())
    numbered = before.mutate(_changed=changed.ifelse(1, ibis.null("int8")))
    island = numbered._changed.count().over(rows=(None, 0), **_time_order(numbered))
    return numbered.mutate(island=island).drop("_stop_before", "_changed")


def split_runs(positions: Table) -> Table:
    """Positions with the run they belong to, where a vehicle went more than once under one trip id.

    A run ends where the vehicle is silent for more than half an hour, or falls back by more than two stops to one of the first three that
    it was seen at: the id was used again, or the trip is one of a frequency. Stops are counted among those that were seen. So does one
    at which `next_trips` says so: of a vehicle that names no trip, where it lay over.

    Grain: the rows and columns of `positions`, and run_key int64.
    Args:
        positions: `in_time_order`, with scheduled_stop_sequence filled as far as it can be, and is_next (bool; from here
            on it is another trip).

    Missing: a position without a sequence stays in the run of the position before.
    """
    by_stop = {"group_by": "vehicle_trip_key", "order_by": positions.scheduled_stop_sequence}
    ranked = positions.mutate(
        _rank=positions.scheduled_stop_sequence.notnull().ifelse(ibis.dense_rank().over(**by_stop), ibis.null("int64"))
    )
    lowest = ranked._rank.min().over(group_by="vehicle_trip_key")
    ranked = ranked.mutate(_rank=ranked._rank - lowest)
    order = _time_order(ranked)
    seen = ranked.mutate(
        _rank_before=ranked._rank.lag().over(**order), _lowest=ranked._rank.min().over(rows=(None, -1), **order)
    )
    fell = (seen._rank < seen._rank_before - FALLS_BACK) & (seen._rank <= FALLS_BACK)
    # The stop where the trip before ended is often still named at first: who has not moved on from it has not run.
    fell = fell & (seen._lowest < seen._rank_before)
    silent = seen.event_timestamp - seen.before_s > GAP_S
    is_next = seen.is_next & (seen.event_timestamp > seen.before_s)
    begins = fell.fill_null(False) | silent.fill_null(False) | is_next.fill_null(False)
    numbered = seen.mutate(_begins=begins.ifelse(1, ibis.null("int8")))
    part = numbered._begins.count().over(rows=(None, 0), **_time_order(numbered))
    numbered = numbered.mutate(run_key=run_keys(numbered.vehicle_trip_key) + part)
    return numbered.drop("_rank", "_rank_before", "_lowest", "_begins", "is_next")


def without_strays(facts: Table) -> Table:
    """Facts without runs at a single stop that no vehicle can have made between the others: the trip id is on too early or too long.

    Such a run is at a stop before the last that its vehicle's trip came to, or at one after that with which the next run begins.

    Grain and columns: those of `stop_facts` by run_key, fewer rows.
    """
    runs = facts.group_by("run_key").agg(_from=facts.stop_sequence.min(), _to=facts.stop_sequence.max())
    runs = runs.mutate(_vehicle_trip=runs.run_key // MANY_RUNS)
    runs = runs.mutate(
        _last=runs._to.max().over(group_by="_vehicle_trip"), _next=runs._from.lead().over(group_by="_vehicle_trip", order_by="run_key")
    )
    strays = runs.filter((runs._from == runs._to) & ((runs._to < runs._last) | (runs._next < runs._to))).select("run_key")
    return facts.anti_join(strays, "run_key")


def drop_out_of_order(positions: Table) -> Table:
    """Positions without those that name a stop further on than one that the same run names later.

    A vehicle does not go back: of two that contradict each other, the later one is believed.

    Grain and columns: those of `positions`, fewer rows.

    Source: the rule of MBTA's LAMP for buses (bus_performance_manager/events_gtfs_rt.py), which keeps a position if its sequence is not
        above the lowest of it and all later ones.
    """
    later = positions.mutate(
        _lowest=positions.scheduled_stop_sequence.min().over(
            group_by="run_key", order_by=[positions.event_timestamp.desc(), positions.scheduled_stop_sequence.desc()], rows=(None, 0)
        )
    )
    return later.filter((later.scheduled_stop_sequence <= later._lowest).fill_null(True)).drop("_lowest")


def _time_order(positions: Table) -> dict[str, object]:
    # Of one moment the stops in their order; a total order but for rows that are equal in all that matters.
    return {
        "group_by": "vehicle_trip_key",
        "order_by": [positions.event_timestamp, positions.scheduled_stop_sequence, positions.stop_id, positions.current_status],
    }
