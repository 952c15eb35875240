"""A reconstructed day of the small city, written by hand: two routes, one of them seen too seldom."""

from __future__ import annotations

import datetime as dt
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from interurban.store.node import Node

sys.path[:0] = [str(Path(__file__).parent.parent / "metrics"), str(Path(__file__).parent.parent / "metrics" / "reliability")]
from performed import STOP_VISITS, TRIPS_PERFORMED, _arrow, trip  # noqa: E402

DATE = dt.date(2024, 1, 1)
_KEYS = itertools.count(1)


def observed_tables(shift_s: int = 0) -> dict[str, pa.Table]:
    """Route "often" every ten minutes from 8:00 to 9:00, each two minutes late (and `shift_s`), one trip cancelled; route "dark" with
    one of four trips seen."""
    seen = list(_route("often", "tram", 7, 600, 120 + shift_s, canceled={3}))
    dark = list(_route("dark", "bus", 4, 1200, 0, silent={1, 2, 3}))
    visits = [row for rows, _ in (*seen, *dark) for row in rows]
    return {"stop_visits": _arrow(STOP_VISITS, visits), "trips_performed": _arrow(TRIPS_PERFORMED, [one for _, one in (*seen, *dark)])}


def add_day(node: Node, source_id: int, shift_s: int = 0) -> None:
    node.days.replace(source_id, DATE, "performed", observed_tables(shift_s), inputs_hash="0" * 64, method_version=1, counts={"trips": 11})


def _route(
    route_id: str, mode: str, trips: int, headway_s: int, late_s: int, canceled: set[int] | None = None, silent: set[int] | None = None
) -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
    for number in range(trips):
        key = next(_KEYS)
        ran = number not in (canceled or set()) | (silent or set())
        start = 8 * 3600 + number * headway_s
        stops = [
            {"sched": start + 300 * place} | ({"arr": start + 300 * place + late_s, "dep": start + 300 * place + late_s} if ran else {})
            for place in range(3)
        ]
        common = {"service_date": DATE, "route_id": route_id, "mode": mode, "trip_id_performed": f"{route_id}{number}",
                  "feed_version_id": 1, "direction_id": 0, "trip_key": key, "run": 0}  # fmt: skip
        facts = {"is_observed": ran, "is_canceled": number in (canceled or set()), "coverage": float(ran), "is_frequency_based": False,
                 "schedule_relationship": "Scheduled"}  # fmt: skip
        yield trip(key, stops, **common), common | facts
