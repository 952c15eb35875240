"""Scheduled visits of vehicles at stops."""

from __future__ import annotations

from collections.abc import Mapping

from ibis.expr.types import Table

from interurban.metrics.runs import named_stops
from interurban.model import Scope

COLUMNS = (
    "service_date", "trip_key", "run", "stop_sequence", "stop_key", "stop_id", "arrival_s", "departure_s",
    "is_estimated", "is_last", "pickup_type", "drop_off_type", "route_key", "route_id", "direction_id", "mode",
    "pattern_key",
)  # fmt: skip


def visits(runs: Table, tables: Mapping[str, Table], scope: Scope) -> Table:
    """Scheduled stop visits of the given runs: the trip's stop times, moved by the run's offset.

    Grain: one row per (service_date, trip_key, run, stop_sequence); a loop that calls twice at a stop has two rows
        for it. Columns and units in docs/lake.md, Facts.
    Args:
        runs: facts of `runs` for the same scope.
        tables: `stop_times`, `stops`, `patterns`.
        scope: `stop_ids` keeps visits at these stops (naming a station means its platforms too), `window_s` visits
            that depart inside [from, to).
    Missing: a stop time whose time nobody could estimate has NULL arrival_s and departure_s, and is outside every
        window. A visit at an unknown stop has NULL stop_key and stop_id. `pickup_type` and `drop_off_type` are as
        published.
    Source: GTFS schedule reference, stop_times.txt and frequencies.txt.
    Example: a run with offset_s 21000 of a trip that leaves its second stop at 00:15 (900) has departure_s 21900
        there.
    """
    # The last stop comes from the few patterns, not from a window over all stop times.
    last_stops = tables["patterns"].group_by("pattern_key").agg(_last_sequence=lambda t: t.stop_sequence.max())
    of_runs = runs.left_join(last_stops, "pattern_key").drop("pattern_key_right", "stop_times_count")
    stops = tables["stops"].select("stop_key", "stop_id", "parent_station")
    stop_times = tables["stop_times"].select(
        "trip_key",
        "stop_key",
        "stop_sequence",
        "arrival_time",
        "departure_time",
        "is_estimated",
        "pickup_type",
        "drop_off_type",
    )
    if scope.stop_ids:
        stop_times = stop_times.semi_join(named_stops(stops, scope.stop_ids), "stop_key")
    calls = stop_times.inner_join(of_runs, "trip_key").left_join(stops, "stop_key")
    calls = calls.mutate(
        arrival_s=(calls.arrival_time + calls.offset_s).cast("int32"),
        departure_s=(calls.departure_time + calls.offset_s).cast("int32"),
        is_last=(calls.stop_sequence == calls._last_sequence).fill_null(False),
    ).select(*COLUMNS)
    if scope.window_s is None:
        return calls
    from_s, to_s = scope.window_s
    return calls.filter(calls.departure_s >= from_s, calls.departure_s < to_s)
