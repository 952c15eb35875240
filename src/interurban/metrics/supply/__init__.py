"""How much service there is, where and when."""

from interurban.metrics.supply import (
    fleet_need,
    hourly_profile,
    night_service,
    peak_vehicles,
    routes_served,
    scheduled_speed,
    service_calendar,
    service_distance,
    service_gaps,
    service_hours,
    service_hours_with_layover,
    span,
    stop_span,
    stops_served,
    trips_served,
    weekend_service,
)

MEMBERS = (
    fleet_need,
    hourly_profile,
    night_service,
    peak_vehicles,
    routes_served,
    scheduled_speed,
    service_calendar,
    service_distance,
    service_gaps,
    service_hours,
    service_hours_with_layover,
    span,
    stop_span,
    stops_served,
    trips_served,
    weekend_service,
)
METRICS = tuple(module.METRIC for module in MEMBERS)
