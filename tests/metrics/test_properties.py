"""What must hold for any timetable; a plain count over the runs in Python stands beside the engine's numbers."""

from __future__ import annotations

import random
from functools import cache

import duckdb
import ibis
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_lake import MONDAY

from interurban.metrics.supply.fleet_need import fleet_need
from interurban.metrics.supply.hourly_profile import hourly_profile
from interurban.metrics.supply.peak_vehicles import peak_vehicles
from interurban.metrics.supply.scheduled_speed import scheduled_speed
from interurban.metrics.supply.service_distance import service_distance
from interurban.metrics.supply.service_hours import service_hours
from interurban.metrics.supply.service_hours_with_layover import service_hours_with_layover
from interurban.metrics.supply.trips_served import trips_served

SCHEMA = pa.schema(
    {
        "service_date": pa.date32(), "trip_key": pa.int64(), "run": pa.int64(), "start_s": pa.int32(),
        "end_s": pa.int32(), "is_frequency_based": pa.bool_(), "block_id": pa.string(), "distance_m": pa.float64(),
        "distance_estimate_m": pa.float64(),
    }
)  # fmt: skip
METRICS = (
    trips_served, service_hours, service_hours_with_layover, service_distance, scheduled_speed, peak_vehicles,
    fleet_need,
)  # fmt: skip

some_feeds = settings(max_examples=15, deadline=None, derandomize=True)
a_trip = st.tuples(
    st.integers(0, 100_000),  # start, past midnight included
    st.integers(0, 7_200),  # duration
    st.sampled_from([None, "a", "b"]),  # block
    st.none() | st.floats(1, 50_000),  # distance
)
timetables = st.lists(a_trip, min_size=1, max_size=12)


class Compiled:
    """The metrics as SQL over one table of runs, filled anew for each example: compiling each time takes minutes."""

    def __init__(self) -> None:
        self.database = duckdb.connect()
        self.database.register("given", SCHEMA.empty_table())
        self.database.execute("CREATE TABLE runs AS SELECT * FROM given").fetchall()
        facts = ibis.table(ibis.schema(SCHEMA), name="runs")
        self.queries = [ibis.to_sql(metric(facts, ()), dialect="duckdb") for metric in METRICS]
        self.profile = ibis.to_sql(hourly_profile(facts, ()), dialect="duckdb")

    def fill(self, timetable, shift_s=0) -> None:
        rows = [
            {
                "service_date": MONDAY, "trip_key": key, "run": 0, "start_s": start + shift_s,
                "end_s": start + shift_s + duration, "is_frequency_based": False, "block_id": block,
                "distance_m": distance_m,
            }
            for key, (start, duration, block, distance_m) in enumerate(timetable)
        ]  # fmt: skip
        self.database.register("given", pa.Table.from_pylist(rows, schema=SCHEMA))
        self.database.execute("DELETE FROM runs").fetchall()
        self.database.execute("INSERT INTO runs SELECT * FROM given").fetchall()

    def rows(self, query) -> list[dict]:
        return self.database.sql(query).to_arrow_table().to_pylist()


@cache
def compiled() -> Compiled:
    return Compiled()


def numbers(timetable, shift_s=0) -> dict:
    compiled().fill(timetable, shift_s)
    found = {}
    for query in compiled().queries:
        for row in compiled().rows(query):
            found |= row
    return found


@some_feeds
@given(timetables)
def test_row_order_does_not_matter(timetable):
    # Trips keep no identity but their rows here, so a shuffle also renumbers them.
    shuffled = random.Random(1).sample(timetable, len(timetable))
    assert numbers(shuffled) == numbers(timetable)


@some_feeds
@given(timetables, st.integers(0, 30_000))
def test_shifting_all_times_moves_the_peak_and_nothing_else(timetable, shift_s):
    before, after = numbers(timetable), numbers(timetable, shift_s)
    for name in ("peak_from_s", "peak_to_s"):
        if name in before:
            before[name] += shift_s
    assert after == before


@some_feeds
@given(timetables)
def test_doubling_the_feed_doubles_trips_hours_distance_and_peak_but_not_speed(timetable):
    apart = [(start, duration, None, distance_m) for start, duration, _, distance_m in timetable]
    once, twice = numbers(apart), numbers(apart + apart)
    for name in ("trips", "service_hours", "service_distance_km", "peak_vehicles"):
        assert twice.get(name) == (None if once.get(name) is None else pytest.approx(2 * once[name])), name
    assert twice["speed_kmh"] == (None if once["speed_kmh"] is None else pytest.approx(once["speed_kmh"]))
    assert twice["known_share"] == once["known_share"]


@some_feeds
@given(timetables)
def test_peak_hours_and_profile_agree_with_a_plain_count(timetable):
    found = numbers(timetable)
    stretches = [(start, start + duration) for start, duration, _, _ in timetable if duration]
    most = max((sum(a <= t < b for a, b in stretches) for t, _ in stretches), default=None)
    assert found.get("peak_vehicles") == most
    seconds = sum(duration for _, duration, _, _ in timetable)
    assert found["service_hours"] == seconds / 3600
    profile = compiled().rows(compiled().profile)
    assert sum(row["vehicle_hours"] for row in profile) == pytest.approx(seconds / 3600)
    assert sum(row["departures"] for row in profile) == len(timetable)


@some_feeds
@given(timetables)
def test_vehicles_of_blocks_never_work_twice_at_a_time(timetable):
    found = numbers(timetable)
    lone = [(start, start + duration) for start, duration, block, _ in timetable if block is None and duration]
    blocks = {block for _, duration, block, _ in timetable if block and duration}
    most_alone = max((sum(a <= t < b for a, b in lone) for t, _ in lone), default=0)
    assert found.get("fleet_need", 0) <= most_alone + len(blocks)
    # A layover adds time, an overlap inside a block takes some away; without blocks both are nothing.
    if not blocks:
        assert found["service_hours_with_layover"] == found["service_hours"]
        assert found.get("fleet_need") == found.get("peak_vehicles")
