from __future__ import annotations

import pytest
from performed import boardings_at, calls, one_row, rows_of, stop_visits

from interurban.metrics.reliability.schedule_deviation import schedule_deviation

# Worked example F: delays 0, 60, 600 and 120 s; 10, 40, 0 and 5 people board.
PROMISED = [28_800, 29_400, 30_000, 30_600]
SEEN = [28_800, 29_460, 30_600, 30_720]


def by_stop():
    return [calls([t], [a], stop_id=f"s{i}", trip_id_performed=f"p{i}", trip_key=i)
            for i, (t, a) in enumerate(zip(PROMISED, SEEN, strict=True))]


def test_example_f():
    boardings = boardings_at(s0=10, s1=40, s2=0, s3=5)
    found = one_row(schedule_deviation(stop_visits(*by_stop()), (), boardings=boardings))
    assert found["deviation_mean_s"] == 195
    assert round(found["deviation_weighted_s"], 2) == 54.55
    assert found["boardings_known_share"] == 1.0


def test_unknown_boardings_are_told_not_taken_for_none():
    boardings = boardings_at(s0=10, s1=30)
    found = one_row(schedule_deviation(stop_visits(*by_stop()), (), boardings=boardings))
    assert found["deviation_weighted_s"] == pytest.approx(45) and found["boardings_known_share"] == 0.5


def test_early_is_negative_and_counts_as_no_lateness():
    found = one_row(schedule_deviation(stop_visits(calls(["8:00", "8:10", "8:20"], ["7:58", "8:11", "8:24"])), ()))
    assert (found["deviation_mean_s"], found["deviation_median_s"]) == (60, 60)
    assert found["lateness_mean_s"] == 100  # (0 + 60 + 240) / 3


def test_percentiles_are_of_raw_rows():
    # Pitfall 32: p90 of 0..100 is 90; the mean of the p90 of two halves would be 70.
    promised = [28_800 + 600 * i for i in range(101)]
    found = one_row(schedule_deviation(stop_visits(calls(promised, [t + i for i, t in enumerate(promised)])), ()))
    assert (found["deviation_p10_s"], found["deviation_p90_s"]) == (10, 90)


def test_unobserved_is_not_on_time():
    # Pitfall 24: stops without an update are unknown.
    found = one_row(schedule_deviation(stop_visits(calls(["8:00", "8:10"], [None, None])), ()))
    assert found["n"] == 0 and found["deviation_mean_s"] is None and found["coverage"] == 0.0
    assert rows_of(schedule_deviation(stop_visits())) == []
