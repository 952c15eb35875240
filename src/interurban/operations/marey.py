"""The time-space (Marey) chart of a route's day, as a Vega-Lite specification with its data inside.

Time runs to the right, the route upwards: a line per run, steep where it is fast, flat where it waits. Thin grey lines are the timetable,
coloured ones what happened, dashed ones runs of the timetable that nobody saw. Lines break where a stop was not timed, or only by
interpolation; a stop that was timed between such gaps is a dot.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from interurban.errors import NotFound
from interurban.indicators.known_scope import nearest
from interurban.locales import message
from interurban.operations.reconstructed import PerformedDay, performed_days
from interurban.reports.charts.palette import LIGHT

if TYPE_CHECKING:
    from interurban.store.node import Node

DELAYS = {
    "early": LIGHT["series-2"], "on_time": LIGHT["series-3"], "late": LIGHT["series-4"], "very_late": LIGHT["series-1"],
    "unknown": LIGHT["ink"],
}
PLANS = {"planned": (LIGHT["series-9"], [1, 0]), "missing": (LIGHT["series-8"], [4, 3])}
EARLY_S, LATE_S, VERY_LATE_S = -60, 300, 600
WIDTH, HEIGHT = 1200, 640
_LABELS = 32
# The first that a system has; the later ones have Chinese letters.
FONTS = "Noto Sans, DejaVu Sans, Noto Sans CJK SC, Source Han Sans SC, WenQuanYi Zen Hei, PingFang SC, Microsoft YaHei, sans-serif"

Row = Mapping[str, Any]
Place = tuple[str, str, float]


def marey_chart(
    node: Node, city_id: str, route_id: str, service_date: dt.date, direction_id: int | None = None,
    window_s: tuple[int, int] | None = None, language: str | None = None, source_id: int | None = None,
) -> dict[str, Any]:
    """The chart of one direction of a route on one date.

    Args:
        node: The node.
        city_id: The city.
        route_id: The publisher's id of the route.
        service_date: The service date.
        direction_id: The direction; None: the first that the route has.
        window_s: From and to, in seconds from the service-day origin; None: all day.
        language: Of the titles and the legend.
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
    lines = _lines(ours, trips, places, day.timezone)
    if window_s is not None:
        begin, end = (row_time(ours[0]["origin_s"] + second, day.timezone) for second in window_s)
        lines = [line for line in lines if line["to"] >= begin and line["from"] <= end]
    if not lines:
        raise NotFound(message("journey.nothing_to_draw", route=route_id, date=service_date))
    domain = (begin, end) if window_s is not None else None
    title = message("journey.chart_title", language, route=_route_name(day, route_id), date=service_date.isoformat())
    return specification(lines, places, title, day.timezone, domain, language)


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
    """Which of `DELAYS` a visit belongs to, by its arrival, or its departure where that is not known."""
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


def specification(
    lines: list[dict[str, Any]], places: Sequence[Place], title: str, timezone: str,
    domain: tuple[str, str] | None, language: str | None,
) -> dict[str, Any]:
    """The Vega-Lite specification of lines between places."""
    shown = _labelled(places)
    names = {str(round(metres)): name for _, name, metres in shown}
    x = {
        "field": "from", "type": "temporal", "title": message("journey.chart_time", language),
        "axis": {"format": "%H:%M", "grid": True, "tickCount": 16},
        "scale": {"type": "utc", "nice": False} | ({"domain": list(domain)} if domain else {}),
    }
    label = f"({_javascript(names)})[round(datum.value)]"
    y = {
        "field": "y", "type": "quantitative", "title": None,
        "scale": {"nice": False, "zero": False, "domain": [places[0][2], places[-1][2]], "padding": 6},
        "axis": {"values": [round(metres) for _, _, metres in shown], "labelExpr": label, "labelLimit": 220},
    }
    dashes = {name: dash for name, (_, dash) in PLANS.items()}
    where = {"x": x, "x2": {"field": "to"}, "y": y, "y2": {"field": "y2"}}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "description": title,
        "title": {
            "text": title, "subtitle": message("journey.chart_subtitle", language, to=places[-1][1], timezone=timezone),
            "anchor": "start", "fontSize": 20, "subtitleFontSize": 13, "offset": 12, "color": LIGHT["ink"],
            "subtitleColor": LIGHT["ink-soft"],
        },
        "width": WIDTH, "height": HEIGHT, "background": "white",
        "data": {"values": [_with_text(line, language) for line in lines]},
        "layer": [
            {
                "transform": [{"filter": "datum.kind == 'schedule'"}], "mark": {"type": "rule", "clip": True, "strokeWidth": 1.2},
                "encoding": where | _colour("plan", {name: colour for name, (colour, _) in PLANS.items()}, language) | {
                    "strokeDash": {"field": "shown", "legend": None, "scale": _scale("plan", dashes, language)},
                },
            },
            {
                "transform": [{"filter": "datum.kind == 'actual'"}],
                "mark": {"type": "rule", "clip": True, "strokeWidth": 2, "strokeCap": "round"},
                "encoding": where | _colour("delay", DELAYS, language),
            },
            {
                "transform": [{"filter": "datum.kind == 'dot'"}],
                "mark": {"type": "point", "clip": True, "filled": True, "opacity": 1, "size": 36},
                "encoding": {"x": x, "y": y} | _colour("delay", DELAYS, language, has_legend=False),
            },
        ],
        "resolve": {"scale": {"color": "independent", "strokeDash": "independent"}},
        "config": {
            "font": FONTS,
            "axis": {
                "gridColor": LIGHT["line"], "labelFontSize": 12, "titleFontSize": 13, "domain": False, "tickColor": LIGHT["ink-soft"],
                "labelColor": LIGHT["ink-soft"], "titleColor": LIGHT["ink-soft"],
            },
            "legend": {
                "labelFontSize": 12, "titleFontSize": 13, "symbolStrokeWidth": 3, "symbolSize": 300, "labelLimit": 0,
                "labelColor": LIGHT["ink"], "titleColor": LIGHT["ink-soft"],
            },
            "view": {"stroke": None},
        },
    }  # fmt: skip


def _with_text(line: Row, language: str | None) -> dict[str, Any]:
    return {**line, "shown": _said("plan" if line["kind"] == "schedule" else "delay", line["class"], language)}


def _said(area: str, name: str, language: str | None) -> str:
    return message(f"journey.plan_{name}" if area == "plan" else f"journey.delay_{name}", language)


def _colour(area: str, colours: Mapping[str, str], language: str | None, *, has_legend: bool = True) -> dict[str, Any]:
    legend = {"title": _said(area, "legend", language), "symbolType": "stroke", "orient": "top"} if has_legend else None
    return {"color": {"field": "shown", "type": "nominal", "scale": _scale(area, colours, language), "legend": legend}}


def _scale(area: str, values: Mapping[str, Any], language: str | None) -> dict[str, Any]:
    return {"domain": [_said(area, name, language) for name in values], "range": list(values.values())}


def _labelled(places: Sequence[Place]) -> list[Place]:
    """The stops whose names fit beside each other: both ends, and of the others those far enough from the one before."""
    room = (places[-1][2] - places[0][2]) / _LABELS
    shown = [places[0]]
    for place in places[1:-1]:
        if place[2] - shown[-1][2] >= room and places[-1][2] - place[2] >= room:
            shown.append(place)
    return [*shown, places[-1]] if len(places) > 1 else shown


def _javascript(names: Mapping[str, str]) -> str:
    """An object of Vega's expression language, from names that somebody else wrote."""
    import json

    return json.dumps(names, ensure_ascii=False).replace("\u2028", " ").replace("\u2029", " ")
