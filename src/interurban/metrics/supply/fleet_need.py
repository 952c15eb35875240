"""Fleet need."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.blocks import MAX_LAYOVER_S, vehicle_time
from interurban.metrics.simultaneous import most_simultaneous
from interurban.model import Metric

METRIC = Metric(id="fleet_need", unit="vehicles", direction="neutral", grain=("service_date",), inputs=("runs",))


def fleet_need(
    runs: Table,
    by: Sequence[str] = METRIC.grain,
    window_s: tuple[int, int] | None = None,
    max_layover_s: int = MAX_LAYOVER_S,
) -> Table:
    """The largest number of vehicles at work at one time, on trips or waiting between trips of their block.

    The sweep of `peak_vehicles` over the stretches of `metrics.blocks.vehicle_time`. It is at least the peak of runs
    in motion unless trips of a block overlap; such a block is still one vehicle. Spare vehicles are not in it.

    Grain: one row per `by`; columns fleet_need int64, service_date, peak_from_s, peak_to_s int64, n int64 (runs), as
        in `peak_vehicles`.
    Args:
        runs: the fact of that name, of one feed version.
        by: columns to report by; a vehicle that changes route counts for the route that it waits for.
        window_s: only the time inside [from, to).
        max_layover_s: a longer gap inside a block is time in the depot.
    Missing: a run without a block is a vehicle of its own, for the duration of the run only: without blocks this is
        `peak_vehicles`.
    Source: NTD vehicles operated in maximum service (VOMS); gtfs_kit block statistics.
    Example: a block 08:00-08:30, 08:40-09:00 and a trip 08:30-08:40 need 2 vehicles; the peak of runs is 1.
    """
    need = most_simultaneous(vehicle_time(runs, max_layover_s), by, window_s)
    return need.rename(fleet_need="most", peak_from_s="from_s", peak_to_s="to_s")
