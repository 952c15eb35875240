"""Length of routes along their dominant pattern."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.model import Metric

METRIC = Metric(id="route_length", unit="m", direction="neutral", grain=("route_id", "direction_id"), inputs=("runs",))

_DIRECTION = ("route_key", "route_id", "mode", "direction_id")


def route_length(runs: Table) -> Table:
    """Length of each route in each direction, from the first to the last stop of its dominant pattern, along the shape.

    The dominant pattern is the one with most runs; of equals the longest, then the one that has run first (by
    start, then by key). A pattern is a list of stops on a shape, so short trips of the same shape do not lengthen
    or shorten it.

    Grain: one row per (route_id, direction_id) of all dates in `runs`; columns route_key, mode, length_m float64 (NULL:
    unknown, no shape), length_estimate_m float64 (straight lines from stop to stop; a flagged estimate beside, never
    mixed in), dominant_share float64 (0-1, of the direction's runs), n int64 (runs on the dominant pattern).

    Args:
        runs: the fact of that name, any order.

    Missing: the dominant pattern is chosen whether its length is known or not; a missing direction is a direction
    of its own; runs without a pattern are left out.
    Source: Transitland route_geometry (dominant shape), by runs instead of trips.

    Example:
        30 runs over a pattern of 10 km and 5 short ones over 6 km: length_m = 10000, dominant_share = 30 / 35.
    """
    known = runs.filter(runs.pattern_key.notnull())
    patterns = known.aggregate(
        [
            known.count().name("n"),
            known.distance_m.max().name("length_m"),
            known.distance_estimate_m.max().name("length_estimate_m"),
            known.start_s.min().name("first_start_s"),
        ],
        by=[*_DIRECTION, "pattern_key"],
    )
    longest = patterns.length_m.fill_null(0.0)
    order = [ibis.desc(patterns.n), ibis.desc(longest), patterns.first_start_s, patterns.pattern_key]
    ranked = patterns.mutate(
        place=ibis.row_number().over(ibis.window(group_by=list(_DIRECTION), order_by=order)),
        dominant_share=patterns.n / patterns.n.sum().over(ibis.window(group_by=list(_DIRECTION))),
    )
    return ranked.filter(ranked.place == 0).drop("place", "pattern_key", "first_start_s")
