"""gtfs-parquet 0.7 (Polars): network, route and stop statistics of one date."""

from __future__ import annotations

import datetime as dt
import json
import sys

import gtfs_parquet as gp
from gtfs_parquet.ops.network import compute_network_stats
from gtfs_parquet.ops.routes import compute_route_stats
from gtfs_parquet.ops.stops import compute_stop_stats


def main(path: str, date: str) -> dict[str, object]:
    day = [dt.date.fromisoformat(date)]
    feed = gp.parse_gtfs(path)
    network = compute_network_stats(feed, day).row(0, named=True)
    routes, stops = compute_route_stats(feed, day), compute_stop_stats(feed, day)
    return {
        "trips": network["num_trips"], "routes": network["num_routes"], "stops": network["num_stops"],
        "service_hours": network["service_duration_h"], "service_km": network["service_distance"], "peak_vehicles": None,
        "route_rows": len(routes), "stop_rows": len(stops),
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2])))
