"""What a feed version looks like: its days, its hours, its lines on a map. A version never changes, so neither does what is seen of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis

from interurban.metrics.day_types import DayTypes, day_types, turn_of_the_year
from interurban.metrics.runs import runs
from interurban.metrics.supply.hourly_profile import hourly_profile
from interurban.metrics.supply.service_calendar import service_calendar
from interurban.metrics.visits import visits
from interurban.model import Scope
from interurban.store.engine import DuckEngine, open_parquet

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.store.node import Node

MAP_POINTS = 40_000
"""About so many points of lines a map may have: a large network is drawn coarser, and stays below 2 MB."""
MAP_STOPS = 6_000


@dataclass(frozen=True, slots=True)
class FeedView:
    """A feed version to look at.

    `trips_by_date` are trips of each date with service; `days` the representative ones, None when nothing runs; `by_hour` the trips on
    the road in each hour of the representative weekday, Saturday and Sunday, by name ("weekday" …), hours from the service day's origin.
    `network` is GeoJSON: a line per route and direction (route_id, name, mode, trips of the weekday), a point per served stop.
    """

    trips_by_date: Mapping[dt.date, int]
    days: DayTypes | None
    by_hour: Mapping[str, Sequence[tuple[int, int]]]
    network: Mapping[str, Any]


def view_feed(node: Node, version_id: int) -> FeedView:
    """Look at a feed version; remembered for the last few that were asked for.

    Raises:
        NotFound: there is no such version.
        NodeError: its tables are not in the lake.
    """
    node.catalogue.get_feed_version(version_id)
    return _view(tuple(sorted(node.lake.paths(version_id).items())), version_id)


@lru_cache(maxsize=64)
def _view(files: tuple[tuple[str, Path], ...], version_id: int) -> FeedView:
    with closing(open_parquet({version_id: dict(files)})) as engine:
        tables = engine.tables()
        calendar = engine.rows(service_calendar(tables).select("date", "trips"))
        trips_by_date = {row["date"]: row["trips"] for row in sorted(calendar, key=lambda row: row["date"])}
        days = day_types(trips_by_date, None, turn_of_the_year(trips_by_date)) or day_types(trips_by_date)
        if days is None:
            return FeedView(trips_by_date, None, {}, {"type": "FeatureCollection", "features": []})
        by_hour = {
            name: _hours(engine, tables, date)
            for name, date in (("weekday", days.weekday), ("saturday", days.saturday), ("sunday", days.sunday)) if date
        }
        return FeedView(trips_by_date, days, by_hour, _network(engine, tables, days.weekday))


def _hours(engine: DuckEngine, tables: Mapping[str, ir.Table], date: dt.date) -> list[tuple[int, int]]:
    profile = hourly_profile(runs(tables, Scope(dates=(date,))), ())
    return sorted((row["hour"], row["runs_in_motion"]) for row in engine.rows(profile))


def _network(engine: DuckEngine, tables: Mapping[str, ir.Table], date: dt.date) -> Mapping[str, Any]:
    day = engine.keep(runs(tables, Scope(dates=(date,))))
    return {"type": "FeatureCollection", "features": [*_lines(engine, tables, day), *_stops(engine, tables, day, date)]}


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


def _stops(engine: DuckEngine, tables: Mapping[str, ir.Table], day: ir.Table, date: dt.date) -> list[dict[str, Any]]:
    served = visits(day, tables, Scope(dates=(date,))).aggregate(by="stop_key", departures=lambda t: t.count())
    stops = tables["stops"].select("stop_key", "stop_name", "stop_lat", "stop_lon")
    placed = served.inner_join(stops, "stop_key").filter(lambda t: t.stop_lat.notnull() & t.stop_lon.notnull())
    rows = engine.rows(placed.order_by(ibis.desc("departures"), "stop_key").limit(MAP_STOPS))
    return [
        {
            "type": "Feature", "properties": {"name": row["stop_name"] or "", "departures": row["departures"]},
            "geometry": {"type": "Point", "coordinates": [round(row["stop_lon"], 5), round(row["stop_lat"], 5)]},
        }
        for row in rows
    ]
