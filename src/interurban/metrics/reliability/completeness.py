"""How much of the day's service the realtime data shows."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
from ibis.expr.types import IntegerValue, Table

from interurban.metrics.reliability.events import DEFAULT, Evidence, share, stop_events
from interurban.metrics.reliability.service_delivered import trip_instances
from interurban.model import Metric

METRIC = Metric(
    id="completeness",
    unit="share",
    direction="higher_better",
    grain=("service_date", "route_id"),
    inputs=("stop_visits", "trips_performed"),
)

RANKED_FROM = 0.8
"""Below this share of scheduled stop visits timed, nothing is ranked."""

_COUNTS = (
    "trips", "trips_timed", "trips_seen", "visits", "visits_timed", "visits_usable", "minutes", "minutes_tracked", "positions",
    "positions_near_shape",
)  # fmt: skip


def completeness(
    stop_visits: Table, trips_performed: Table, by: Sequence[str] = METRIC.grain, evidence: Evidence = DEFAULT
) -> Table:
    """How complete the observation is, in four ways: trips, stop visits, minutes, and positions on the route.

    Grain: one row per `by`; columns, shares float64 (0-1) with the counts they rest on, int64:
        - trips_timed_share: scheduled trips with at least one timed stop, of `n` = scheduled trips;
        - visits_timed_share: scheduled stop visits that are timed, of `visits` = those that were not called off (of a canceled or a
          skipped one everything is known); visits_usable_share: well enough to be counted;
        - minutes_tracked_share: minutes of observed trips with two positions or more, of `minutes`;
        - positions_near_shape_share: positions within 35 m of the trip's shape, of `positions`;
        - trips_seen_share: scheduled trips of which some message spoke (a vehicle, or that it is canceled).
        is_ranked bool: visits_usable_share is at least 0.8, so that the group may stand in a ranking.

    Args:
        stop_visits, trips_performed: the tables of those names, any order.
        by: columns to report by, of those that both tables have; () is everything.
        evidence: which observations count as usable. Outages of ours do not excuse anything here: what is unknown is unknown.

    Missing: shares are NULL where there is nothing to divide by; positions of trips that were not compared with a shape are left out.
    Source: Cal-ITP (minutes with two positions, positions within 35 m); the gate of 80 % is ours.

    Example:
        4 trips of 10 stops, one never seen, one timed at 5 stops: trips 3/4, visits 25/40 = 0.625, not ranked.
    """
    blind_to_outages = Evidence(evidence.event, evidence.max_uncertainty_s, evidence.interpolated)
    rows = _visits(stop_events(stop_visits, blind_to_outages), by).union(_trips(trip_instances(trips_performed, by), by))
    rows = rows.union(_positions(trips_performed, by))
    # By way of reals, exact below 2^53: DuckDB makes 128 bits of a sum, which Arrow then reads as a decimal.
    sums = rows.aggregate(
        [rows[name].sum().fill_null(0).cast("float64").cast("int64").name(name) for name in _COUNTS], by=list(by)
    )
    usable = share(sums.visits_usable, sums.visits)
    return sums.select(
        *by, "visits", "minutes", "positions", n=sums.trips, trips_timed_share=share(sums.trips_timed, sums.trips),
        trips_seen_share=share(sums.trips_seen, sums.trips), visits_timed_share=share(sums.visits_timed, sums.visits),
        visits_usable_share=usable, minutes_tracked_share=share(sums.minutes_tracked, sums.minutes),
        positions_near_shape_share=share(sums.positions_near_shape, sums.positions),
        is_ranked=(usable >= RANKED_FROM).fill_null(False),
    )  # fmt: skip


def _visits(events: Table, by: Sequence[str]) -> Table:
    promised = (events.is_promised & ~events.is_called_off).cast("int64")
    return _counts(
        events, by, visits=promised, visits_timed=promised * events.is_timed.cast("int64"),
        visits_usable=promised * events.is_usable.cast("int64"),
    )  # fmt: skip


def _trips(trips: Table, by: Sequence[str]) -> Table:
    scheduled = trips.is_scheduled.cast("int64")
    return _counts(
        trips, by, trips=scheduled, trips_timed=scheduled * trips.is_timed.cast("int64"),
        trips_seen=scheduled * (trips.is_observed | trips.is_canceled).cast("int64"),
    )  # fmt: skip


def _positions(t: Table, by: Sequence[str]) -> Table:
    looked_at = t.positions_near_shape.notnull().ifelse(t.positions, None)
    return _counts(
        t, by, minutes=t.minutes, minutes_tracked=t.minutes_tracked, positions=looked_at, positions_near_shape=t.positions_near_shape
    )


def _counts(table: Table, by: Sequence[str], **given: IntegerValue) -> Table:
    """The columns `by` and every count, NULL but for the given ones: so that one sum serves three tables."""
    counts = {name: given[name].cast("int64") if name in given else ibis.null("int64") for name in _COUNTS}
    return table.select(*by, **counts)
