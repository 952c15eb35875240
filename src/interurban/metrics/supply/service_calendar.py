"""Service calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from ibis.expr.types import Table

from interurban.metrics.runs import trip_instances
from interurban.metrics.service_dates import HORIZON_YEARS, service_dates
from interurban.model import Metric, Scope

METRIC = Metric(
    id="service_calendar",
    unit="trips",
    direction="neutral",
    grain=("date",),
    inputs=("calendar", "calendar_dates", "trips", "routes", "stops", "patterns", "frequencies"),
)


def service_calendar(
    tables: Mapping[str, Table],
    dates: Sequence[dt.date] | None = None,
    scope: Scope | None = None,
    horizon_years: int = HORIZON_YEARS,
) -> Table:
    """Active services and trips of every date on which a service is active.

    trips(date) = sum over services active that day of their trip instances after frequency expansion

    Grain: one row per date with an active service; columns date, active_services, trips int64, n int64 (the same as
        trips). A service without trips is active all the same, so trips may be 0.
    Args:
        tables: tables of a feed version.
        dates: only these dates; None for all of them.
        scope: route, direction, mode and stop filters for the trips; its dates and window are not looked at.
        horizon_years: how far a calendar counts (`service_dates.horizon`).
    Missing: a date without an active service gives no row; whether that is a gap says `service_gaps`.
    Source: GTFS schedule reference; gtfs_kit `get_active_services`, `compute_trip_activity`.
    Example: services A (2 trips, daily) and B (1 trip, Sunday) give 2 trips on Saturday and 3 on Sunday.
    """
    instances = trip_instances(tables, scope or Scope(dates=()))
    per_service = instances.aggregate(by="service_key", trips=lambda t: t.count())
    active = service_dates(tables, dates, horizon_years).left_join(per_service, "service_key")
    daily = active.aggregate(
        by="date", active_services=lambda t: t.service_key.nunique(), trips=lambda t: t.trips.sum().fill_null(0)
    )
    return daily.mutate(n=daily.trips)
