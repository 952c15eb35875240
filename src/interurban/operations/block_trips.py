"""Positions that name their block and no trip, put on the trips of the block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from interurban.metrics.performed.split_runs import MANY_RUNS, run_keys
from interurban.metrics.performed.stop_facts import GAP_S
from interurban.operations.day_schedule import DaySchedule, has_rows, null
from interurban.operations.found_trips import FOUND, ids_of_trips
from interurban.operations.match_block import match_blocks

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.store.engine import Engine

_RUN = ("_vehicle", "_block")


def with_block_trips(engine: Engine, schedule: DaySchedule, positions: ir.Table) -> ir.Table:
    """Positions with the trip of their block in trip_id_scheduled (and start_time, where it is one of a frequency), as if they named it.

    Of a vehicle that was on its block, positions that are of none of its trips are left out: it was done, or never began. One that was
    elsewhere, or names a block that the schedule does not have, keeps its positions as they are.

    Columns more, where any position is put on a trip so: `FOUND`.
    """
    loose = positions.filter(positions.trip_id_scheduled.isnull(), positions.block_id.notnull(), positions.latitude.notnull())
    loose = loose.filter(loose.longitude.notnull())
    if not has_rows(engine, loose):
        return positions
    vehicles, pings = _runs(engine, loose)
    found = engine.keep(match_blocks(engine, pings, schedule.tables, schedule.runs, schedule.origin_s))
    if not has_rows(engine, found):
        return positions
    found = found.inner_join(ids_of_trips(schedule), ["trip_key", "run"])
    found = found.mutate(vehicle_key=found.run_key // MANY_RUNS).rename(found_method="match_method", found_score="match_score")
    found = engine.keep(found.select("vehicle_key", "event_timestamp", "_trip_id", "_start_s", *FOUND))
    on_block = engine.keep(vehicles.semi_join(found, "vehicle_key"))

    t = positions.mutate(**_run_of(positions))
    is_loose = t.trip_id_scheduled.isnull() & t.block_id.notnull()
    t = t.mutate(_block=is_loose.ifelse(t._block, null("string"))).left_join(on_block, list(_RUN)).drop(*(f"{name}_right" for name in _RUN))
    t = t.left_join(found, ["vehicle_key", "event_timestamp"]).drop("vehicle_key_right", "event_timestamp_right")
    t = t.filter(t.vehicle_key.isnull() | t._trip_id.notnull())
    return engine.keep(t.mutate(
        trip_id_scheduled=t.trip_id_scheduled.coalesce(t._trip_id), start_time=t._start_s.coalesce(t.start_time).cast("int32"),
    ).select(*positions.columns, *FOUND))  # fmt: skip


def _runs(engine: Engine, loose: ir.Table) -> tuple[ir.Table, ir.Table]:
    """A number for every vehicle on a block, vehicle_key, and the positions by run_key: cut where it was silent.

    A way along the whole block does not know the hour; who leaves out trips while silent would be put on any of those of one line.
    """
    import ibis

    loose = loose.mutate(**_run_of(loose))
    names = loose.select(*_RUN).distinct()
    number = ibis.row_number().over(order_by=[names[name] for name in _RUN])
    vehicles = engine.keep(names.mutate(vehicle_key=(number + 1).cast("int64")))
    t = loose.inner_join(vehicles, list(_RUN))
    order = {"group_by": "vehicle_key", "order_by": "event_timestamp"}
    silent_s = t.event_timestamp - t.event_timestamp.lag().over(**order)
    t = t.mutate(_begins=(silent_s > GAP_S).fill_null(False).ifelse(1, null("int8")))
    part = t._begins.count().over(rows=(None, 0), **order)
    return vehicles, engine.keep(t.mutate(run_key=run_keys(t.vehicle_key) + part))


def _run_of(positions: ir.Table) -> dict[str, ir.Value]:
    return {"_vehicle": positions.vehicle_id.coalesce(positions.vehicle_label).fill_null(""), "_block": positions.block_id}
