"""Vehicles at work, as far as blocks tell which trips share a vehicle."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

MAX_LAYOVER_S = 3600


def vehicle_time(runs: Table, max_layover_s: int = MAX_LAYOVER_S) -> Table:
    """The runs with the stretch of their vehicle's time that each stands for, layover before it included.

    Runs of one (service_date, block_id) are one vehicle's work, in order of start. A run stands for
    [`from_s`, `to_s`): from the end of the work before it, if that is at most `max_layover_s` ago, else from its own
    start, to its end. Stretches of a block never overlap: where trips of a block overlap (a fault of the feed), the
    time is counted once, for the earlier run.

    Grain: one row per run; columns of `runs` plus from_s, to_s (seconds from the service-day origin), layover_s.
    Args:
        runs: facts of that name, of one feed version: another version's blocks are other blocks.
        max_layover_s: a longer gap is time out of service (in the depot), not layover. NTD counts layover as revenue
            time and deadhead not; the feed does not say where deadhead is, so this is the limit between the two.
    Missing: a run without block_id, or of a frequency-based trip (its runs overlap, so its block cannot be a vehicle),
        is a vehicle's whole work. Runs of unknown times, or that end before they start, are left out.
    Source: GTFS schedule reference, trips.block_id; NTD vehicle revenue hours; our limit on layover.
    Example: runs 08:00-08:30, 08:40-09:00 and 12:00-12:30 of a block stand for 08:00-08:30, 08:30-09:00 (layover 600
        s) and 12:00-12:30.
    """
    timed = runs.filter(runs.end_s >= runs.start_s)
    in_block = timed.block_id.notnull() & ~timed.is_frequency_based
    blocks = _with_layover(timed.filter(in_block), max_layover_s)
    alone = timed.filter(~in_block).mutate(
        from_s=lambda t: t.start_s.cast("int64"),
        to_s=lambda t: t.end_s.cast("int64"),
        layover_s=ibis.literal(0, "int64"),
    )
    return blocks.union(alone.select(*blocks.columns))


def _with_layover(runs: Table, max_layover_s: int) -> Table:
    """Stretches of the runs of blocks."""
    # The end of all work before, not of the run just before: a short run may lie inside a long one.
    earlier = ibis.window(
        group_by=["service_date", "block_id"],
        order_by=["start_s", "end_s", "trip_key"],
        preceding=(None, 1),
    )
    ordered = runs.mutate(_free_s=runs.end_s.max().over(earlier))
    gap_s = ordered.start_s - ordered._free_s
    is_layover = (gap_s >= 0) & (gap_s <= max_layover_s)
    from_s = ibis.cases(
        (is_layover.fill_null(False), ordered._free_s), else_=ibis.greatest(ordered.start_s, ordered._free_s)
    )
    # An engine's greatest may return NULL when one side is: the first run of a block has nothing before it.
    ordered = ordered.mutate(from_s=ibis.coalesce(from_s, ordered.start_s).cast("int64"))
    return ordered.mutate(
        to_s=ibis.greatest(ordered.end_s, ordered.from_s).cast("int64"),
        layover_s=ibis.greatest(ordered.start_s - ordered.from_s, 0).cast("int64"),
    ).drop("_free_s")
