"""How steadily vehicles were heard of."""

from __future__ import annotations

from functools import reduce
from operator import add

from ibis.expr.types import Table

from interurban.metrics.sums import whole

SPAN_S = 300
"""Positions are counted by minute, and kept by five: a fifth of the rows tells as much of what is asked of them."""
_MINUTES = SPAN_S // 60


def heard_by_span(positions: Table, run: str) -> Table:
    """What was heard of each run in each five minutes of the clock.

    Grain: one row per (`run`, span_s), the first moment of the five minutes; int64 columns positions, first_s, last_s (moments of the
        first and last position), tracked (minutes with two positions or more); and least_deg, most_deg, the smallest and largest sum
        of latitude and longitude: where they differ the vehicle moved (NULL: it did not say where it was).
    Args:
        positions: Has `run`, event_timestamp, latitude, longitude.
        run: Column that names a run.
    """
    moment = positions.event_timestamp
    within = moment % SPAN_S  # the span's first moment, not its number, is the key: whole numbers are divided by way of real ones
    place = positions.latitude + positions.longitude
    in_minute = {f"_in_{n}": positions.count(where=within.between(60 * n, 60 * n + 59)) for n in range(_MINUTES)}
    t = positions.group_by([positions[run], (moment - within).name("span_s")]).agg(
        positions=positions.count(), first_s=moment.min(), last_s=moment.max(), least_deg=place.min(), most_deg=place.max(), **in_minute,
    )
    return t.mutate(tracked=reduce(add, [(t[name] >= 2).cast("int64") for name in in_minute])).drop(*in_minute)


def minutes(by_span: Table, run: str) -> Table:
    """Minutes from the first to the last position of each run, and in how many of these it was heard of twice or more.

    Grain: one row per `run`; int64 columns minutes, minutes_tracked.
    Args:
        by_span: `heard_by_span` of `run`.
        run: Column that names a run.

    Source: Cal-ITP, fct_vehicle_positions_trip_metrics, which counts minutes with at least two positions.
    """
    t = by_span
    found = t.group_by(run).agg(_first=t.first_s.min(), _last=t.last_s.max(), minutes_tracked=whole(t.tracked.sum()))
    from_s, to_s = found._first - found._first % 60, found._last - found._last % 60
    return found.select(run, "minutes_tracked", minutes=(to_s - from_s) // 60 + 1)
