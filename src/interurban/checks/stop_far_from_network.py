"""Stops far outside the bulk of the network: usually a wrong digit or swapped coordinates."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings, straight_m
from interurban.model import Severity

CHECK = Check("stop_far_from_network", Severity.WARNING, "stops.txt", "stop_lat")
LEAST_M = 100_000
TIMES = 5


def find(given: Given) -> Table | None:
    """One finding per stop, with its distance from the middle of the network.

    The middle is the median latitude and longitude; a stop is far when its distance exceeds both `LEAST_M` and `TIMES`
    times the distance inside which 90 % of stops lie.
    """
    stops = given.tables["stops"].filter(lambda t: t.stop_lat.notnull() & t.stop_lon.notnull())
    everywhere = ibis.window()
    lat, lon = (stops[name].median().over(everywhere) for name in ("stop_lat", "stop_lon"))
    stops = stops.mutate(middle_lat=lat, middle_lon=lon)
    stops = stops.mutate(distance_m=straight_m(stops.middle_lat, stops.middle_lon, stops.stop_lat, stops.stop_lon))
    stops = stops.mutate(usual_m=stops.distance_m.quantile(0.9).over(everywhere))
    wrong = stops.filter(stops.distance_m > LEAST_M, stops.distance_m > TIMES * stops.usual_m)
    return findings(
        CHECK, wrong, id=wrong.stop_id, value=(wrong.distance_m / 1000).round().cast("int64").cast("string") + " km"
    )
