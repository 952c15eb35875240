"""How steadily vehicles were heard of."""

from __future__ import annotations

from ibis.expr.types import Table


def heard_by_minute(positions: Table, run: str) -> Table:
    """What was heard of each run in each minute.

    Grain: one row per (`run`, minute_s), the minute's first moment; positions int64, least_deg and most_deg, the
        smallest and largest sum of latitude and longitude: where they differ the vehicle moved (NULL: it did not say where it was).
    Args:
        positions: Has `run`, event_timestamp, latitude, longitude.
        run: Column that names a run.
    """
    moment = positions.event_timestamp
    # The minute's first moment, not its number: whole numbers are divided by way of real ones.
    place = positions.latitude + positions.longitude
    return positions.group_by([positions[run], (moment - moment % 60).name("minute_s")]).agg(
        positions=positions.count(), least_deg=place.min(), most_deg=place.max(),
    )


def minutes(by_minute: Table, run: str) -> Table:
    """Minutes from the first to the last position of each run, and in how many of these it was heard of twice or more.

    Grain: one row per `run`; int64 columns minutes, minutes_tracked.
    Args:
        by_minute: `heard_by_minute` of `run`.
        run: Column that names a run.

    Source: Cal-ITP, fct_vehicle_positions_trip_metrics, which counts minutes with at least two positions.
    """
    t = by_minute
    found = t.group_by(run).agg(first_s=t.minute_s.min(), last_s=t.minute_s.max(), minutes_tracked=t.count(where=t.positions >= 2))
    return found.select(run, "minutes_tracked", minutes=(found.last_s - found.first_s) // 60 + 1)
