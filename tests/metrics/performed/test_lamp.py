"""MBTA's own answers for an hour of its subway: every stop, move, travel time, dwell and headway that its LAMP expects."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pv
import pytest

from interurban.metrics.performed.stop_facts import irregular, stop_facts, with_neighbours
from interurban.metrics.performed.vehicle_trips import vehicle_trips, with_vehicle_trip
from interurban.store.engine import open_files

NAMES = {
    "vehicle.current_status": "current_status", "vehicle.current_stop_sequence": "scheduled_stop_sequence", "vehicle.stop_id": "stop_id",
    "vehicle.timestamp": "event_timestamp", "vehicle.trip.direction_id": "direction_id", "vehicle.trip.route_id": "route_id",
    "vehicle.vehicle.id": "vehicle_id", "vehicle.trip.trip_id": "trip_id_scheduled", "vehicle.vehicle.label": "vehicle_label",
}  # fmt: skip
Key = tuple[str, str, str]


def read(path: Path) -> pa.Table:
    types = {"trip_id": pa.string(), "vehicle.trip.trip_id": pa.string(), "stop_id": pa.string(), "vehicle.stop_id": pa.string()}
    return pv.read_csv(path, convert_options=pv.ConvertOptions(column_types=types))


@pytest.fixture(scope="module")
def boston(shared_data: Path) -> Path:
    return shared_data / "gtfs_rt" / "boston_mbta"


@pytest.fixture(scope="module")
def expected(boston: Path) -> dict[Key, dict[str, Any]]:
    return keyed(read(boston / "pipeline_flat_out.csv"))


@pytest.fixture(scope="module")
def visits(boston: Path) -> dict[Key, dict[str, Any]]:
    """Facts of each stop by (route, trip, station). LAMP has a row per station, we have one per call.

    The input has one call told under two stations, a platform of unknown number and the one it turned out to be.
    """
    stations = {row["stop_id"]: row["parent_station"] for row in read(boston / "pipeline_flat_out.csv").to_pylist()}
    engine = open_files({})
    positions = engine.add("positions", positions_of(boston / "vehicle_positions_flat_input.csv"))
    engine.add("stations", pa.table({"stop_id": list(stations), "station": list(stations.values())}))
    trips = engine.keep(vehicle_trips(positions))
    named = with_vehicle_trip(positions, trips)
    by_call = engine.keep(with_neighbours(stop_facts(named, "vehicle_trip_key"), "vehicle_trip_key"))
    assert engine.rows(irregular(by_call, "vehicle_trip_key")) == []
    assert len(engine.rows(by_call)) == 462
    place = named.inner_join(engine.table("stations"), "stop_id").mutate(call=lambda t: t.vehicle_trip_key.cast("string") + " " + t.station)
    facts = {row["call"]: row for row in engine.rows(stop_facts(place, "call"))}
    of_trips = {str(row["vehicle_trip_key"]): row for row in engine.rows(trips)}
    found = {}
    for call, row in facts.items():
        key, _, station = call.partition(" ")
        trip = of_trips[key]
        found[trip["route_id"], trip["trip_id_scheduled"], station] = row | {"trip": key, "direction_id": trip["direction_id"]}
    engine.close()
    return found


def positions_of(path: Path) -> pa.Table:
    rows = read(path)
    rows = rows.select(list(NAMES)).rename_columns(list(NAMES.values()))
    # All positions of a trip have the same start time.
    rows = rows.append_column("start_time", pa.nulls(rows.num_rows, pa.int32()))
    return rows.append_column("schedule_relationship", pa.nulls(rows.num_rows, pa.string()))


def keyed(table: pa.Table) -> dict[Key, dict[str, Any]]:
    rows = {(row["route_id"], row["trip_id"], row["parent_station"]): row for row in table.to_pylist()}
    assert len(rows) == table.num_rows == 463
    return rows


def minus(later: int | None, earlier: int | None) -> int | None:
    return None if later is None or earlier is None else later - earlier


def departures(visits: dict[Key, dict[str, Any]]) -> dict[Key, int | None]:
    """First moment on the way to the next stop."""
    following: dict[str, list[tuple[int, int, Key]]] = defaultdict(list)
    for key, row in visits.items():
        following[row["trip"]].append((row["stop_sequence"], row["first_s"], key))
    found: dict[Key, int | None] = {}
    for calls in following.values():
        keys = [key for _, _, key in sorted(calls)]
        found |= {key: visits[after]["first_moving_s"] if after else None for key, after in zip(keys, [*keys[1:], None], strict=True)}
    return found


def test_every_stop_move_and_sequence(boston: Path, visits: dict[Key, dict[str, Any]]):
    lamp = keyed(read(boston / "process_vp_files_flat_out.csv"))
    ours = {key: (row["first_stopped_s"], row["first_moving_s"], row["stop_sequence"]) for key, row in visits.items()}
    assert ours == {key: (row["vp_stop_timestamp"], row["vp_move_timestamp"], row["stop_sequence"]) for key, row in lamp.items()}
    # Two terminals are named by the station first and by the platform once the train stands there: we keep what was said there.
    differ = {key for key, row in lamp.items() if visits[key]["stop_id"] != row["stop_id"]}
    assert differ == {("Red", "56898609", "place-brntn"), ("Red", "56898609", "place-alfcl")}


def test_every_travel_time(visits: dict[Key, dict[str, Any]], expected: dict[Key, dict[str, Any]]):
    """From the first moment on the way to a stop, which is our departure from the stop before."""
    ours = {key: minus(row["first_stopped_s"], row["first_moving_s"]) for key, row in visits.items()}
    assert ours == {key: row["travel_time_seconds"] for key, row in expected.items()}


def test_every_dwell(visits: dict[Key, dict[str, Any]], expected: dict[Key, dict[str, Any]]):
    departed = departures(visits)
    first: dict[str, int] = {}
    for row in visits.values():
        first[row["trip"]] = min(row["stop_sequence"], first.get(row["trip"], row["stop_sequence"]))
    ours = {
        key: None if row["stop_sequence"] == first[row["trip"]] else minus(departed[key], row["first_stopped_s"])
        for key, row in visits.items()
    }
    assert ours == {key: row["dwell_time_seconds"] for key, row in expected.items()}


@pytest.mark.parametrize("line", ["trunk", "branch"])
def test_every_headway(line: str, visits: dict[Key, dict[str, Any]], expected: dict[Key, dict[str, Any]]):
    """Between departures from a station in one direction, of a line or of a branch of it."""
    departed = departures(visits)
    series: dict[tuple[Any, ...], list[tuple[int, Key]]] = defaultdict(list)
    for key, row in expected.items():
        if departed[key] is not None and row[f"{line}_route_id"]:
            series[row[f"{line}_route_id"], row["direction_id"], row["parent_station"]].append((departed[key], key))
    ours: dict[Key, int | None] = dict.fromkeys(expected)
    for calls in series.values():
        ordered = sorted(calls)
        ours |= {key: moment - before for (before, _), (moment, key) in pairwise(ordered)}
    assert ours == {key: row[f"headway_{line}_seconds"] for key, row in expected.items()}
