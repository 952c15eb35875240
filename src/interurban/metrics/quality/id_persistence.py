"""Whether a publisher keeps its identifiers from one feed version to the next."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis.expr.types import Table

from interurban.model import Metric

METRIC = Metric(
    id="id_persistence",
    unit="share",
    direction="higher_better",
    grain=("table_name",),
    inputs=("stops", "routes", "trips"),
)

_IDS = {"stops": "stop_id", "routes": "route_id", "trips": "trip_id"}


def id_persistence(before: Mapping[str, Table], after: Mapping[str, Table]) -> Table:
    """Share of the identifiers of one feed version that the next one still has.

    kept_share = ids in both versions / ids in the earlier one, for stop_id, route_id and trip_id

    Ids kept are not proof of the same stop or trip, but ids lost break every series, realtime match and saved link.

    Grain: one row per table_name ("routes", "stops", "trips"); columns kept_share float64 (0-1), n int64 (ids before),
    n_after int64, n_kept int64.

    Args:
        before: tables `stops`, `routes` and `trips` of the earlier version.
        after: the same tables of the later one.

    Missing: kept_share is NULL for a table that had no ids before. Ids are compared as written, each once.
    Source: GTFS reference, Dataset Publishing & General Practices (persistent stop_id, route_id, agency_id); Cal-ITP
    guideline checks.

    Example:
        stops a, b, c, d before and b, c, d, e after: 3 / 4 = 0.75.
    """
    return ibis.union(*(_kept(name, before[name], after[name]) for name in _IDS))


def _kept(name: str, before: Table, after: Table) -> Table:
    earlier, later = (table.select(id=_IDS[name]).distinct() for table in (before, after))
    marked = earlier.mutate(was=1, now=0).union(later.mutate(was=0, now=1))
    ids = marked.aggregate([marked.was.max().name("was"), marked.now.max().name("now")], by="id")
    counts = ids.aggregate(
        [
            ids.was.sum().fill_null(0).cast("int64").name("n"),
            ids.now.sum().fill_null(0).cast("int64").name("n_after"),
            (ids.was * ids.now).sum().fill_null(0).cast("int64").name("n_kept"),
        ]
    )
    return counts.select(
        table_name=ibis.literal(name),
        kept_share=counts.n_kept / counts.n.nullif(0),
        n=counts.n,
        n_after=counts.n_after,
        n_kept=counts.n_kept,
    )
