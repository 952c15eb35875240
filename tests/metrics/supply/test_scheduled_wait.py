from __future__ import annotations

import pytest
from departures import visits_at, visits_table
from small_lake import MONDAY, rows_of

from interurban.metrics.supply.scheduled_wait import scheduled_wait


def test_uneven_headways_make_the_wait_longer():
    # 10, 10, 10, 28, 1, 1 minutes: (3 x 100 + 784 + 2) / (2 x 60) = 9.05; even ones of 10: 5.
    uneven = visits_at("7:00", "7:10", "7:20", "7:30", "7:58", "7:59", "8:00")
    even = visits_at("7:00", "7:10", "7:20", stop_key=2)
    found = rows_of(scheduled_wait(visits_table(uneven, even)), "stop_id")
    assert found == [
        {"service_date": MONDAY, "stop_id": "s1", "direction_id": 0, "n": 6, "scheduled_wait_min": pytest.approx(9.05)},
        {"service_date": MONDAY, "stop_id": "s2", "direction_id": 0, "n": 2, "scheduled_wait_min": 5.0},
    ]


def test_stops_together_are_a_ratio_of_sums():
    # h: 10 at one stop, 30 at the other: (100 + 900) / (2 x 40) = 12.5, not (5 + 15) / 2.
    found = rows_of(
        scheduled_wait(visits_table(visits_at("7:00", "7:10"), visits_at("7:00", "7:30", stop_key=2)), by=())
    )
    assert found == [{"n": 2, "scheduled_wait_min": 12.5}]


def test_window_and_missing():
    visits = visits_table(visits_at("6:00", "7:00", "7:20", "9:30"))
    assert rows_of(scheduled_wait(visits, by=(), window_s=(25200, 32400))) == [{"n": 1, "scheduled_wait_min": 10.0}]
    assert rows_of(scheduled_wait(visits, window_s=(0, 60))) == []
