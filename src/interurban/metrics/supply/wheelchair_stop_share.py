"""Share of stops marked wheelchair accessible."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import IntegerValue, Table

from interurban.metrics.headways import passenger_departures
from interurban.model import Metric

METRIC = Metric(
    id="wheelchair_stop_share", unit="share", direction="higher_better", grain=(), inputs=("visits", "stops")
)


def wheelchair_stop_share(visits: Table, stops: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Share of stops in service that are marked wheelchair accessible, among those about which the publisher says anything.

    accessible_share = stops with wheelchair_boarding 1 / stops with 1 or 2;  filled_share = stops with 1 or 2 / all
    stops

    A stop without a value of its own (blank or 0) has that of its parent station, as the reference says.

    Grain: one row per `by`; columns accessible_share, filled_share float64 (0-1), n int64 (stops with 1 or 2),
    n_stops int64 (stop_ids with at least one departure).

    Args:
        visits: the fact of that name; stops with a departure in passenger service count, also where one may only alight.
        stops: the table of that name.
        by: columns to report by, of those of visits; () is the whole network.

    Missing: accessible_share is NULL where nothing is filled, never 0. A parent_key that points nowhere is ignored.
    Source: GTFS reference, stops.wheelchair_boarding; indicator catalogue, pt_wheelchair_stop_share.

    Example:
        of 5 stops two have 1, one has 2, one 0 and one is blank with a parent of 2: 2 / 4 = 0.5, filled 4 / 5 = 0.8.
    """
    served = passenger_departures(visits).select(*dict.fromkeys([*by, "stop_key"])).distinct()
    fields = served.inner_join(_wheelchair_fields(stops), "stop_key")
    is_filled = fields.wheelchair.isin([1, 2])
    filled = is_filled.cast("int64").sum().fill_null(0)
    return fields.aggregate(
        [
            (fields.wheelchair == 1).cast("int64").mean(where=is_filled).name("accessible_share"),
            is_filled.cast("int64").mean().name("filled_share"),
            filled.name("n"),
            fields.count().name("n_stops"),
        ],
        by=list(by),
    )


def _wheelchair_fields(stops: Table) -> Table:
    """wheelchair_boarding of each stop or else of its station; 0 where nothing is said."""
    stations = stops.select(station_key="stop_key", station_wheelchair="wheelchair_boarding")
    inherited = stops.left_join(stations, stops.parent_key == stations.station_key)
    wheelchair: IntegerValue = ibis.coalesce(
        inherited.wheelchair_boarding.nullif(0), inherited.station_wheelchair.nullif(0), 0
    )
    return inherited.select("stop_key", wheelchair=wheelchair)
