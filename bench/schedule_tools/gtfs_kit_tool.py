"""gtfs-kit 13 (pandas): network, route and stop statistics of one date."""

from __future__ import annotations

import json
import sys

import gtfs_kit as gk


def main(path: str, date: str) -> dict[str, object]:
    day = [date.replace("-", "")]
    feed = gk.read_feed(path, dist_units="km")
    if feed.frequencies is not None and len(feed.frequencies):
        feed = gk.expand_frequencies(feed) if hasattr(gk, "expand_frequencies") else feed
    trips = gk.compute_trip_stats(feed)
    network = gk.compute_network_stats(feed, day, trip_stats=trips).iloc[0].to_dict()
    routes = gk.compute_route_stats(feed, day, trip_stats=trips)
    stops = gk.compute_stop_stats(feed, day, split_directions=True)
    # gtfs-kit gives no distance when that of any trip is unknown; the known part is in the same trip table.
    active = gk.get_trips(feed, date=day[0])["trip_id"]
    km = trips.loc[trips["trip_id"].isin(active), "distance"].sum()
    return {
        "trips": int(network["num_trips"]), "routes": int(network["num_routes"]), "stops": int(network["num_stops"]),
        "service_hours": float(network["service_duration"]), "service_km": float(km), "peak_vehicles": int(network["peak_num_trips"]),
        "route_rows": len(routes), "stop_rows": len(stops),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2])))
