"""How much service there is, where and when."""

# ruff: noqa: F401  every import is a member
from types import ModuleType

from interurban.metrics.supply import (
    departures_per_hour,
    fleet_need,
    frequent_route_share,
    frequent_routes,
    headway,
    headway_peak_median,
    hourly_profile,
    network_length,
    night_service,
    peak_vehicles,
    route_headway,
    route_length,
    routes_served,
    scheduled_speed,
    scheduled_wait,
    segment_speed,
    service_calendar,
    service_distance,
    service_gaps,
    service_hours,
    service_hours_with_layover,
    span,
    stop_density,
    stop_spacing,
    stop_span,
    stops_served,
    trips_served,
    weekend_service,
    wheelchair_stop_share,
    wheelchair_trip_share,
)

# The imports above are the list.
MEMBERS = tuple(
    sorted(
        (member for member in (*globals().values(),) if isinstance(member, ModuleType) and hasattr(member, "METRIC")),
        key=lambda member: str(member.METRIC.id),
    )
)
METRICS = tuple(member.METRIC for member in MEMBERS)
