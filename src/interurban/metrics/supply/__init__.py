"""How much service there is, where and when."""

# ruff: noqa: F401  every import is a member
from interurban.metrics.members import metric_modules
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

MEMBERS = metric_modules(dict(globals()))
METRICS = tuple(module.METRIC for module in MEMBERS)
