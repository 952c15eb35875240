"""Stops served."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.model import Metric

METRIC = Metric(
    id="stops_served", unit="stops", direction="higher_better", grain=("service_date",), inputs=("runs", "patterns")
)


def stops_served(runs: Table, patterns: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Stops at which at least one run calls.

    stops = number of distinct stop_id in the stop times of the runs

    The unit is the stop as stop_times name it: a platform where the feed has platforms, not its station.

    Grain: one row per `by`; columns stops int64, n int64 (runs with a known pattern).
    Args:
        runs: the fact of that name.
        patterns: the table of that name: the stops of each pattern, so that stop times need not be read.
        by: columns to report by; () is the whole network.
    Missing: visits at unknown stops are not counted.
    Source: gtfs_kit `compute_network_stats`.
    Example: runs over stops 1, 2, 3 and 3, 2, 1 give stops 3.
    """
    per_pattern = runs.aggregate(by=[*by, "pattern_key"], _runs=lambda t: t.pattern_key.count())
    stops = patterns.select("pattern_key", "stop_key").distinct()
    # The runs of a pattern are put on one of its stops only, so that they are not counted once for each stop.
    marked = stops.mutate(_is_first=stops.stop_key == stops.stop_key.min().over(group_by="pattern_key"))
    called = per_pattern.left_join(marked, "pattern_key")
    return called.aggregate(
        by=[called[name] for name in by],
        stops=called.stop_key.nunique(),
        n=called._runs.sum(where=called._is_first).fill_null(0),
    )
