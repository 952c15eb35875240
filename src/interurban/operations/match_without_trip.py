"""Which scheduled trip a vehicle was on when it does not say: by where it went, and when."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from interurban.operations.candidate_trips import TRIP_COLUMNS, ScheduledTrips, candidates_of_positions, candidates_schema
from interurban.operations.geometry import MODE_LIMITS, ModeLimits
from interurban.operations.pattern_geometry import pattern_geometry

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from interurban.store.engine import Engine

MOST_SCORE = 16.0
"""Worse than this, a run is left without a trip: 40 minutes late on the right line, or three sigmas beside it and half an hour."""


class MatchedRun(NamedTuple):
    """Columns of the answer."""

    run_key: int
    trip_key: int
    run: int
    match_method: str
    match_score: float


def match_runs(
    engine: Engine,
    pings: ir.Table,
    tables: Mapping[str, ir.Table],
    scheduled: ir.Table,
    origin_s: int,
    limits: Mapping[str, ModeLimits] = MODE_LIMITS,
) -> ir.Table:
    """The scheduled run that each run of a vehicle without a trip id most likely performed, each one used once.

    Candidates are the trips of the run's route and direction, or where it has no route, of every route whose line lies within
    100 m of 80 % of its positions. score = mean match cost + (start deviation / 10 min)^2; of each route's candidates those are
    chosen whose scores have the least sum. Runs left over get the free trip of their route that starts nearest to their first
    position, at most half an hour away, unless they are on the way for more than half an hour after it should have ended.

    Grain: one row per run_key that is matched: run_key, trip_key, run, match_method ("route", "nearest_start"), match_score.
    Args:
        engine: runs it; the first step on whole runs, the second on whole routes.
        pings: run_key int64, route_id and direction_id (NULL: not said), event_timestamp, latitude, longitude of runs without a trip.
        tables: as for `geometry_visits`.
        scheduled: the fact `runs` of one service date, without the runs that vehicles with a trip id performed.
        origin_s: moment from which that date's times count.
        limits: by mode.
    Missing: runs without a row are Unscheduled; their positions still tell headways and speeds.
    Source: ours; the fallback is the rule of MBTA's LAMP (performance_manager), which has no limit of half an hour.
    """
    on_lines = scheduled.filter(scheduled.pattern_key.notnull() & scheduled.start_s.notnull())
    on_lines = on_lines.semi_join(tables["patterns"], "pattern_key")
    in_order = on_lines.select(*TRIP_COLUMNS).order_by("route_id", "start_s", "trip_key", "run")
    trips = ScheduledTrips.of(engine.run(in_order), origin_s)
    columns = ["run_key", "route_id", "direction_id", "event_timestamp", "latitude", "longitude"]
    found = engine.map_groups(
        pings.select(*columns),
        ("run_key",),
        ("event_timestamp", "latitude", "longitude"),
        partial(candidates_of_positions, geometry=pattern_geometry(engine, tables, on_lines), trips=trips, limits=dict(limits)),
        candidates_schema(),
    )
    return engine.map_groups(found, ("route_id",), ("run_key", "trip_key", "run"), chosen_candidates, chosen_schema())


def chosen_schema() -> pa.Schema:
    """Columns of `chosen_candidates`."""
    import pyarrow as pa

    types = {int: pa.int64(), str: pa.string(), float: pa.float64()}
    return pa.schema([(name, types[kind]) for name, kind in zip(MatchedRun._fields, (int, int, int, str, float), strict=True)])


def chosen_candidates(candidates: pa.Table) -> pa.Table:
    """One candidate for each run, and one run for each trip: first by line and time, what is left by the nearest start.

    Args:
        candidates: rows of whole routes, columns of `candidates_schema`.
    """
    import pyarrow as pa

    from interurban.kernels.assign import assign

    run_key, trip = candidates["run_key"].to_numpy(), _trip_numbers(candidates)
    score, is_by_line = candidates["match_score"].to_numpy(), candidates["is_by_line"].to_numpy(zero_copy_only=False)
    chosen = assign(run_key, trip, np.where(is_by_line, score, np.nan), MOST_SCORE)
    is_left = ~np.isin(run_key, run_key[chosen]) & ~np.isin(trip, trip[chosen])
    chosen |= assign(run_key, trip, np.where(is_left & ~is_by_line, score, np.nan), MOST_SCORE)
    taken = candidates.filter(pa.array(chosen))
    method = np.where(is_by_line[chosen], "route", "nearest_start")
    return taken.append_column("match_method", pa.array(method, pa.string())).select(chosen_schema().names)


def _trip_numbers(candidates: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """A number for each distinct (trip_key, run)."""
    both = np.column_stack([candidates["trip_key"].to_numpy(), candidates["run"].to_numpy()])
    return np.unique(both, axis=0, return_inverse=True)[1].reshape(-1)
