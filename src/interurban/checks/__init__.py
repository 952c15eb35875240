"""One data check per file, each with its notice; this list is the registry.

A check is pure: it takes the tables of docs/lake.md and gives an Ibis table of findings, which an engine runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ibis.expr.types import Table

from interurban.checks import (
    agency_unused,
    blank_column,
    block_trips_overlap,
    calendar_ends_before_start,
    departure_before_arrival,
    direction_id_missing,
    duplicate_trips,
    feed_expired,
    feed_expires_in_7_days,
    feed_expires_in_30_days,
    frequencies_overlap,
    frequency_trip_with_blank_times,
    impossible_speed,
    many_estimated_times,
    service_never_used,
    service_without_dates,
    several_time_zones,
    shape_dist_unit_differs,
    stop_at_zero,
    stop_far_from_network,
    stop_times_not_for_passengers,
    stop_too_far_from_shape,
    stray_service_dates,
    time_goes_backwards,
    timepoints_unmarked,
    trip_without_route,
    trip_without_service,
    trip_without_stop_times,
    trips_without_shape,
    unknown_route_type,
    validity_too_long,
    weeks_without_service,
)
from interurban.checks.check import Check, Given
from interurban.checks.used_dates import used_dates
from interurban.model import Notice
from interurban.model.notice import notices_of_findings

_MODULES = (
    agency_unused,
    blank_column,
    block_trips_overlap,
    calendar_ends_before_start,
    departure_before_arrival,
    direction_id_missing,
    duplicate_trips,
    feed_expired,
    feed_expires_in_30_days,
    feed_expires_in_7_days,
    frequencies_overlap,
    frequency_trip_with_blank_times,
    impossible_speed,
    many_estimated_times,
    service_never_used,
    service_without_dates,
    several_time_zones,
    shape_dist_unit_differs,
    stop_at_zero,
    stop_far_from_network,
    stop_times_not_for_passengers,
    stop_too_far_from_shape,
    stray_service_dates,
    time_goes_backwards,
    timepoints_unmarked,
    trip_without_route,
    trip_without_service,
    trip_without_stop_times,
    trips_without_shape,
    unknown_route_type,
    validity_too_long,
    weeks_without_service,
)

CHECKS: tuple[tuple[Check, Callable[[Given], Table | None]], ...] = tuple((m.CHECK, m.find) for m in _MODULES)

__all__ = ["CHECKS", "Check", "Given", "run_checks"]


class Engine(Protocol):
    """What runs expressions."""

    def rows(self, expression: Table, /) -> list[dict[str, Any]]:
        """The rows of an expression."""

    def keep(self, expression: Table, /) -> Table:
        """The expression computed once, as a table."""


def run_checks(
    engine: Engine,
    tables: Mapping[str, Table],
    on: dt.date | None = None,
    columns: Mapping[str, Sequence[str]] | None = None,
) -> list[Notice]:
    """Run every check over the tables of a feed version; arguments as in `checks.run.summarised_findings`."""
    from interurban.checks.run import summarised_findings

    # Several checks read the dates; they are computed once.
    known = {**tables, "used_dates": engine.keep(used_dates(tables))}
    return notices_of_findings(engine.rows(summarised_findings(known, on, columns or {})))
