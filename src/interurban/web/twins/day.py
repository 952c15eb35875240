"""The pages of a service day and of a route on it, as JSON."""

from __future__ import annotations

from dataclasses import dataclass

from interurban.indicators.reliability_report import RouteDay


@dataclass(frozen=True)
class DaySourceTwin:
    """Where a day comes from; `method_version` where it was reconstructed for this source."""

    id: int
    kind: str
    licence: str | None
    attribution: str | None
    method_version: int | None


@dataclass(frozen=True)
class DayTwin:
    """How the service of a city ran on a day, routes worst first."""

    city: str
    city_id: str
    service_date: str
    network: RouteDay
    ranked: list[RouteDay]
    unranked: list[RouteDay]
    common_band_s: tuple[int, int]
    own_band_s: tuple[int, int] | None
    timepoints_share: float | None
    outages_min: int
    arrivals_share: float | None
    feed_version_ids: list[int]
    previous: str | None
    next: str | None
    notes: list[str]
    sources: list[DaySourceTwin]


@dataclass(frozen=True)
class RunTwin:
    """A run of a route; times are local, None where not known."""

    trip: str | None
    direction: int | None
    planned_start: str | None
    planned_end: str | None
    actual_start: str | None
    actual_end: str | None
    is_observed: bool | None
    is_canceled: bool | None


@dataclass(frozen=True)
class RouteTwin:
    """A route's day in one of its directions."""

    city: str
    service_date: str
    direction: int | None
    directions: list[int]
    route: RouteDay
    runs: list[RunTwin]
