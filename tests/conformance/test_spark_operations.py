"""Stop visits and all that is measured on them come to the same on DuckDB and on a Spark cluster."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from engines import answers, assert_same, long_on_spark, metric_calls

from interurban.metrics import reliability, speed
from interurban.model.realtime import COLLECTED, PERFORMED
from interurban.operations.stop_visits import reconstruct
from interurban.store.engine import Embedded, Engines
from interurban.store.node import Node
from interurban.store.spark import Cluster
from operations_node import MONDAY, operations_node
from tiny_feed import BUS_1_STARTS_S, TRAM_STARTS_S, clock, tiny_feed

pytestmark = [
    pytest.mark.xdist_group("spark"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # PySpark leaves the pipe to its Java open
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

ORIGIN = int(dt.datetime(2024, 1, 1, tzinfo=dt.UTC).timestamp())


def positions() -> Iterator[dict[str, Any]]:
    """Every third bus of line 1 says where it stands, every third tells only where it is, the others are silent; trams are located,
    every second of them names its block alone.

    The first of those that say it numbers its stops as others than it names.
    """
    for number, start in enumerate(BUS_1_STARTS_S):
        late = 17 * (number % 7)
        row = {"service_date": MONDAY, "trip_id_scheduled": f"1-week-{clock(start)}", "route_id": "1", "vehicle_id": f"b{number % 9}"}
        if number % 3 == 0:
            for sequence, stop in ((1, "A"), (2, "B"), (3, "C")):
                at = ORIGIN + start + 300 * (sequence - 1) + late
                for after, status in ((-40, "IN_TRANSIT_TO"), (0, "STOPPED_AT"), (25, "STOPPED_AT")):
                    given = sequence if number else sequence % 3 + 1
                    place = {"stop_id": stop, "scheduled_stop_sequence": given, "current_status": status}
                    yield row | place | {"event_timestamp": at + after, "latitude": 0.0, "longitude": 3 + 0.01 * (sequence - 1)}
        elif number % 3 == 1:
            for after in range(0, 601, 23):
                yield row | {"event_timestamp": ORIGIN + start + late + after, "latitude": 0.00001, "longitude": 3 + 0.02 * after / 600}
    for start in TRAM_STARTS_S[::2]:
        row = {"service_date": MONDAY, "trip_id_scheduled": f"T-week-{clock(start)}", "route_id": "T", "vehicle_id": "t"}
        for after in range(0, 361, 30):
            yield row | {"event_timestamp": ORIGIN + start + after, "latitude": 0.0002 + 0.01 * after / 360, "longitude": 3.0}
    for start in TRAM_STARTS_S[1::2]:
        row = {"service_date": MONDAY, "block_id": "trams", "vehicle_id": "u"}
        for after in range(0, 361, 30):
            yield row | {"event_timestamp": ORIGIN + start + 60 + after, "latitude": 0.0002 + 0.01 * after / 360, "longitude": 3.0}


def feed() -> dict[str, str]:
    """The tiny feed, whose trams are one block."""
    head, *trips = tiny_feed()["trips.txt"].splitlines()
    rows = [f"{trip},{'trams' if trip.startswith('T,') else ''}" for trip in trips]
    return tiny_feed(trips="\n".join([f"{head},block_id", *rows, ""]))


def predictions() -> Iterator[dict[str, Any]]:
    """For silent buses, how late they are said to be at B and C, told twice; one is said to be at C before it is at B."""
    for number, start in enumerate(BUS_1_STARTS_S[2::3]):
        row = {"service_date": MONDAY, "trip_id_scheduled": f"1-week-{clock(start)}", "route_id": "1", "vehicle_id": "b7"}
        for sequence, stop in ((2, "B"), (3, "C")):
            for ahead, late in ((400, 20), (60, 45)):
                at = ORIGIN + start + 300 * (sequence - 1) + late + (700 if number == 1 and stop == "B" else 0)
                told = {"stop_sequence": sequence, "stop_id": stop, "arrival_time": at, "departure_time": at + 10}
                yield row | told | {"update_timestamp": at - ahead, "stop_relationship": "SCHEDULED", "trip_relationship": "SCHEDULED"}


def messages() -> Iterator[dict[str, Any]]:
    for minute in range(7 * 60, 9 * 60):
        at = ORIGIN + 60 * minute
        yield {"received_at": at, "feed_timestamp": at - minute % 11, "entities": 5, "bytes": 100, "outcome": "new"}


def reconstructed(folder: Path, engines: Engines) -> tuple[Node, dict[str, list[Path]], Mapping[str, object]]:
    """A node whose Monday was reconstructed on these engines, the files of that day, and what was counted."""
    folder.mkdir()
    node, schedule, realtime = operations_node(
        folder, feed=feed(), vehicle_locations=positions(), trip_update_stops=predictions(), messages=messages()
    )
    (done,) = reconstruct(node, "tiny", MONDAY, engines)
    assert done.is_new
    return node, node.days.paths(schedule.id, MONDAY, PERFORMED) | node.days.paths(realtime.id, MONDAY, COLLECTED), done.counts


@long_on_spark
def test_stop_visits_and_metrics(cluster: Cluster, tmp_path: Path):
    node, files, counts = reconstructed(tmp_path / "embedded", Embedded())
    other, others, counts_of_other = reconstructed(tmp_path / "spread", cluster)
    assert counts == counts_of_other and counts["wrongly_numbered"] == 1
    for table in ("stop_visits", "trips_performed"):
        one, two = (pq.read_table(paths[table]) for paths in (files, others))
        assert one.num_rows > 80 and one.column_names == two.column_names
        assert_same(one.to_pylist(), two.to_pylist(), table)
    methods = set(pq.read_table(files["stop_visits"])["method"].to_pylist())
    assert methods >= {"status", "geometry", "trip_update"}
    assert pq.read_table(files["trips_performed"])["match_method"].to_pylist().count("block") == len(TRAM_STARTS_S) // 2

    modules = [*reliability.MEMBERS, *speed.MEMBERS]
    engines = Embedded().open_files(files), cluster.open_files(files)
    embedded, spread = (answers(engine, metric_calls(modules, engine.tables())) for engine in engines)
    assert len(embedded) >= 20
    for metric, rows in embedded.items():
        assert_same(rows, spread[metric], metric)
    for each in (*engines, node, other):
        each.close()
