"""How steadily vehicles were heard of."""

from __future__ import annotations

from ibis.expr.types import Table


def minutes(positions: Table, run: str) -> Table:
    """Minutes from the first to the last position of each run, and in how many of these it was heard of twice or more.

    Grain: one row per `run`; int64 columns minutes, minutes_tracked.
    Args:
        positions: Has `run` and event_timestamp.
        run: Column that names a run.

    Source: Cal-ITP, fct_vehicle_positions_trip_metrics, which counts minutes with at least two positions.
    """
    by_minute = positions.group_by([positions[run], (positions.event_timestamp // 60).name("_minute")]).agg(_n=positions.count())
    return by_minute.group_by(run).agg(
        minutes=by_minute._minute.max() - by_minute._minute.min() + 1, minutes_tracked=by_minute.count(where=by_minute._n >= 2),
    )
