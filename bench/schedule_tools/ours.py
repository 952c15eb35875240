"""Interurban: network, route and stop statistics of one date."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path


def main(path: Path, date: dt.date) -> dict[str, object]:
    from interurban.collect.gtfs.feed import read_gtfs
    from interurban.store.engine import warm_up

    warm_up()
    with read_gtfs(path) as feed:
        from interurban.collect.gtfs.inspect import service_figures
        from interurban.model import Scope
        from interurban.store.engine import DuckEngine
        from interurban.store.plans import AllTables, plan

        engine = DuckEngine(feed.con)
        scope = Scope(dates=(date,))
        running = engine.keep_as("runs", plan("metrics.runs:runs", tables=AllTables(), scope=scope))
        network = service_figures(engine, running)
        by_route = [
            engine.rows(plan(f"metrics.supply.{metric}:{metric}", runs=running, by=("route_id",)))
            for metric in ("trips_served", "service_hours", "service_distance", "span")
        ]
        engine.rows(plan("metrics.supply.route_headway:route_headway", runs=running, by=("route_id", "direction_id")))
        visits = plan("metrics.visits:visits", runs=running, tables=AllTables(), scope=scope)
        stops = engine.rows(
            plan("metrics.supply.headway:headway", visits=visits, by=("stop_id", "direction_id"), window_s=(7 * 3600, 19 * 3600))
        )
        return {**network, "route_rows": len(by_route[0]), "stop_rows": len(stops)}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), dt.date.fromisoformat(sys.argv[2])), default=str))
