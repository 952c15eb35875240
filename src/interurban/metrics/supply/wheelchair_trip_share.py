"""Share of trips marked wheelchair accessible."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.model import Metric

METRIC = Metric(id="wheelchair_trip_share", unit="share", direction="higher_better", grain=(), inputs=("runs", "trips"))


def wheelchair_trip_share(runs: Table, trips: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Share of runs whose vehicle takes a wheelchair, among those about which the publisher says anything.

    accessible_share = runs with wheelchair_accessible 1 / runs with 1 or 2;  filled_share = runs with 1 or 2 / all runs

    Grain: one row per `by`; columns accessible_share, filled_share float64 (0-1), n int64 (runs with 1 or 2),
    n_runs int64.

    Args:
        runs: the fact of that name, so a trip counts as often as it runs.
        trips: the table of that name.
        by: columns to report by, of those of runs; () is the whole network.

    Missing: accessible_share is NULL where nothing is filled, never 0; blank and 0 both mean no information.
    Source: GTFS reference, trips.wheelchair_accessible.

    Example:
        runs with 1, 1, 2 and blank: accessible_share 2 / 3, filled_share 3 / 4.
    """
    fields = runs.inner_join(trips.select("trip_key", wheelchair="wheelchair_accessible"), "trip_key")
    is_filled = fields.wheelchair.isin([1, 2]).fill_null(False)
    return fields.aggregate(
        [
            (fields.wheelchair == 1).cast("int64").mean(where=is_filled).name("accessible_share"),
            is_filled.cast("int64").mean().name("filled_share"),
            is_filled.cast("int64").sum().fill_null(0).name("n"),
            fields.count().name("n_runs"),
        ],
        by=list(by),
    )
