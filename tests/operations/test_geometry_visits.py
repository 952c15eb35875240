"""The geometry branch on an engine: tables of a feed in, visits and counts out."""

from __future__ import annotations

import pickle
from functools import partial

import pyarrow as pa
import pytest

from interurban import read_gtfs
from interurban.operations.geometry import geometry_visits, schema, visits_of_positions
from interurban.operations.pattern_geometry import pattern_geometry
from interurban.store.engine import DuckEngine
from tiny_feed import tiny_feed, write_zip

START = 1_704_092_400  # 2024-01-01 07:00 in Accra
M_PER_DEGREE = 111_274.96


@pytest.fixture
def engine(tmp_path):
    with read_gtfs(write_zip(tmp_path / "tiny.zip", tiny_feed())) as feed:
        yield DuckEngine(feed.con)


def pings(engine: DuckEngine, rows: list[tuple[int, str | None, int, float]]) -> pa.Table:
    """Positions on the equator from run, trip, seconds since START and metres east of A."""
    trips = {row["trip_id"]: row["pattern_key"] for row in engine.rows(engine.table("trips"))}
    run, trip, seconds, metres = zip(*rows, strict=True)
    return pa.table(
        {
            "run_key": pa.array(run, pa.int64()),
            "pattern_key": pa.array([trips.get(each) for each in trip], pa.int64()),
            "mode": ["bus"] * len(rows),
            "schedule_trip_start": pa.array([START] * len(rows), pa.int64()),
            "event_timestamp": pa.array([START + each for each in seconds], pa.int64()),
            "latitude": [0.0] * len(rows),
            "longitude": [3 + each / M_PER_DEGREE for each in metres],
        }
    )


# Bus 1: A, B, C at 0, 1112.75 and 2225.5 m of its shape. 10 m/s from second 100.
DRIVE = [(1, "1-week-07:00:00", 100 + t, 10.0 * t) for t in range(0, 221, 20)] + [(1, "1-week-07:00:00", 330, 2225.0)]


def test_a_drive_past_three_stops_is_timed_by_hand_arithmetic(engine):
    found = geometry_visits(engine, engine.add("pings", pings(engine, DRIVE)), engine.tables())
    first, second, third = engine.rows(found.visits.order_by("stop_sequence"))
    # leaves A at 50 m: second 105; comes to B at 1062.75 m: 206.3, leaves it at 1162.75 m: 216.3; C at 2175.5 m, 317.6
    assert (first["arrival_s"], first["departure_s"]) == (None, START + 105)
    assert (second["arrival_s"], second["departure_s"]) == (START + 206, START + 216)
    assert (second["arrival_lo"], second["arrival_hi"]) == (START + 200, START + 220)
    assert (third["arrival_s"], third["departure_s"]) == (START + 318, None)
    assert {row["method"] for row in (first, second, third)} == {"geometry"}
    (run,) = engine.rows(found.runs)
    assert (run["positions_used"], run["positions_near_shape"], run["positions_off_route"]) == (13, 13, 0)
    # All lie on the line: only the schedule costs, the first position 100 s late, the last 270 s early.
    assert run["match_cost"] == pytest.approx(((100 / 1200) ** 2 + (270 / 1200) ** 2) / 13, rel=1e-3)


def test_a_pattern_without_a_shape_goes_from_stop_to_stop(engine):
    drive = [(7, "2-week-08:00:00", t, 10.0 * t) for t in range(0, 221, 20)]
    found = geometry_visits(engine, engine.add("pings", pings(engine, drive)), engine.tables())
    (row,) = engine.rows(found.runs)
    assert (row["positions_used"], row["positions_near_shape"], row["positions_off_route"]) == (12, None, None)
    times = [(row["arrival_s"], row["departure_s"]) for row in engine.rows(found.visits.order_by("stop_sequence"))]
    assert times == [(None, START + 5), (START + 218, None)]


def test_runs_of_which_nothing_is_known_keep_their_row(engine):
    rows = [(1, None, 0, 0.0), (1, None, 20, 200.0), (2, "1-week-07:00:00", 0, 50_000.0)]
    found = geometry_visits(engine, engine.add("pings", pings(engine, rows)), engine.tables())
    assert engine.rows(found.visits) == []
    one, two = engine.rows(found.runs.order_by("run_key"))
    assert (one["positions_used"], one["positions_off_route"], one["match_cost"]) == (0, None, None)
    assert (two["positions_used"], two["positions_near_shape"], two["positions_off_route"]) == (0, 0, 1)


def test_the_function_gives_its_schema_for_no_rows(engine):
    none = pings(engine, DRIVE).slice(0, 0)
    geometry = pattern_geometry(engine, engine.tables(), engine.add("none", none))
    assert geometry.pattern_key.size == 0
    assert visits_of_positions(none, geometry) == schema().empty_table()
    assert visits_of_positions(pings(engine, DRIVE), geometry).num_rows == 1


def test_stops_and_run_times_of_a_pattern(engine):
    geometry = pattern_geometry(engine, engine.tables(), engine.add("pings", pings(engine, DRIVE)))
    assert geometry.stop_sequence.tolist() == [1, 2, 3]
    assert geometry.stop_s.tolist() == [0, 300, 600]
    assert geometry.stop_m == pytest.approx([0, 1112.75, 2225.5], abs=0.01)
    assert geometry.at_m == pytest.approx([0, 2225.5], abs=0.01)


def test_the_function_travels_to_other_machines(engine):
    table = pings(engine, DRIVE)
    work = partial(visits_of_positions, geometry=pattern_geometry(engine, engine.tables(), engine.add("pings", table)))
    assert pickle.loads(pickle.dumps(work))(table) == work(table)
