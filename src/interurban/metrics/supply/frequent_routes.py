"""Which routes run often all day, in every direction."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.errors import UsageError
from interurban.metrics.headways import passenger_departures
from interurban.model import Metric

METRIC = Metric(
    id="frequent_routes",
    unit="departures/h",
    direction="higher_better",
    grain=("service_date", "route_id"),
    inputs=("visits",),
)

DAYTIME_S = (7 * 3600, 19 * 3600)
_ROUTE = ("service_date", "route_key", "route_id", "mode")


def frequent_routes(visits: Table, headway_max_s: int = 900, window_s: tuple[int, int] = DAYTIME_S) -> Table:
    """Whether each route keeps to a headway in every hour of the day, in every direction it has.

    frequent = in each direction, in each hour of the window, departures at the direction's busiest stop >=
    3600 / headway_max_s

    The busiest stop is the one where most runs of the direction depart inside the window, of equals the one
    whose stop_id comes first. There and not at the first stop, because runs of a route may begin at several; and by
    departures in the hour, because a headway of 15 minutes is promised as "four an hour". A run that calls twice at a
    stop (loop, lasso) counts once there, by its first call: its second call leads the other way.

    Grain: one row per (service_date, route_id) with at least one departure on the date, in the window or not; columns
    route_key, mode, is_frequent bool, departures_per_hour_min int64 (the least hour of the least direction, 0 if
    one has none), n int64 (departures at the busiest stops inside the window).

    Args:
        visits: the fact of that name for whole service days, any order.
        headway_max_s: longest headway that counts as frequent, in seconds.
        window_s: [from, to), whole hours, seconds from the service-day origin.

    Missing: a route with one direction on the date is judged by that one; a missing direction_id is a direction of its
    own, so a feed without the field pools both directions where they share a stop_id. Visits at unknown stops, last
    stops and non-passenger visits are left out, visits that only set down are not.
    Raises:
        UsageError: the window is not a positive number of whole hours, or headway_max_s is not positive.
    Source: indicator catalogue, pt_frequent_route_share; the bands follow TCQSM, 3rd edition, chapter 5.

    Example:
        4 departures in each hour from 7:00 to 19:00 in both directions make a route frequent; 3 in one hour do not.
    """
    hours = _whole_hours(window_s)
    if headway_max_s <= 0:
        raise UsageError("a headway must be positive", headway_max_s=headway_max_s)
    directions = _hours_of_directions(_busiest_stops(_hourly_departures(visits, window_s)), headway_max_s)
    least = ibis.ifelse(directions.hours_served == hours, directions.least_departures, 0)
    return directions.aggregate(
        [
            (directions.hours_kept.min() == hours).name("is_frequent"),
            least.min().cast("int64").name("departures_per_hour_min"),
            directions.departures.sum().cast("int64").name("n"),
        ],
        by=list(_ROUTE),
    )


def _whole_hours(window_s: tuple[int, int]) -> int:
    hours, rest = divmod(window_s[1] - window_s[0], 3600)
    if rest or hours <= 0:
        raise UsageError("the window must be a number of whole hours", window_s=window_s)
    return hours


def _hourly_departures(visits: Table, window_s: tuple[int, int]) -> Table:
    """Runs that depart in passenger service by route, direction, stop and hour; `inside` is 0 for hours outside the window."""
    departures = passenger_departures(visits)
    first = departures.aggregate([departures.stop_sequence.min().name("stop_sequence")], by=["pattern_key", "stop_key"])
    once = departures.semi_join(first, ["pattern_key", "stop_key", "stop_sequence"])
    hour = (once.departure_s - window_s[0]) // 3600
    hourly = once.aggregate(
        [once.count().name("runs")], by=[*_ROUTE, "direction_id", "stop_key", "stop_id", hour.name("hour")]
    )
    in_window = (hourly.hour >= 0) & (hourly.hour * 3600 < window_s[1] - window_s[0])
    return hourly.mutate(inside=ibis.ifelse(in_window, hourly.runs, 0))


def _busiest_stops(hourly: Table) -> Table:
    """The hours of the busiest stop of each route and direction."""
    direction = [*_ROUTE, "direction_id"]
    total = hourly.inside.sum().over(ibis.window(group_by=[*direction, "stop_key"]))
    totals = hourly.mutate(total=total)
    # Windows and not a join: a join on direction_id would lose the rows without one.
    place = ibis.dense_rank().over(
        ibis.window(group_by=direction, order_by=[ibis.desc("total"), "stop_id", "stop_key"])
    )
    return totals.mutate(place=place).filter(lambda t: t.place == 0)


def _hours_of_directions(busiest: Table, headway_max_s: int) -> Table:
    """How many hours of the window each direction serves and keeps to the headway in."""
    served = busiest.inside > 0
    return busiest.aggregate(
        [
            served.cast("int64").sum().name("hours_served"),
            (busiest.inside * headway_max_s >= 3600).cast("int64").sum().name("hours_kept"),
            busiest.inside.min(where=served).name("least_departures"),
            busiest.inside.sum().name("departures"),
        ],
        by=[*_ROUTE, "direction_id"],
    )
