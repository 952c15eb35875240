"""Service hours with layover."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.blocks import MAX_LAYOVER_S, vehicle_time
from interurban.model import Metric

METRIC = Metric(
    id="service_hours_with_layover", unit="h", direction="higher_better", grain=("service_date",), inputs=("runs",)
)


def service_hours_with_layover(
    runs: Table, by: Sequence[str] = METRIC.grain, max_layover_s: int = MAX_LAYOVER_S
) -> Table:
    """Hours that vehicles spend on trips and waiting between trips of their block.

    hours = sum(to_s - from_s) / 3600 over the stretches of `metrics.blocks.vehicle_time`

    It equals vehicle revenue hours only where every trip has a block; `block_share` says how far that is so.

    Grain: one row per `by`; columns service_hours_with_layover, layover_hours float64, block_share float64 (runs in a
        block among all n), n int64 (runs with known times). Layover belongs to the run that follows it.
    Args:
        runs: the fact of that name, of one feed version.
        by: columns to report by; () is the whole network.
        max_layover_s: a longer gap inside a block is time in the depot.
    Missing: runs without a block have no layover that is known. Trips of a block that overlap count the common time
        once, so that bad blocks cannot give more hours than the day has.
    Source: NTD vehicle revenue hours, as quoted in Cal-ITP data-infra `_docs_ntd.md`; deadhead is not in a feed.
    Example: a block with runs 08:00-08:30 and 08:40-09:00 gives 1.0 h, layover 1/6 h; without the block 0.833 h.
    """
    work = vehicle_time(runs, max_layover_s)
    in_block = work.block_id.notnull() & ~work.is_frequency_based
    return work.aggregate(
        by=list(by),
        service_hours_with_layover=(work.to_s - work.from_s).sum() / 3600,
        layover_hours=work.layover_s.sum() / 3600,
        block_share=work.count(where=in_block) / work.count().nullif(0),
        n=work.count(),
    )
