"""Hops faster than the mode can go: a time or a stop's place is wrong, and so is every speed there."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings, straight_m
from interurban.model import Severity

CHECK = Check("impossible_speed", Severity.WARNING, "stop_times.txt", "arrival_time")
GRANTED_S = 60
LIMITS_KMH = {
    "tram": 100, "metro": 150, "rail": 500, "bus": 150, "ferry": 80, "cable": 30, "gondola": 50, "funicular": 50,
    "trolleybus": 150, "monorail": 150, "coach": 150, "taxi": 150, "air": 1000, "other": 500,
}  # fmt: skip


def find(given: Given) -> Table | None:
    """One finding per stop pattern and hop, with its fastest trip and speed in km/h; the count is of trips.

    Distance is the straight line between the stops, the least it can be, and a minute is granted to the time, as most
    timetables are written in minutes. So only hops too long for one minute at the mode's limit are looked at.
    Source: limits per mode as in the canonical rule fast_travel_between_consecutive_stops, ours for modes it lacks.
    """
    trips = given.tables["trips"].filter(lambda t: t.first_departure.notnull())
    trips = trips.join(_limits(given), "route_key").select("trip_key", "trip_id", "pattern_key", "limit_kmh")
    hops = trips.join(_long_hops(given, min(LIMITS_KMH.values())), "pattern_key")
    hops = hops.filter(hops.distance_m * 3.6 > hops.limit_kmh * GRANTED_S)
    times = given.tables["stop_times"].semi_join(hops, "trip_key")
    departures = times.select("trip_key", from_sequence=times.stop_sequence, departure_s=times.departure_time)
    arrivals = times.select("trip_key", stop_sequence=times.stop_sequence, arrival_s=times.arrival_time)
    hops = hops.join(departures, ["trip_key", "from_sequence"]).join(arrivals, ["trip_key", "stop_sequence"])
    hops = hops.mutate(speed_kmh=hops.distance_m * 3.6 / (hops.arrival_s - hops.departure_s + GRANTED_S))
    wrong = hops.filter(hops.arrival_s >= hops.departure_s, hops.speed_kmh > hops.limit_kmh)
    worst = wrong.group_by("pattern_key", "from_id", "to_id").agg(
        trip_id=wrong.trip_id.argmax(wrong.speed_kmh), speed_kmh=wrong.speed_kmh.max(), trips=wrong.count()
    )
    speed = worst.speed_kmh.round().cast("int64").cast("string") + " km/h"
    hop = worst.from_id + " → " + worst.to_id
    return findings(CHECK, worst, id=worst.trip_id, value=hop + ": " + speed, count=worst.trips)


def _limits(given: Given) -> Table:
    routes = given.tables["routes"]
    limit = ibis.cases(*((routes["mode"] == mode, limit) for mode, limit in LIMITS_KMH.items()), else_=500)
    return routes.select("route_key", limit_kmh=limit)


def _long_hops(given: Given, least_kmh: float) -> Table:
    """Consecutive stops of each pattern that lie further apart than one minute at `least_kmh`."""
    stops = given.tables["stops"].select("stop_key", "stop_id", "stop_lat", "stop_lon")
    places = given.tables["patterns"].select("pattern_key", "stop_sequence", "stop_key").join(stops, "stop_key")
    in_order = ibis.window(group_by=places.pattern_key, order_by=places.stop_sequence)
    before = {
        name: places[column].lag().over(in_order)
        for name, column in (
            ("from_sequence", "stop_sequence"),
            ("from_id", "stop_id"),
            ("from_lat", "stop_lat"),
            ("from_lon", "stop_lon"),
        )
    }
    hops = places.mutate(**before).filter(lambda t: t.from_lat.notnull() & t.stop_lat.notnull())
    hops = hops.mutate(distance_m=straight_m(hops.from_lat, hops.from_lon, hops.stop_lat, hops.stop_lon))
    hops = hops.filter(hops.distance_m * 3.6 > least_kmh * GRANTED_S)
    return hops.select("pattern_key", "from_sequence", "stop_sequence", "from_id", "distance_m", to_id=hops.stop_id)
