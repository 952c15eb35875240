"""The stops of the runs of a service day, with what stop visits take from the schedule."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis.expr.types import Table

from interurban.metrics.headways import is_passenger_service


def scheduled_stops(runs: Table, tables: Mapping[str, Table], origin_s: int) -> Table:
    """Stops of scheduled runs with their moments.

    Grain: one row per (trip_key, run, stop_sequence); columns stop_number (1, 2, 3 … of the trip), stop_key, stop_id,
        schedule_arrival_time, schedule_departure_time (moments), distance (metres along the shape from the first stop; NULL: unknown),
        is_first, is_last, is_timepoint, is_passenger (passengers may board or alight).
    Args:
        runs: Rows of the fact of that name; trip_key, run, offset_s, pattern_key are read.
        tables: stop_times, patterns, stops.
        origin_s: Moment of the service day's origin.

    Missing: a feed that marks no timepoint has a timepoint at every stop.
    """
    wanted = runs.select("trip_key", "run", "offset_s", "pattern_key")
    times = tables["stop_times"]
    marks_any = (times.timepoint == 1).fill_null(False).any().as_scalar()
    times = times.select(
        "trip_key", "stop_sequence", "arrival_time", "departure_time", is_timepoint=(times.timepoint == 1).fill_null(False) | ~marks_any,
        is_passenger=is_passenger_service(times),
    )  # fmt: skip
    calls = wanted.inner_join(times, "trip_key").inner_join(_pattern_stops(tables), ["pattern_key", "stop_sequence"])
    moved = calls.offset_s.cast("int64") + origin_s
    return calls.select(
        "trip_key", "run", "stop_sequence", "stop_number", "stop_key", "stop_id",
        schedule_arrival_time=moved + calls.arrival_time, schedule_departure_time=moved + calls.departure_time,
        distance=calls.distance, is_first=calls.is_first, is_last=calls.is_last, is_timepoint=calls.is_timepoint,
        is_passenger=calls.is_passenger,
    )  # fmt: skip


def _pattern_stops(tables: Mapping[str, Table]) -> Table:
    """Stops of every pattern: few rows, so that nothing is counted over all stop times."""
    patterns = tables["patterns"]
    ends = patterns.group_by("pattern_key").agg(
        _first=patterns.stop_sequence.min(), _last=patterns.stop_sequence.max(), _from_m=patterns.position_m.min()
    )
    stops = tables["stops"].select("stop_key", "stop_id")
    number = ibis.row_number().over(group_by="pattern_key", order_by="stop_sequence")
    patterns = patterns.mutate(stop_number=(number + 1).cast("int32"))
    placed = patterns.inner_join(ends, "pattern_key").left_join(stops, "stop_key")
    return placed.select(
        "pattern_key", "stop_sequence", "stop_number", "stop_key", "stop_id",
        distance=placed.position_m - placed._from_m,
        is_first=placed.stop_sequence == placed._first, is_last=placed.stop_sequence == placed._last,
    )  # fmt: skip
