from __future__ import annotations

from departures import runs_at, runs_table
from small_lake import rows_of

from interurban.metrics.supply.route_length import route_length


def lengths(*groups):
    return rows_of(route_length(runs_table(*groups)), "route_id", "direction_id")


def test_the_pattern_with_most_runs_gives_the_length():
    found = lengths(
        runs_at(*range(3), pattern_key=1, distance_m=10_000.0, distance_estimate_m=9000.0),
        runs_at(0, pattern_key=2, distance_m=12_000.0),
    )
    assert found == [
        {"route_key": 1, "route_id": "r1", "mode": "bus", "direction_id": 0, "n": 3, "length_m": 10_000.0,
         "length_estimate_m": 9000.0, "dominant_share": 0.75}
    ]  # fmt: skip


def test_of_equals_the_longest():
    found = lengths(runs_at(0, pattern_key=1, distance_m=5.0), runs_at(9, pattern_key=2, distance_m=7.0))
    assert [row["length_m"] for row in found] == [7.0]


def test_unknown_length_stays_unknown_with_its_estimate_beside():
    found = lengths(runs_at(0, 1, pattern_key=1, distance_estimate_m=800.0), runs_at(0, pattern_key=2, distance_m=7.0))
    assert [(row["length_m"], row["length_estimate_m"]) for row in found] == [(None, 800.0)]


def test_directions_are_apart_and_a_missing_one_is_its_own():
    found = lengths(
        runs_at(0, direction_id=0, distance_m=1.0), runs_at(0, direction_id=1, distance_m=2.0),
        runs_at(0, direction_id=None, distance_m=3.0),
    )  # fmt: skip
    assert {row["direction_id"]: row["length_m"] for row in found} == {0: 1.0, 1: 2.0, None: 3.0}
    assert lengths() == []
