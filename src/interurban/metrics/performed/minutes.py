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
    moment = positions.event_timestamp
    # The minute's first second, not its number: whole numbers are divided by way of real ones.
    by_minute = positions.group_by([positions[run], (moment - moment % 60).name("_minute_s")]).agg(_n=positions.count())
    found = by_minute.group_by(run).agg(
        _first_s=by_minute._minute_s.min(), _last_s=by_minute._minute_s.max(), minutes_tracked=by_minute.count(where=by_minute._n >= 2),
    )
    return found.select(run, "minutes_tracked", minutes=(found._last_s - found._first_s) // 60 + 1)
