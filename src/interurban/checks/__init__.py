"""One data check per file, each with its notice; this list is the registry.

A check is pure: it takes the tables of docs/lake.md and gives an Ibis table of findings, which an engine runs.
"""

from __future__ import annotations

# ruff: noqa: F401  every import is a member
from collections.abc import Callable
from types import ModuleType

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

# The imports above are the list.
_MEMBERS = [member for member in (*globals().values(),) if isinstance(member, ModuleType) and hasattr(member, "CHECK")]
CHECKS: tuple[tuple[Check, Callable[[Given], Table | None]], ...] = tuple(
    sorted(((member.CHECK, member.find) for member in _MEMBERS), key=lambda pair: pair[0].code)
)

__all__ = ["CHECKS", "Check", "Given"]
