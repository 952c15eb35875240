"""A service day at a glance: routes worst first, and apart from them those that were seen too little to be judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from interurban.errors import NotFound
from interurban.indicators.observed_day import ObservedDay, open_observed_day, performed_dates
from interurban.locales import message
from interurban.metrics.reliability.actual_wait import actual_wait
from interurban.metrics.reliability.cancellations import cancellations
from interurban.metrics.reliability.completeness import RANKED_FROM, completeness
from interurban.metrics.reliability.excess_wait import excess_wait
from interurban.metrics.reliability.headway_cv import headway_cv
from interurban.metrics.reliability.on_time_share import COMMON_BAND_S, on_time_share
from interurban.metrics.reliability.service_delivered import service_delivered
from interurban.metrics.speed.dwell_time import dwell_time

if TYPE_CHECKING:
    from interurban.store.engine import Engines
    from interurban.store.node import Node

Band = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RouteDay:
    """How one route, or the whole network (`route_id` None), ran on a day. Shares are 0-1; None: not known.

    `n` counts departures well enough observed to be judged, of `n_scheduled` promised; `own_band_share` is on-time by the band asked for.
    `even_wait_min` is what the departures seen would have meant evenly spaced, `headway_cv` how uneven they were (0: even); these, the
    headways and the dwell at stops between the ends need no timetable. `is_ranked`: at least 80 % of the promised stop visits are
    known (`completeness`).
    """

    route_id: str | None
    name: str | None
    n: int
    n_scheduled: int
    excess_wait_min: float | None
    actual_wait_min: float | None
    even_wait_min: float | None
    on_time_share: float | None
    on_time_of_scheduled: float | None
    own_band_share: float | None
    trips: int
    delivered_low: float | None
    delivered_high: float | None
    canceled_share: float | None
    canceled_but_observed: int
    added: int
    headway_median_min: float | None
    headway_cv: float | None
    dwell_median_s: float | None
    completeness: float | None
    trips_seen_share: float | None
    interpolated_share: float | None
    dropped_share: float | None
    is_ranked: bool


@dataclass(frozen=True, slots=True)
class DayReport:
    """A day of a city. `ranked` stands worst first: frequent routes by excess wait, then the others by on-time share.

    `timepoints_share` is the share of promised departures that are timepoints: 1 where the feed marks none and every stop counts as one.
    `outages_min` are minutes in which the node had none of the city's feeds; `feed_version_ids` the timetables that were in force.
    `arrivals_share` is the share of promised arrivals known well enough, where they would do for a ranking and departures do not.
    """

    city_id: str
    service_date: dt.date
    network: RouteDay
    ranked: tuple[RouteDay, ...]
    unranked: tuple[RouteDay, ...]
    common_band_s: Band
    own_band_s: Band | None
    timepoints_share: float | None
    outages_min: int
    feed_version_ids: tuple[int, ...]
    arrivals_share: float | None = None

    @property
    def has_timetable(self) -> bool:
        """Whether any timetable says what was promised on this day."""
        return self.network.completeness is not None


def reliability_report(
    node: Node, city_id: str, service_date: dt.date, own_band_s: Band | None = None, engines: Engines | None = None
) -> DayReport:
    """How a city's service ran on a day.

    Args:
        node: The node.
        city_id: The city.
        service_date: A service date that has been reconstructed.
        own_band_s: The city's own (earliest, latest) deviation that is on time, beside the common band.
        engines: What runs the metrics; None: this process.

    Raises:
        NotFound: there is no such city, or the date has not been reconstructed; `fields` has the nearest date that has.
    """
    node.catalogue.get_city(city_id)
    with open_observed_day(node, city_id, service_date, engines) as day:
        if day is None:
            raise _not_reconstructed(node, city_id, service_date)
        routes = _measured(day, ("route_id",), own_band_s)
        (network,) = _measured(day, (), own_band_s).values()
        names = _route_names(node, day)
        lines = [_line(route, row, names.get(route)) for route, row in routes.items()]
        return DayReport(
            city_id, service_date, _line(None, network, None), tuple(sorted((line for line in lines if line.is_ranked), key=_badness)),
            tuple(sorted((line for line in lines if not line.is_ranked), key=lambda line: (line.n_scheduled == 0, str(line.route_id)))),
            COMMON_BAND_S, own_band_s, network.get("timepoints_share"), sum(end - start for start, end in day.evidence.outages) // 60,
            day.feed_version_ids(), None if network.get("is_ranked") else _arrivals_share(day),
        )


def _measured(day: ObservedDay, by: Sequence[str], own_band_s: Band | None) -> dict[str | None, dict[str, Any]]:
    """Everything known of each group, by its route; what a metric has no row for is not there."""
    visits, trips, evidence = day.tables["stop_visits"], day.tables["trips_performed"], day.evidence
    own = {} if own_band_s is None else {"own_band_share": on_time_share(visits, by, own_band_s, evidence=evidence)}
    asked = {
        "punctuality": on_time_share(visits, by, evidence=evidence),
        "excess": excess_wait(visits, by, evidence=evidence).drop("n", "actual_wait_min"),
        "wait": actual_wait(visits, by, evidence=evidence).select(*by, "actual_wait_min", "even_wait_min", departures="n"),
        "delivered": service_delivered(trips, by).rename(trips="n"),
        "canceled": cancellations(trips, by).select(*by, "canceled_but_observed"),
        "headways": headway_cv(visits, by, evidence=evidence).select(*by, "headway_median_min", "headway_cv"),
        "dwell": dwell_time(visits, by, evidence).select(*by, "dwell_median_s"),
        "complete": completeness(visits, trips, by, evidence).drop("n"),
    }
    found: dict[str | None, dict[str, Any]] = {}
    for metric in asked.values():
        for row in day.engine.rows(metric):
            found.setdefault(row.get("route_id"), {}).update(row)
    for name, metric in own.items():
        for row in day.engine.rows(metric):
            found.setdefault(row.get("route_id"), {})[name] = row["on_time_share"]
    return found


def _arrivals_share(day: ObservedDay) -> float | None:
    by_arrivals = replace(day.evidence, event="arrival")
    (row,) = day.engine.rows(completeness(day.tables["stop_visits"], day.tables["trips_performed"], (), by_arrivals))
    share: float = row["visits_usable_share"] or 0.0
    return share if share >= RANKED_FROM else None


def _line(route_id: str | None, row: Mapping[str, Any], name: str | None) -> RouteDay:
    counts = {field: int(row.get(field) or 0) for field in ("n", "n_scheduled", "trips", "added", "canceled_but_observed")}
    shares: dict[str, Any] = {
        field: row.get(field)
        for field in (
            "excess_wait_min", "actual_wait_min", "even_wait_min", "on_time_share", "on_time_of_scheduled", "own_band_share",
            "delivered_low", "delivered_high", "canceled_share", "trips_seen_share", "interpolated_share", "dropped_share",
            "headway_median_min", "headway_cv", "dwell_median_s",
        )
    }  # fmt: skip
    counts["n"] = counts["n"] or int(row.get("departures") or 0)  # a promise of headways has no punctuality
    return RouteDay(
        route_id, name, **counts, **shares, completeness=row.get("visits_usable_share"), is_ranked=bool(row.get("is_ranked")),
    )  # fmt: skip


def _badness(line: RouteDay) -> tuple[bool, float, float, str]:
    excess, on_time = line.excess_wait_min, line.on_time_share
    return excess is None, -(excess or 0.0), 2.0 if on_time is None else on_time, str(line.route_id)


def _route_names(node: Node, day: ObservedDay) -> dict[str | None, str]:
    """What the publisher calls each route: its short name, else its long one."""
    import pyarrow.parquet as pq

    several = len(day.performed) > 1
    names: dict[str | None, str] = {}
    for version in day.feed_version_ids():
        path = node.lake.paths(version).get("routes")
        source = node.catalogue.get_feed_version(version).source_id
        wanted = ("route_id", "route_short_name", "route_long_name")
        columns = [name for name in wanted if path and name in pq.read_schema(path).names]
        for row in pq.read_table(path, columns=columns).to_pylist() if path else ():
            name = row.get("route_short_name") or row.get("route_long_name")
            if name:
                names[f"{source}:{row['route_id']}" if several else row["route_id"]] = name
    return names


def _not_reconstructed(node: Node, city_id: str, service_date: dt.date) -> NotFound:
    dates = performed_dates(node, city_id)
    if not dates:
        return NotFound(message("reliability.nothing_reconstructed", city=city_id), city=city_id)
    nearest = min(dates, key=lambda date: abs((date - service_date).days)).isoformat()
    return NotFound(message("reliability.date_not_reconstructed", date=service_date.isoformat(), nearest=nearest), nearest=nearest)
