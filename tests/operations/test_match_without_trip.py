"""Vehicles that do not name their trip: matched by line and time, each trip once."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from interurban import Scope, read_gtfs
from interurban.metrics.runs import runs as scheduled_runs
from interurban.operations.match_without_trip import match_runs
from interurban.store.engine import DuckEngine
from tiny_feed import tiny_feed, write_zip

MONDAY = dt.date(2024, 1, 1)
ORIGIN = 1_704_067_200  # 2024-01-01 in Accra
SEVEN = ORIGIN + 7 * 3600
M_PER_DEGREE = 111_274.96

# Bus 1 runs A -> B -> C, 2225 m eastwards, every 10 minutes from 07:00; tram T goes northwards from D, hourly from 07:00.


@pytest.fixture
def engine(tmp_path):
    with read_gtfs(write_zip(tmp_path / "tiny.zip", tiny_feed())) as feed:
        yield DuckEngine(feed.con)


def drive(
    run: int, start_s: int, route: str | None = "1", direction: int | None = 0, back: bool = False, north: bool = False
) -> list[tuple]:
    """A vehicle at 4 m/s from the stop at `start_s` seconds after seven, a position every 30 s."""
    rows = []
    for n in range(19):
        metres = 4.0 * 30 * (18 - n if back else n)
        lat, lon = (0.0002 + min(metres, 1100) / M_PER_DEGREE, 3.0) if north else (0.0, 3 + metres / M_PER_DEGREE)
        rows.append((run, route, direction, SEVEN + start_s + 30 * n, lat, lon))
    return rows


def matched(engine: DuckEngine, *drives: list[tuple]) -> dict[int, tuple[str, str, float]]:
    """Trip, method and score of each run that was matched."""
    names = ("run_key", "route_id", "direction_id", "event_timestamp", "latitude", "longitude")
    columns = zip(*(row for drive in drives for row in drive), strict=True)
    types = (pa.int64(), pa.string(), pa.int8(), pa.int64(), pa.float64(), pa.float64())
    table = pa.table({name: pa.array(values, kind) for name, values, kind in zip(names, columns, types, strict=True)})
    tables = engine.tables()
    runs = scheduled_runs(tables, Scope(dates=(MONDAY,)))
    found = engine.rows(match_runs(engine, engine.add("pings", table), tables, runs, ORIGIN))
    trips = {row["trip_key"]: row["trip_id"] for row in engine.rows(tables["trips"])}
    return {row["run_key"]: (trips[row["trip_key"]], row["match_method"], row["match_score"]) for row in found}


def test_a_run_gets_the_trip_that_started_when_it_did(engine):
    found = matched(engine, drive(5, 1200 + 120))
    # leaves A (50 m behind it) between seconds 120 + 0 and 30 after 07:20: 2 minutes late, (120 / 600)^2 = 0.04
    assert found == {5: ("1-week-07:20:00", "route", pytest.approx(0.04, abs=0.01))}


def test_two_late_vehicles_do_not_share_a_trip(engine):
    # 07:00 runs 6 minutes late, 07:10 runs 2 minutes late: alone, the first would be taken for 07:10 as well.
    assert matched(engine, drive(1, 360))[1][0] == "1-week-07:10:00"
    found = matched(engine, drive(1, 360), drive(2, 720))
    assert [found[run][0] for run in (1, 2)] == ["1-week-07:00:00", "1-week-07:10:00"]


def test_a_run_without_a_route_is_known_by_its_line(engine):
    found = matched(engine, drive(1, 3600, route=None, direction=None), drive(2, 3600, route=None, direction=None, north=True))
    assert found[1][:2] == ("1-week-08:00:00", "route")
    assert found[2][:2] == ("T-week-08:00:00", "route")


def test_a_run_against_the_line_falls_back_on_the_nearest_start(engine):
    found = matched(engine, drive(1, 240, back=True))
    assert found == {1: ("1-week-07:00:00", "nearest_start", pytest.approx((240 / 600) ** 2))}
    assert matched(engine, drive(1, 240, route=None, direction=None, back=True)) == {}


def test_what_no_trip_explains_stays_without_one(engine):
    assert matched(engine, drive(1, 0, direction=1)) == {}  # the feed has no other direction
    assert matched(engine, drive(1, 0, route="99")) == {}
    assert matched(engine, drive(1, -3 * 3600)) == {}  # four in the morning
