from __future__ import annotations

import pytest
from small_lake import MONDAY, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.scheduled_speed import scheduled_speed
from interurban.model import Scope


def speed_of(*trips, by=()):
    return rows_of(scheduled_speed(runs(make_lake(trips), Scope(dates=(MONDAY,))), by))


def test_ratio_of_sums():
    # 10 km in 30 min (20 km/h) and 40 km in 1 h (40 km/h): 50 km / 1.5 h = 33.3 km/h; the mean of speeds would be 30.
    found = speed_of(trip(1, "08:00", "08:30", distance_m=10_000.0), trip(2, "08:00", "09:00", distance_m=40_000.0))
    assert found == [{"speed_kmh": pytest.approx(100 / 3), "known_share": 1.0, "n": 2}]


def test_runs_of_unknown_distance_or_without_duration_are_left_out_of_both_sums():
    found = speed_of(
        trip(1, "08:00", "09:00", distance_m=30_000.0),
        trip(2, "08:00", "10:00"),
        trip(3, "08:00", "08:00", distance_m=5_000.0),
        trip(4, "", "", distance_m=5_000.0),
    )
    assert found == [{"speed_kmh": pytest.approx(30.0), "known_share": 0.25, "n": 1}]


def test_nothing_known():
    assert speed_of(trip(1, "08:00", "09:00")) == [{"speed_kmh": None, "known_share": 0.0, "n": 0}]
    assert speed_of() == [{"speed_kmh": None, "known_share": None, "n": 0}]
