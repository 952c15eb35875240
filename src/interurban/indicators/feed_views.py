"""What a feed version looks like: its days, its hours, its lines on a map. A version never changes, so neither does what is seen of it:
it is computed once and kept with the node."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import numpy.typing as npt

from interurban.indicators.picture import week_of
from interurban.metrics.day_types import DayTypes, day_types, turn_of_the_year
from interurban.metrics.runs import runs
from interurban.metrics.supply.hourly_profile import hourly_profile
from interurban.metrics.supply.service_calendar import service_calendar
from interurban.metrics.visits import visits
from interurban.model import Scope
from interurban.store.engine import DuckEngine, open_parquet

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from interurban.store.node import Node

MAP_POINTS = 40_000
"""About so many points of lines a map may have: a large network is drawn coarser, and stays below 2 MB."""
MAP_STOPS = 6_000
FAR_OUT = 2.0
"""Stops farther from the middle than so many times the distance within which nine of ten departures lie are left outside the first view."""
KM_PER_DEGREE = 111.2
_FORMAT = 1

Box = tuple[float, float, float, float]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Extent:
    """What of a network its map shows at first: `box` is west, south, east, north in degrees around the stops that are not far out.

    `outside` stops lie farther out, the farthest `farthest_km` from the middle.
    """

    box: Box
    outside: int
    farthest_km: float


@dataclass(frozen=True, slots=True)
class FeedView:
    """A feed version to look at.

    `trips_by_date` are trips of each date with service; `by_hour` the trips on the road in each hour of each day of the representative
    week, from Monday (where no week is whole: of the weekday, Saturday and Sunday), hours from the service day's origin.
    `network` is GeoJSON: a line per route and direction (route_id, name, mode, trips of the weekday), a point per served stop.
    `extent` is None where no stop has a place.
    """

    trips_by_date: Mapping[dt.date, int]
    by_hour: Mapping[dt.date, Sequence[tuple[int, int]]]
    network: Mapping[str, Any]
    extent: Extent | None

    @property
    def hours(self) -> range:
        """The hours in which anything runs."""
        found = [hour for hours in self.by_hour.values() for hour, _ in hours]
        return range(min(found), max(found) + 1) if found else range(0)


def view_feed(node: Node, version_id: int) -> FeedView:
    """Look at a feed version.

    Raises:
        NotFound: there is no such version.
        NodeError: its tables are not in the lake.
    """
    node.catalogue.get_feed_version(version_id)
    rests_on = [_FORMAT, *sorted((file.table, file.sha256) for file in node.catalogue.list_lake_files(version_id))]
    return _kept(node, version_id, hashlib.sha256(repr(rests_on).encode()).hexdigest())


@lru_cache(maxsize=16)
def _kept(node: Node, version_id: int, rests_on: str) -> FeedView:
    name = f"feed_view-{version_id}-{rests_on}"
    if (written := node.derived.read(name)) is not None:
        return _read(written)
    view = _computed(node, version_id)
    node.derived.keep(name, _written(view))
    return view


def _computed(node: Node, version_id: int) -> FeedView:
    with closing(open_parquet({version_id: node.lake.paths(version_id)})) as engine:
        tables = engine.tables()
        calendar = engine.rows(service_calendar(tables).select("date", "trips"))
        trips_by_date = {row["date"]: row["trips"] for row in sorted(calendar, key=lambda row: row["date"])}
        days = day_types(trips_by_date, None, turn_of_the_year(trips_by_date)) or day_types(trips_by_date)
        if days is None:
            return FeedView(trips_by_date, {}, {"type": "FeatureCollection", "features": []}, None)
        day = engine.keep(runs(tables, Scope(dates=(days.weekday,))))
        stops = _served_stops(engine, tables, day, days.weekday)
        features = [*_lines(engine, tables, day), *map(_point, stops.slice(0, MAP_STOPS).to_pylist())]
        network = {"type": "FeatureCollection", "features": features}
        return FeedView(trips_by_date, _hours(engine, tables, days), network, _extent(stops))


def _hours(engine: DuckEngine, tables: Mapping[str, ir.Table], days: DayTypes) -> dict[dt.date, list[tuple[int, int]]]:
    dates = sorted(set(week_of(days)), key=lambda date: date.weekday())
    by_date: dict[dt.date, list[tuple[int, int]]] = {date: [] for date in dates}
    profile = hourly_profile(runs(tables, Scope(dates=tuple(sorted(dates)))))
    for row in engine.rows(profile.order_by("service_date", "hour")):
        by_date[row["service_date"]].append((row["hour"], row["runs_in_motion"]))
    return by_date


def _extent(stops: pa.Table) -> Extent | None:
    """Around the middle of departures, out to `FAR_OUT` times the distance within which nine of ten of them lie."""
    if not len(stops):
        return None
    lon, lat, weight = (stops[name].to_numpy() for name in ("stop_lon", "stop_lat", "departures"))
    middle_lat = _quantile(lat, weight, 0.5)
    x_km = (lon - _quantile(lon, weight, 0.5)) * np.cos(np.radians(middle_lat)) * KM_PER_DEGREE
    away_km = np.hypot(x_km, (lat - middle_lat) * KM_PER_DEGREE)
    near = away_km <= FAR_OUT * _quantile(away_km, weight, 0.9)
    box = (float(lon[near].min()), float(lat[near].min()), float(lon[near].max()), float(lat[near].max()))
    return Extent(box, int((~near).sum()), round(float(away_km.max()), 1))


def _quantile(values: Floats, weight: Floats, share: float) -> float:
    """The least of the values that, with all below it, has this share of the weight."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(reached, share * reached[-1])])


def _written(view: FeedView) -> bytes:
    plain = {
        "trips_by_date": {str(date): trips for date, trips in view.trips_by_date.items()},
        "by_hour": {str(date): hours for date, hours in view.by_hour.items()}, "network": view.network,
        "extent": view.extent and asdict(view.extent),
    }
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def _read(written: bytes) -> FeedView:
    plain = json.loads(written)
    return FeedView(
        {dt.date.fromisoformat(date): trips for date, trips in plain["trips_by_date"].items()},
        {dt.date.fromisoformat(date): [(hour, count) for hour, count in hours] for date, hours in plain["by_hour"].items()},
        plain["network"], plain["extent"] and Extent(**{**plain["extent"], "box": tuple(plain["extent"]["box"])}),
    )


def _lines(engine: DuckEngine, tables: Mapping[str, ir.Table], day: ir.Table) -> list[dict[str, Any]]:
    """A line for each route and direction: the shape that most of its trips run along."""
    used = day.filter(day.shape_key.notnull()).aggregate(by=["route_key", "direction_id", "mode", "shape_key"], trips=lambda t: t.count())
    first = ibis.row_number().over(group_by=["route_key", "direction_id"], order_by=[ibis.desc("trips"), "shape_key"])
    main = used.mutate(place=first).filter(lambda t: t.place == 0).drop("place")
    totals = used.aggregate(by=["route_key", "direction_id"], all_trips=lambda t: t.trips.sum())
    main = engine.keep(main.inner_join(totals, [main.route_key == totals.route_key, main.direction_id.identical_to(totals.direction_id)])
                       .select(main.route_key, main.direction_id, main.mode, main.shape_key, totals.all_trips))
    points = tables["shape_points"].inner_join(main.select("shape_key").distinct(), "shape_key")
    step_m = _step_m(engine, points)
    kept = points.mutate(part=(points.distance_m / step_m).floor()).aggregate(
        by=["shape_key", "part"], shape_pt_sequence=lambda t: t.shape_pt_sequence.min()
    )
    ends = points.aggregate(by="shape_key", shape_pt_sequence=lambda t: t.shape_pt_sequence.max())
    drawn = kept.select("shape_key", "shape_pt_sequence").union(ends, distinct=True)
    thinned = points.inner_join(drawn, ["shape_key", "shape_pt_sequence"]).aggregate(
        by="shape_key",
        longitudes=lambda t: t.shape_pt_lon.round(5).collect(order_by=t.shape_pt_sequence),
        latitudes=lambda t: t.shape_pt_lat.round(5).collect(order_by=t.shape_pt_sequence),
    )
    routes = tables["routes"].select("route_key", "route_id", "route_short_name", "route_long_name")
    rows = engine.rows(main.inner_join(thinned, "shape_key").inner_join(routes, "route_key").order_by("all_trips", "route_key"))
    return [
        {
            "type": "Feature",
            "properties": {
                "route_id": row["route_id"], "name": row["route_short_name"] or row["route_long_name"] or row["route_id"],
                "mode": row["mode"], "trips": row["all_trips"],
            },
            "geometry": {"type": "LineString", "coordinates": list(zip(row["longitudes"], row["latitudes"], strict=True))},
        }
        for row in rows if len(row["longitudes"]) > 1
    ]


def _step_m(engine: DuckEngine, points: ir.Table) -> float:
    """Metres between points that are drawn, so that all lines together have about MAP_POINTS."""
    lengths = points.aggregate(by="shape_key", length_m=lambda t: t.distance_m.max())
    [row] = engine.rows(lengths.aggregate(total_m=lengths.length_m.sum()))
    return max(20.0, float(row["total_m"] or 0) / MAP_POINTS)


def _served_stops(engine: DuckEngine, tables: Mapping[str, ir.Table], day: ir.Table, date: dt.date) -> pa.Table:
    """Stops with a place that are served, those with most departures first."""
    served = visits(day, tables, Scope(dates=(date,))).aggregate(by="stop_key", departures=lambda t: t.count())
    stops = tables["stops"].select("stop_key", "stop_name", "stop_lat", "stop_lon")
    placed = served.inner_join(stops, "stop_key").filter(lambda t: t.stop_lat.notnull() & t.stop_lon.notnull())
    return engine.run(placed.order_by(ibis.desc("departures"), "stop_key"))


def _point(stop: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "Feature", "properties": {"name": stop["stop_name"] or "", "departures": stop["departures"]},
        "geometry": {"type": "Point", "coordinates": [round(stop["stop_lon"], 5), round(stop["stop_lat"], 5)]},
    }
