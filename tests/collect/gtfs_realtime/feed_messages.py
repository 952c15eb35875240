"""GTFS-Realtime messages made with the official library, for tests of what is done with messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from google.transit import gtfs_realtime_pb2 as rt


def positions(feed_timestamp: int, vehicles: Iterable[Mapping[str, Any]], **header: str) -> bytes:
    """A message with a vehicle position for each of `vehicles`: vehicle, trip, start_date, timestamp, place and stop."""
    feed = rt.FeedMessage(header=rt.FeedHeader(gtfs_realtime_version="2.0", timestamp=feed_timestamp, **header))
    for number, each in enumerate(vehicles):
        entity = feed.entity.add(id=str(number))
        place = entity.vehicle
        place.vehicle.id = each["vehicle"]
        place.position.latitude, place.position.longitude = each.get("latitude", 0.0), each.get("longitude", 3.0)
        _describe(place.trip, each)
        if "timestamp" in each:
            place.timestamp = each["timestamp"]
        if "stop" in each:
            place.stop_id, place.current_stop_sequence = each["stop"], each.get("sequence", 1)
    return feed.SerializeToString()


def updates(feed_timestamp: int, trips: Iterable[Mapping[str, Any]]) -> bytes:
    """A message with a trip update for each of `trips`: trip, start_date, timestamp, and `stops` as (sequence, arrival time)."""
    feed = rt.FeedMessage(header=rt.FeedHeader(gtfs_realtime_version="2.0", timestamp=feed_timestamp))
    for number, each in enumerate(trips):
        update = feed.entity.add(id=str(number)).trip_update
        _describe(update.trip, each)
        if "timestamp" in each:
            update.timestamp = each["timestamp"]
        for sequence, arrival in each.get("stops", ()):
            update.stop_time_update.add(stop_sequence=sequence).arrival.time = arrival
    return feed.SerializeToString()


def _describe(trip: Any, each: Mapping[str, Any]) -> None:
    for field, name in (("trip_id", "trip"), ("start_date", "start_date"), ("start_time", "start_time"), ("route_id", "route")):
        if name in each:
            setattr(trip, field, each[name])
