"""Trips served."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.model import Metric

METRIC = Metric(id="trips_served", unit="trips", direction="higher_better", grain=("service_date",), inputs=("runs",))


def trips_served(runs: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Trips that run, after frequency expansion.

    trips = number of (service_date, trip_key, run)

    Grain: one row per `by`; columns trips, trips_by_frequency (those of frequencies.txt), n int64 (the same as trips).
        Without service_date in `by` the trips of all dates are added up.
    Args:
        runs: the fact of that name; for a window of the day, `starting_in_window` of it.
        by: columns to report by; () is the whole network.
    Missing: no runs give 0 for the network and no row for any other grouping.
    Source: gtfs_kit `compute_network_stats` after `expand_frequencies`.
    Example: an ordinary trip and a trip every 20 minutes from 06:00 to 07:00 give trips 4, trips_by_frequency 3.
    """
    return runs.aggregate(
        by=list(by),
        trips=lambda t: t.count(),
        trips_by_frequency=lambda t: t.count(where=t.is_frequency_based),
        n=lambda t: t.count(),
    )
