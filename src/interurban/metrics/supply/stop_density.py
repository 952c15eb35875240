"""Stops in service per square kilometre."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import Table

from interurban.errors import UsageError
from interurban.metrics.boarding_places import boarding_places
from interurban.metrics.headways import passenger_departures
from interurban.model import Metric

METRIC = Metric(
    id="stop_density",
    unit="stops/km2",
    direction="higher_better",
    grain=("service_date",),
    inputs=("visits", "stops"),
)


def stop_density(
    visits: Table, stops: Table, area_km2: float, by: Sequence[str] = METRIC.grain, merge_within_m: float = 50
) -> Table:
    """Places with departures in passenger service, per square kilometre of land.

    density = places with at least one departure / area

    What is counted are places, as `boarding_places` makes them: the platforms of a station are one place, and so
    are stops of one name within `merge_within_m` of each other, such as the two sides of a street. n_stops counts
    stop_ids. A stop where passengers may only alight counts, one that is only the last of its trips does not.

    Grain: one row per `by`; columns stops_per_km2 float64, n int64 (places), n_stops int64 (stop_ids).

    Args:
        visits: the fact of that name, any order; not clipped to the boundary here.
        stops: the table of that name.
        area_km2: land area of the boundary.
        by: columns to report by, of those of visits; () is the whole network.
        merge_within_m: distance up to which stops of one name are one place.

    Missing: stops without coordinates count, unmerged. No departure, no row; of the whole network, 0.
    Raises:
        UsageError: the area is not positive.
    Source: indicator catalogue, pt_stop_density.

    Example:
        two stops "Market" 30 m apart and one "Town Hall" in 4 km2 give 2 / 4 = 0.5.
    """
    if area_km2 <= 0:
        raise UsageError("a density needs a positive area", area_km2=area_km2)
    served = passenger_departures(visits).select(*dict.fromkeys([*by, "stop_key"])).distinct()
    places = boarding_places(stops, merge_within_m).rename(of_stop="stop_key")
    # A feed may let vehicles call at what it calls a station or an entrance, which is no boarding place but is served.
    placed = served.left_join(places, [("stop_key", "of_stop")])
    placed = placed.mutate(place_key=ibis.coalesce(placed.place_key, placed.stop_key))
    counted = placed.aggregate(
        [placed.place_key.nunique().name("n"), placed.stop_key.nunique().name("n_stops")], by=list(by)
    )
    return counted.mutate(stops_per_km2=counted.n / ibis.literal(float(area_km2)))
