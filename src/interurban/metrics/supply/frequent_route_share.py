"""Share of routes that run often all day."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.metrics.supply.frequent_routes import DAYTIME_S, frequent_routes
from interurban.model import Metric

METRIC = Metric(
    id="frequent_route_share",
    unit="share",
    direction="higher_better",
    grain=("service_date",),
    inputs=("visits",),
)


def frequent_route_share(
    visits: Table,
    by: Sequence[str] = METRIC.grain,
    headway_max_s: int = 900,
    window_s: tuple[int, int] = DAYTIME_S,
) -> Table:
    """Share of routes whose headway is short enough in every hour of the day, in every direction.

    share = frequent routes / routes with at least one departure on the date; what is frequent, `frequent_routes` says

    Grain: one row per `by`; columns frequent_route_share float64 (0-1), n int64 (routes; over several dates,
    route-days).

    Args:
        visits: the fact of that name for whole service days, any order.
        by: of service_date and mode, those to report by; () is the whole network.
        headway_max_s: longest headway that counts as frequent, in seconds.
        window_s: [from, to), whole hours, seconds from the service-day origin.

    Missing: no departure on a date, no row; of the whole network, NULL with n = 0.
    Raises:
        UsageError: the window is not a positive number of whole hours, or headway_max_s is not positive.
    Source: indicator catalogue, pt_frequent_route_share.

    Example:
        one frequent route of four gives 0.25.
    """
    routes = frequent_routes(visits, headway_max_s, window_s)
    return routes.aggregate(
        [
            routes.is_frequent.cast("int64").mean().name("frequent_route_share"),
            routes.count().name("n"),
        ],
        by=list(by),
    )
