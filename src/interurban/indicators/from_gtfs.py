"""Indicators that a timetable alone, or with population and area, can tell: metrics become values of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from interurban.indicators.picture import Picture
from interurban.indicators.values import Metric, Value, by_mode
from interurban.metrics.supply.frequent_route_share import frequent_route_share
from interurban.metrics.supply.headway_peak_median import headway_peak_median
from interurban.metrics.supply.peak_vehicles import peak_vehicles
from interurban.metrics.supply.routes_served import routes_served
from interurban.metrics.supply.scheduled_speed import scheduled_speed
from interurban.metrics.supply.service_distance import service_distance
from interurban.metrics.supply.service_hours import service_hours
from interurban.metrics.supply.span import span
from interurban.metrics.supply.stop_density import stop_density
from interurban.metrics.supply.stop_spacing import stop_spacing
from interurban.metrics.supply.trips_served import trips_served
from interurban.metrics.supply.weekend_service import weekend_service
from interurban.metrics.supply.wheelchair_stop_share import wheelchair_stop_share

MORNING_PEAK_S = (7 * 3600, 9 * 3600)
DAYTIME_S = (7 * 3600, 19 * 3600)
FREQUENT_HEADWAY_S = 900
MERGE_WITHIN_M = 50
HIGH_CAPACITY_MODES = ("tram", "metro", "rail", "cable", "funicular", "trolleybus", "monorail")

Maker = Callable[[Picture], list[Value]]


def _by_mode(p: Picture, metric: Metric, column: str, coverage: str | None = None, scale: float = 1.0, **parameters: Any) -> list[Value]:
    return by_mode(p.engine, metric, column, coverage, scale, **parameters)


def _whole(values: list[Value]) -> list[Value]:
    return [v for v in values if v.mode == "all"]


def _per(values: list[Value], denominator: float | None, scale: float) -> list[Value]:
    """Divided by the city's population or area; nothing where that is not known."""
    if not denominator:
        return []
    return [Value(v.value * scale / denominator, v.n, v.coverage, v.mode, v.parameters) for v in values]


def _routes_in_service(p: Picture) -> list[Value]:
    return _by_mode(p, lambda by: routes_served(p.runs, by), "routes")


def _departures(p: Picture) -> list[Value]:
    return _by_mode(p, lambda by: trips_served(p.runs, by), "trips")


def _service_hours(p: Picture) -> list[Value]:
    return _by_mode(p, lambda by: service_hours(p.runs, by), "service_hours", "known_share")


def _vehicle_km(p: Picture) -> list[Value]:
    return _by_mode(p, lambda by: service_distance(p.runs, by), "service_distance_km", "known_share")


def _peak_vehicles(p: Picture) -> list[Value]:
    return _by_mode(p, lambda by: peak_vehicles(p.runs, by), "peak_vehicles")


def _commercial_speed(p: Picture) -> list[Value]:
    return _by_mode(p, lambda by: scheduled_speed(p.runs, by), "speed_kmh", "known_share")


def _stop_spacing(p: Picture) -> list[Value]:
    return _by_mode(p, lambda by: stop_spacing(p.runs, p.tables["patterns"], by), "stop_spacing_m", "known_share")


def _headway_peak_median(p: Picture) -> list[Value]:
    return _by_mode(
        p, lambda by: headway_peak_median(p.visits, by, MORNING_PEAK_S), "headway_peak_median_min", window_s=list(MORNING_PEAK_S)
    )


def _frequent_route_share(p: Picture) -> list[Value]:
    return _by_mode(
        p, lambda by: frequent_route_share(p.visits, by, FREQUENT_HEADWAY_S, DAYTIME_S), "frequent_route_share", scale=100.0,
        headway_max_s=FREQUENT_HEADWAY_S, window_s=list(DAYTIME_S),
    )


def _wheelchair_stop_share(p: Picture) -> list[Value]:
    return _whole(
        _by_mode(p, lambda by: wheelchair_stop_share(p.visits, p.tables["stops"], by), "accessible_share", "filled_share", scale=100.0)
    )


def _weekend_ratio(p: Picture) -> list[Value]:
    if p.days.sunday is None:
        return []
    row = p.engine.rows(weekend_service(p.week_runs, p.days.weekday, p.days.sunday, ()))[0]
    if row["distance_ratio"] is None:
        return []
    shares = [s for s in (row["weekday_known_share"], row["weekend_known_share"]) if s is not None]
    return [Value(row["distance_ratio"], row["n"], min(shares), parameters={"sunday": p.days.sunday.isoformat()})]


def _service_span(p: Picture) -> list[Value]:
    """Hours with a departure of each route, weighted by its vehicle-kilometres."""
    hours = span(p.runs, ("route_id", "mode")).select("route_id", "mode", "hours_with_departure")
    distance = service_distance(p.runs, ("route_id", "mode")).select("route_id", "mode", "service_distance_km")
    routes = p.engine.rows(hours.join(distance, ["route_id", "mode"]))
    values = []
    for mode in ["all", *sorted({row["mode"] for row in routes})]:
        among = [row for row in routes if mode in ("all", row["mode"])]
        weighed = [row for row in among if row["service_distance_km"]]
        km = sum(row["service_distance_km"] for row in weighed)
        if km:
            hours_km = sum(row["hours_with_departure"] * row["service_distance_km"] for row in weighed)
            values.append(Value(hours_km / km, len(weighed), len(weighed) / len(among), mode))
    return values


def _vehicle_km_per_capita(p: Picture) -> list[Value]:
    """The representative week, extrapolated to 365 days; coverage is the share of the week's trips whose length is known."""
    daily = {row["service_date"]: row for row in p.engine.rows(service_distance(p.week_runs, ("service_date",)))}
    week = [daily[date] for date in p.week if date in daily]
    n = sum(row["n"] for row in week)
    known = sum(row["known_share"] * row["n"] for row in week)
    km = sum(row["service_distance_km"] or 0.0 for row in week)
    if not known:
        return []
    whole = [Value(km / 7 * 365, n, known / n, parameters={"week": [date.isoformat() for date in p.week]})]
    return _per(whole, p.population, 1.0)


def _stop_density(p: Picture) -> list[Value]:
    if not p.area_km2:
        return []
    area = p.area_km2
    return _whole(
        _by_mode(
            p, lambda by: stop_density(p.visits, p.tables["stops"], area, by, MERGE_WITHIN_M), "stops_per_km2",
            merge_within_m=MERGE_WITHIN_M,
        )
    )


def _network_length_km(p: Picture, modes: tuple[str, ...] = ()) -> list[Value]:
    """Kilometres by mode and in all, inside the boundary where it is known.

    "all" adds the modes up: a street and the tramway in it are two pieces of infrastructure.
    """
    from interurban.indicators.network import SAME_SECTION_M, sections_of
    from interurban.metrics.supply.network_length import lines_in_service, network_length

    sections = sections_of(p.engine, lines_in_service(p.runs, p.tables["shape_points"]), p.boundary)
    every = p.engine.rows(network_length(sections, p.runs).order_by("mode"))
    column = "length_m" if p.boundary is None else "length_inside_m"
    rows = [row for row in every if row[column] is not None and (not modes or row["mode"] in modes)]
    parameters = {"same_section_m": SAME_SECTION_M, "clipped_to_boundary": p.boundary is not None}
    values = [Value(row[column] / 1000, row["n"], row["known_share"], row["mode"], parameters) for row in rows]
    if not values:
        return []
    covered = min(v.coverage for v in values if v.coverage is not None)
    return [Value(sum(v.value for v in values), sum(v.n or 0 for v in values), covered, "all", parameters), *values]


def _network_length(p: Picture) -> list[Value]:
    return _per(_network_length_km(p), p.population, 100_000)


def _high_capacity_length(p: Picture) -> list[Value]:
    return _whole(_per(_network_length_km(p, HIGH_CAPACITY_MODES), p.population, 100_000))


MAKERS: dict[str, Maker] = {
    "pt_network_length_per_100k": _network_length,
    "pt_high_capacity_length_per_100k": _high_capacity_length,
    "pt_stop_density": _stop_density,
    "pt_stop_spacing_mean": _stop_spacing,
    "pt_routes_in_service": _routes_in_service,
    "pt_departures_weekday": _departures,
    "pt_service_hours_weekday": _service_hours,
    "pt_vehicle_km_weekday": _vehicle_km,
    "pt_peak_vehicles": _peak_vehicles,
    "pt_vehicle_km_per_capita": _vehicle_km_per_capita,
    "pt_departures_per_1k_weekday": lambda p: _whole(_per(_departures(p), p.population, 1000)),
    "pt_headway_peak_median": _headway_peak_median,
    "pt_frequent_route_share": _frequent_route_share,
    "pt_service_span": _service_span,
    "pt_commercial_speed": _commercial_speed,
    "pt_weekend_service_ratio": _weekend_ratio,
    "pt_wheelchair_stop_share": _wheelchair_stop_share,
}
