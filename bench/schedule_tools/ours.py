"""Interurban: network, route and stop statistics of one date."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path


def main(path: Path, date: dt.date) -> dict[str, object]:
    from interurban.store.engine import DuckEngine, warm_up

    warm_up()
    from interurban.collect.gtfs.feed import read_gtfs

    with read_gtfs(path) as feed:
        from interurban.collect.gtfs.inspect import service_figures
        from interurban.metrics.runs import runs
        from interurban.metrics.supply.headway import headway
        from interurban.metrics.supply.route_headway import route_headway
        from interurban.metrics.supply.service_distance import service_distance
        from interurban.metrics.supply.service_hours import service_hours
        from interurban.metrics.supply.span import span
        from interurban.metrics.supply.trips_served import trips_served
        from interurban.metrics.visits import visits
        from interurban.model import Scope

        engine = DuckEngine(feed.con)
        tables = engine.tables()
        scope = Scope(dates=(date,))
        running = engine.keep(runs(tables, scope))
        network = service_figures(engine, running, tables)
        by = ("route_id",)
        routes = [engine.run(metric(running, by)) for metric in (trips_served, service_hours, service_distance, span)]
        engine.run(route_headway(running, ("route_id", "direction_id")))
        stops = engine.run(headway(visits(running, tables, scope), ("stop_id", "direction_id"), window_s=(7 * 3600, 19 * 3600)))
        return {**network, "route_rows": routes[0].num_rows, "stop_rows": stops.num_rows}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), dt.date.fromisoformat(sys.argv[2])), default=str))
