"""Stops that are one place to a passenger: platforms of a station, the two sides of a street."""

from __future__ import annotations

import ibis
from ibis.expr.types import FloatingValue, Table

_EARTH_RADIUS_M = 6_371_008.8
_M_PER_DEGREE = 111_132.0  # of latitude, rounded down a little: a band is never narrower than the distance
_DOUBLINGS = 3


def boarding_places(stops: Table, merge_within_m: float = 50) -> Table:
    """To which place each stop belongs.

    1. A stop with a parent station stands for its station, at the station's name and coordinates.
    2. Places of one name that are at most `merge_within_m` apart are one, also by way of a third between them, over
       chains of up to 8 places.

    Grain: one row per stop that a vehicle can call at (location_type 0 or blank); columns stop_key int64, place_key
    int64 (the smallest key of stop or station in the place; only equality means anything).

    Args:
        stops: the table of that name; all stops, served or not, so that a place is the same on every date.
        merge_within_m: great-circle distance.

    Missing: a place without a name or coordinates is merged with no other. A parent_key that points nowhere is ignored.
    Source: indicator catalogue, pt_stop_density ("stops within 50 m of each other sharing a name merged").
    """
    stations = stops.select(
        station_key="stop_key", station_name="stop_name", station_lat="stop_lat", station_lon="stop_lon"
    )
    boarded = stops.filter(stops.location_type.fill_null(0) == 0)
    sites = boarded.left_join(stations, boarded.parent_key == stations.station_key)
    has_station = sites.station_key.notnull()
    located = sites.select(
        "stop_key",
        site_key=ibis.ifelse(has_station, sites.station_key, sites.stop_key),
        name=ibis.ifelse(has_station, sites.station_name, sites.stop_name),
        lat=ibis.ifelse(has_station, sites.station_lat, sites.stop_lat),
        lon=ibis.ifelse(has_station, sites.station_lon, sites.stop_lon),
    )
    reach = _neighbours(located.drop("stop_key").distinct(), merge_within_m)
    for _ in range(_DOUBLINGS):
        reach = _twice(reach)
    labels = reach.aggregate([reach.other_key.min().name("place_key")], by="site_key").rename(of_site="site_key")
    # A view, because Ibis 12 mistakes the two sides of a join when both come from one table.
    placed = located.view().left_join(labels, [("site_key", "of_site")])
    return placed.select("stop_key", place_key=ibis.coalesce(placed.place_key, placed.site_key))


def _neighbours(sites: Table, within_m: float) -> Table:
    """Pairs (site_key, other_key) of one name within the distance, each site with itself too."""
    bands = sites.filter(sites.lat.notnull(), sites.lon.notnull()).mutate(
        band=(sites.lat * (_M_PER_DEGREE / within_m)).floor().cast("int64")
    )
    # Names such as "Bus stop" fill a city: bands of latitude keep their pairs few.
    shifted = [bands.mutate(band=bands.band + shift) for shift in (-1, 0, 1)]
    others = shifted[0].union(shifted[1]).union(shifted[2])
    others = others.select("name", "band", other_key="site_key", other_lat="lat", other_lon="lon")
    pairs = bands.inner_join(others, ["name", "band"])
    near = _distance_m(pairs.lat, pairs.lon, pairs.other_lat, pairs.other_lon) <= within_m
    return pairs.filter(near).select("site_key", "other_key")


def _twice(reach: Table) -> Table:
    """Pairs that two steps of `reach` connect; three doublings of one hop are 8 hops."""
    onward = reach.select(other_key="site_key", end_key="other_key")
    return reach.inner_join(onward, "other_key").select("site_key", other_key="end_key").distinct()


def _distance_m(
    lat: FloatingValue, lon: FloatingValue, other_lat: FloatingValue, other_lon: FloatingValue
) -> FloatingValue:
    """Great-circle distance by the haversine formula, right across the 180th meridian too."""
    half_lat = ((other_lat - lat) / 2).radians().sin()
    half_lon = ((other_lon - lon) / 2).radians().sin()
    chord = half_lat * half_lat + lat.radians().cos() * other_lat.radians().cos() * half_lon * half_lon
    return chord.sqrt().asin() * (2 * _EARTH_RADIUS_M)
