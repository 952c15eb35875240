from __future__ import annotations

import pytest
from small_lake import MONDAY, clock, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.service_hours_with_layover import service_hours_with_layover
from interurban.model import Scope


def hours_of(*trips, by=(), frequencies=(), **options):
    facts = runs(make_lake(trips, frequencies=frequencies), Scope(dates=(MONDAY,)))
    return rows_of(service_hours_with_layover(facts, by, **options))


def test_layover_inside_a_block_but_not_time_in_the_depot():
    # 08:00-08:30, layover 600 s, 08:40-09:00; three hours away; 12:00-12:30: 1800 + 600 + 1200 + 1800 = 5400 s.
    block = [
        trip(1, "08:00", "08:30", block_id="b"),
        trip(2, "08:40", "09:00", block_id="b"),
        trip(3, "12:00", "12:30", block_id="b"),
    ]
    assert hours_of(*block) == [
        {"service_hours_with_layover": 1.5, "layover_hours": pytest.approx(1 / 6), "block_share": 1.0, "n": 3}
    ]
    # With a limit of three hours the gap 09:00-12:00 is layover too: 4.5 h in all.
    assert hours_of(*block, max_layover_s=3 * 3600)[0]["service_hours_with_layover"] == 4.5


def test_overlapping_trips_of_a_block_count_once():
    # 08:00-09:00 holds 08:10-08:20 and overlaps 08:50-09:20; a trip at 09:30 waits from 09:20, not from 08:20.
    found = hours_of(
        trip(1, "08:00", "09:00", block_id="b"),
        trip(2, "08:10", "08:20", block_id="b"),
        trip(3, "08:50", "09:20", block_id="b"),
        trip(4, "09:30", "09:40", block_id="b"),
    )
    # 08:00-09:40 without a break is 6000 s, of which layover 600 s.
    assert found[0]["service_hours_with_layover"] == pytest.approx(6000 / 3600)
    assert found[0]["layover_hours"] == pytest.approx(600 / 3600)


def test_trips_without_block_and_frequency_trips_are_on_their_own():
    found = hours_of(
        trip(1, "08:00", "08:30"),
        trip(2, "08:40", "09:00"),
        trip(3, "00:00", "00:15", block_id="b"),
        frequencies=[{"trip_key": 3, "start_time": clock("08:00"), "end_time": clock("08:20"), "headway_secs": 600}],
    )
    # 1800 + 1200 + 2 x 900 s = 4800 s, nothing between them.
    assert found == [
        {"service_hours_with_layover": pytest.approx(4800 / 3600), "layover_hours": 0.0, "block_share": 0.0, "n": 4}
    ]


def test_layover_belongs_to_the_run_that_follows():
    found = hours_of(
        trip(1, "08:00", "09:00", block_id="b"), trip(2, "09:30", "10:00", block_id="b", route_key=2), by=("route_id",)
    )
    assert {row["route_id"]: row["service_hours_with_layover"] for row in found} == {"r1": 1.0, "r2": 1.0}
