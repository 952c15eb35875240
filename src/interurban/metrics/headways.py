"""Headways: gaps between successive departures, and what they say about waiting. The base of every headway metric."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, Table

# Among departures of the same second any fixed order will do: the gaps are the same; only their attribution is made
# repeatable.
_TIES = ("trip_key", "run", "stop_sequence")


def passenger_departures(visits: Table, window_s: tuple[int, int] | None = None) -> Table:
    """Departures in passenger service: visits where passengers may board or alight, but those at a trip's last stop.

    Left out are last stops (nobody boards), non-passenger visits (pickup_type = 1 and drop_off_type = 1; a missing
    type means regular service, as the reference says), and visits without a departure time or at an unknown stop. A
    visit that only sets down (pickup_type = 1 alone) is passenger service and counts. A loop trip that calls twice
    counts twice.

    Grain and columns: those of `visits`, unchanged.

    Args:
        visits: the fact of that name.
        window_s: keep departures in [from, to), seconds from the service-day origin; None keeps the whole service day.

    Source: GTFS reference, stop_times.pickup_type, drop_off_type; Cal-ITP `has_rider_service`.
    """
    boarded = visits.filter(~visits.is_last, is_passenger_service(visits), visits.departure_s.notnull(), visits.stop_key.notnull())
    return boarded if window_s is None else boarded.filter(_inside(boarded.departure_s, window_s))


def is_passenger_service(times: Table) -> BooleanValue:
    """Whether passengers may board or alight, by `pickup_type` and `drop_off_type`; a missing one means that they may."""
    return (times.pickup_type.fill_null(0) != 1) | (times.drop_off_type.fill_null(0) != 1)


def starts(runs: Table, window_s: tuple[int, int] | None = None) -> Table:
    """Runs by their departure from the first stop, inside a window; columns of `runs` and `departure_s` (= start_s)."""
    started = runs.mutate(departure_s=runs.start_s)
    return started if window_s is None else started.filter(_inside(started.departure_s, window_s))


def headways(departures: Table, within: Sequence[str]) -> Table:
    """Gaps between successive departures of one series, in seconds.

    h_i = departure_i - departure_(i-1), sorted by time, among the departures that share the columns `within`

    Grain: one row per departure but the first of its series; the columns of `departures` (those of the later
    departure) and headway_s int64. Departures at the same second are 0 s apart and stay, so that sum(headway_s) =
    last - first.

    Args:
        departures: `passenger_departures` or `starts`; needs departure_s and the columns `within`.
        within: what one series is, e.g. (service_date, stop_key, direction_id). NULL is a value of its own, not 0.

    Missing: a series of one departure gives no row.
    """
    order = [departures.departure_s, *(departures[name] for name in _TIES if name in departures.columns)]
    window = ibis.window(group_by=list(within), order_by=order)
    seconds = departures.departure_s.cast("int64")
    gaps = departures.mutate(headway_s=seconds - seconds.lag().over(window))
    return gaps.filter(gaps.headway_s.notnull())


def headway_summary(gaps: Table, by: Sequence[str]) -> Table:
    """Median, mean, longest and 90th percentile of headways, in minutes.

    Grain: one row per `by`; columns n int64 (headways), headway_median_min, headway_mean_min, headway_max_min,
    headway_p90_min float64. Percentiles interpolate linearly between order statistics (type 7 of Hyndman and Fan
    1996), from raw headways.
    """
    return gaps.aggregate(
        [
            gaps.count().name("n"),
            (gaps.headway_s.quantile(0.5) / 60).name("headway_median_min"),
            (gaps.headway_s.sum() / gaps.count().nullif(0) / 60).name("headway_mean_min"),
            (gaps.headway_s.max() / 60).name("headway_max_min"),
            (gaps.headway_s.quantile(0.9) / 60).name("headway_p90_min"),
        ],
        by=list(by),
    )


def mean_wait(gaps: Table, by: Sequence[str]) -> Table:
    """Mean wait of passengers who arrive at random, in minutes, from any headways: scheduled (SWT) or observed (AWT).

    wait = sum(h^2) / (2 sum(h)),  h = headway in seconds; integer sums, divided once

    Grain: one row per `by`; columns wait_min float64, n int64 (headways).
    Missing: wait_min is NULL where all headways are 0 s.
    Source: Transport for London, excess waiting time (FOI-0791-1920): EWT = AWT - SWT.

    Example:
        headways of 10, 15, 5, 10, 10, 10 minutes give 650 / (2 x 60) = 5.417 minutes.
    """
    squares = (gaps.headway_s * gaps.headway_s).sum().cast("float64")
    twice = (gaps.headway_s.sum() * 2).nullif(0)
    return gaps.aggregate([gaps.count().name("n"), (squares / twice / 60).name("wait_min")], by=list(by))


def _inside(time_s: Any, window_s: tuple[int, int]) -> Any:
    start_s, end_s = window_s
    return (time_s >= start_s) & (time_s < end_s)
