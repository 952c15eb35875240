from __future__ import annotations

import statistics

import pytest
from departures import visits_at, visits_table
from hypothesis import given, settings
from hypothesis import strategies as st
from small_lake import rows_of

from interurban.metrics.supply.headway_peak_median import headway_peak_median


def peak(*counts, by=()):
    """Stops with so many departures between 7 and 9."""
    groups = (visits_at(*range(25200, 25200 + 60 * count, 60), stop_key=key) for key, count in enumerate(counts))
    return rows_of(headway_peak_median(visits_table(*groups), by=by))


def test_departures_weigh():
    # 12, 4, 2 departures: 10, 30, 60 minutes. In the list 10 x12, 30 x4, 60 x2 the 9th and 10th are 10.
    assert peak(12, 4, 2) == [{"headway_peak_median_min": 10.0, "n": 18}]


def test_between_two_middle_values_it_is_their_mean():
    # 2 and 1 + 1 departures: 60, 60, 120, 120 minutes: (60 + 120) / 2.
    assert peak(2, 1, 1) == [{"headway_peak_median_min": 90.0, "n": 4}]


def test_routes_directions_and_dates_are_apart():
    visits = visits_table(
        visits_at("7:00", "7:30"),
        visits_at("7:10", route_key=2),
        visits_at("7:20", direction_id=None),
        visits_at("9:00"),
    )
    # 60, 60, 120, 120: the departure at 9:00 is outside.
    found = rows_of(headway_peak_median(visits, by=("mode",)))
    assert found == [{"mode": "bus", "headway_peak_median_min": 90.0, "n": 4}]
    assert rows_of(headway_peak_median(visits_table())) == []


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=6))
def test_it_is_the_median_of_the_written_out_list(counts):
    written_out = [120 / count for count in counts for _ in range(count)]
    assert peak(*counts)[0]["headway_peak_median_min"] == pytest.approx(statistics.median(written_out))
