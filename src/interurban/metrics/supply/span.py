"""Span of service."""

from __future__ import annotations

from collections.abc import Sequence

from ibis.expr.types import Table

from interurban.model import Metric

METRIC = Metric(
    id="span",
    unit="h",
    direction="higher_better",
    grain=("service_date", "route_id", "direction_id"),
    inputs=("runs",),
)


def span(runs: Table, by: Sequence[str] = METRIC.grain) -> Table:
    """Time between the first and the last departure of runs from their first stop, and the hours that have one.

    span = (max(start_s) - min(start_s)) / 3600;  hours_with_departure = number of distinct whole hours of start_s

    The hours tell an all-day service from a morning and an evening trip of the same span. They are hours of the
    service day, so 24:30 is hour 24 and not hour 0.

    Grain: one row per `by`; columns first_departure_s, last_departure_s (seconds from the service-day origin),
        span_h float64, hours_with_departure int64, n int64 (departures). Without service_date in `by` all dates of the
        scope are taken together: the earliest and the latest of any of them.
    Args:
        runs: the fact of that name.
        by: columns to report by; () is the whole network.
    Missing: runs of unknown time are left out; a group with no other run has NULL times and n 0.
    Source: first to last departure, as in the catalogue's pt_service_span; some agencies take the last arrival.
    Example: departures 06:00, 06:30 and 24:30 give 06:00, 24:30, 18.5 h, hours_with_departure 2, n 3.
    """
    return departure_span(runs, "start_s", by)


def departure_span(departures: Table, time: str, by: Sequence[str]) -> Table:
    """`span` of any departures, whose time is in the column `time`."""
    at_s = departures[time]
    first_s, last_s = at_s.min(), at_s.max()
    return departures.aggregate(
        by=list(by),
        first_departure_s=first_s.cast("int64"),
        last_departure_s=last_s.cast("int64"),
        span_h=(last_s - first_s) / 3600,
        hours_with_departure=(at_s // 3600).nunique(),
        n=at_s.count(),
    )
