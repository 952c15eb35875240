"""A route's day in time and space: its runs as planned and as they happened, as pieces of lines between the stops.

Lines break where a stop was not timed, or only by interpolation; a stop that was timed between such gaps is a dot.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from interurban.errors import NotFound
from interurban.indicators.known_scope import nearest
from interurban.locales import message
from interurban.operations.reconstructed import PerformedDay, performed_days

if TYPE_CHECKING:
    from interurban.store.node import Node

EARLY_S, LATE_S, VERY_LATE_S = -60, 300, 600

Row = Mapping[str, Any]
Place = tuple[str, str, float]


@dataclass(frozen=True, slots=True)
class TimeSpace:
    """One direction of a route on one date.

    `places` are the stops of its longest pattern. `lines` are pieces of runs: "kind" is "schedule", "actual", or "dot" for a stop that no
    line leads to; "class" of the first is "planned" or "missing" (nobody saw it), of the others what `delay_class` says; "trip"; "from"
    and "to" local times, "y" and "y2" metres. `window` is the first and the last moment asked for; None: all.
    """

    route_name: str
    service_date: dt.date
    timezone: str
    places: Sequence[Place]
    lines: Sequence[Row]
    window: tuple[str, str] | None


def time_space(
    node: Node, city_id: str, route_id: str, service_date: dt.date, direction_id: int | None = None,
    window_s: tuple[int, int] | None = None, source_id: int | None = None,
) -> TimeSpace:
    """One direction of a route on one date.

    Args:
        node: The node.
        city_id: The city.
        route_id: The publisher's id of the route.
        service_date: The service date.
        direction_id: The direction; None: the first that the route has.
        window_s: From and to, in seconds from the service-day origin; None: all day.
        source_id: The realtime source whose route it is; None: the first of the city that has a route of this id.

    Raises:
        NotFound: there is no such city, the date has not been reconstructed, or the route has nothing on it (in that direction, window).
    """
    day, visits, trips = _route(node, city_id, route_id, service_date, source_id)
    directions = sorted({row["direction_id"] for row in visits if row["direction_id"] is not None})
    if direction_id is None and directions:
        direction_id = directions[0]
    elif direction_id is not None and direction_id not in directions:
        known = ", ".join(map(str, directions)) or "—"
        raise NotFound(message("journey.no_direction", route=route_id, direction=direction_id, date=service_date, known=known))
    ours = [row for row in visits if row["direction_id"] == direction_id]
    places = stop_places(ours)
    lines, window = _lines(ours, trips, places, day.timezone), None
    if window_s is not None:
        begin, end = window = _between(ours[0]["origin_s"], window_s, day.timezone)
        lines = [line for line in lines if line["to"] >= begin and line["from"] <= end]
    if not lines:
        raise NotFound(message("journey.nothing_to_draw", route=route_id, date=service_date))
    return TimeSpace(_route_name(day, route_id), service_date, day.timezone, places, lines, window)


def _between(origin_s: int, window_s: tuple[int, int], timezone: str) -> tuple[str, str]:
    return row_time(origin_s + window_s[0], timezone), row_time(origin_s + window_s[1], timezone)


def _route(
    node: Node, city_id: str, route_id: str, date: dt.date, source_id: int | None
) -> tuple[PerformedDay, list[dict[str, Any]], dict[Any, dict[str, Any]]]:
    """The route's day, its visits in order with the names of stops, and its trips by id."""
    known: set[str] = set()
    for day in performed_days(node, city_id, date):
        if source_id not in (None, day.source.id):
            continue
        engine = day.open()
        try:
            trips = engine.table("trips_performed")
            of_route = trips.filter(trips.route_id == route_id).select("trip_id_performed", "is_observed", "is_canceled")
            found = {row["trip_id_performed"]: row for row in engine.rows(of_route)}
            if found:
                visits = engine.table("stop_visits").filter(lambda t: t.route_id == route_id)
                if day.has_timetable:
                    visits = visits.left_join(engine.table("stops").select("stop_key", "stop_name"), "stop_key").drop("stop_key_right")
                rows = engine.rows(visits.order_by("trip_id_performed", "trip_stop_sequence"))
                return day, [{"stop_name": None} | row for row in rows], found
            known |= {row["route_id"] for row in engine.rows(trips.select("route_id").distinct()) if row["route_id"]}
        finally:
            engine.close()
    raise NotFound(message("journey.no_route", route=route_id, date=date, near=", ".join(nearest(route_id, sorted(known))) or "—"))


def _route_name(day: PerformedDay, route_id: str) -> str:
    if not day.has_timetable:
        return route_id
    engine = day.open()
    try:
        routes = engine.table("routes")
        named = engine.rows(routes.filter(routes.route_id == route_id).select("route_short_name", "route_long_name"))
    finally:
        engine.close()
    parts = [part for row in named[:1] for part in (row["route_short_name"], row["route_long_name"]) if part]
    return " ".join(parts) or route_id


def stop_places(visits: Sequence[Row]) -> list[Place]:
    """Stops of the route's longest pattern in order: (stop_id, name, metres from its first stop).

    The longest has most stops, of those the one that runs most often. Where the distance of a stop is not known, stops are set 500 m apart.
    """
    by_trip: dict[str, list[Row]] = defaultdict(list)
    for row in visits:
        by_trip[row["trip_id_performed"]].append(row)
    patterns = Counter(tuple(row["stop_id"] for row in rows) for rows in by_trip.values())
    longest = max(patterns, key=lambda stops: (len(stops), patterns[stops], stops))
    rows = next(rows for rows in by_trip.values() if tuple(row["stop_id"] for row in rows) == longest)
    known = all(row["distance"] is not None for row in rows)
    return [
        # Whole metres, for the axis names its ticks by them: a last stop that lay half a metre beyond the axis had no name.
        (row["stop_id"], row["stop_name"] or row["stop_id"], float(round(row["distance"]) if known else 500 * place))
        for place, row in enumerate(rows)
    ]


def _lines(visits: Sequence[Row], trips: Mapping[str, Row], places: Sequence[Place], timezone: str) -> list[dict[str, Any]]:
    by_trip: dict[str, list[Row]] = defaultdict(list)
    for row in visits:
        by_trip[row["trip_id_performed"]].append(row)
    lines = []
    for trip_id, rows in by_trip.items():
        placed = _placed(rows, places)
        plan = "planned" if trips[trip_id]["is_observed"] else "missing"
        for one, other in pairwise(placed):
            if not _only_a_headway(one[0]):
                lines += _pieces("schedule", plan, one, other, timezone)
        lines += _driven(placed, timezone)
    return lines


def _driven(placed: Sequence[tuple[Row, float]], timezone: str) -> list[dict[str, Any]]:
    """What happened of a run: lines, and dots for the stops that were timed but that no line leads to or from."""
    ways = [_pieces("actual", None, one, other, timezone) for one, other in pairwise(placed)]
    lines = [piece for way in ways for piece in way]
    for (visit, metres), before, after in zip(placed, [[], *ways], [*ways, []], strict=True):
        came = _first_of(visit, "actual_arrival_time", "actual_departure_time")
        if before or after or came is None or visit["method"] == "interpolated":
            continue
        moment = row_time(came, timezone)
        facts = {"kind": "dot", "class": delay_class(visit), "trip": visit["trip_id_scheduled"] or visit["trip_id_performed"]}
        lines.append(facts | {"from": moment, "to": moment, "y": metres, "y2": metres})
    return lines


def _only_a_headway(visit: Row) -> bool:
    return bool(visit["is_frequency_based"]) and not visit["exact_times"]


def _placed(rows: Sequence[Row], places: Sequence[Place]) -> list[tuple[Row, float]]:
    """Visits that the longest pattern has, too, with their metres; a stop that it has twice is taken in order."""
    placed, begin = [], 0
    for row in rows:
        found = next((i for i in range(begin, len(places)) if places[i][0] == row["stop_id"]), None)
        if found is not None:
            placed.append((row, places[found][2]))
            begin = found + 1
    return placed


def _pieces(kind: str, group: str | None, one: tuple[Row, float], other: tuple[Row, float], timezone: str) -> list[dict[str, Any]]:
    """The way from a stop to the next, and the wait at the next; nothing where either was not timed, which is the gap in a line.

    An interpolated time is nobody's observation, and no line.
    """
    (row, at), (following, there) = one, other
    if kind == "actual" and "interpolated" in (row["method"], following["method"]):
        return []
    left = _first_of(row, f"{kind}_departure_time", f"{kind}_arrival_time")
    came = _first_of(following, f"{kind}_arrival_time", f"{kind}_departure_time")
    if left is None or came is None or following["trip_stop_sequence"] - row["trip_stop_sequence"] > _skipped(row, following, kind):
        return []
    shown = group or delay_class(following)
    facts = {"kind": kind, "class": shown, "trip": row["trip_id_scheduled"] or row["trip_id_performed"]}
    pieces = [facts | {"from": row_time(left, timezone), "to": row_time(came, timezone), "y": at, "y2": there}]
    went = following[f"{kind}_departure_time"]
    if went is not None and went > came:
        pieces.append(facts | {"from": row_time(came, timezone), "to": row_time(went, timezone), "y": there, "y2": there})
    return pieces


def _skipped(row: Row, following: Row, kind: str) -> int:
    """How far apart in sequence two visits may be to be joined: neighbours as driven; the timetable knows every stop between."""
    return 1 if kind == "actual" else following["trip_stop_sequence"] - row["trip_stop_sequence"]


def _first_of(row: Row, *names: str) -> int | None:
    return next((row[name] for name in names if row[name] is not None), None)


def delay_class(visit: Row) -> str:
    """How late a visit was, by its arrival or, where that is not known, its departure: "early" to "very_late", or "unknown"."""
    for event in ("arrival", "departure"):
        planned, actual = visit[f"schedule_{event}_time"], visit[f"actual_{event}_time"]
        if planned is not None and actual is not None and not _only_a_headway(visit):
            delay = actual - planned
            return "early" if delay < EARLY_S else "on_time" if delay <= LATE_S else "late" if delay <= VERY_LATE_S else "very_late"
    return "unknown"


def row_time(moment: int, timezone: str) -> str:
    """Local time of a moment in ISO form, called UTC: the chart must not move it into the zone of whoever looks at it."""
    from zoneinfo import ZoneInfo

    return dt.datetime.fromtimestamp(moment, ZoneInfo(timezone)).strftime("%Y-%m-%dT%H:%M:%SZ")
