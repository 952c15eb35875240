"""Evenness, adherence, bunching, wait assessment and percentiles: worked example A, and the edges they share."""

from __future__ import annotations

import itertools
import random

import pytest
from day import PROMISED, SEEN
from performed import at, calls, one_row, rows_of, stop_visits

from interurban.metrics.reliability.bunching import bunching
from interurban.metrics.reliability.events import Evidence
from interurban.metrics.reliability.headway_adherence import headway_adherence
from interurban.metrics.reliability.headway_cv import headway_cv
from interurban.metrics.reliability.observed_headways import observed_headways, timeline
from interurban.metrics.reliability.wait_assessment import wait_assessment
from interurban.metrics.reliability.wait_percentile import wait_percentile


@pytest.fixture
def example_a():
    return stop_visits(calls(PROMISED, SEEN))


def test_variation_is_that_of_the_population(example_a):
    found = one_row(headway_cv(example_a, ()))
    assert round(found["headway_cv"], 5) == 0.66583  # of the sample it would be 0.72938
    assert (found["n"], found["headway_mean_min"], found["headway_median_min"], found["headway_max_min"]) == (6, 10, 11, 19)


def test_adherence_is_variation_where_headways_are_promised_even(example_a):
    found = one_row(headway_adherence(example_a, ()))
    assert round(found["headway_adherence"], 5) == 0.66583 and found["promised_mean_min"] == 10


def test_adherence_forgives_a_timetable_that_is_uneven():
    uneven = ["8:00", "8:05", "8:25", "8:30", "8:50"]
    visits = stop_visits(calls(uneven, uneven))
    assert one_row(headway_adherence(visits, ()))["headway_adherence"] == 0
    assert one_row(headway_cv(visits, ()))["headway_cv"] > 0.5


def test_bunching_and_gaps(example_a):
    found = one_row(bunching(example_a, ()))
    # h / H: 1.2, 0.2, 1.6, 0.1, 1.9, 1.0
    assert found["bunched_share"] == found["gap_share"] == pytest.approx(2 / 6)
    assert found["on_headway_share"] == pytest.approx(2 / 6)  # 1.2 and 1.0 lie between 0.75 and 1.25
    # The limits themselves are a bunch and a gap; 0.75 and 1.25 are not on headway.
    edges = stop_visits(calls(["8:00", "8:20", "8:40", "9:00", "9:20"], ["8:00", "8:10", "8:40", "8:55", "9:20"]))
    assert one_row(bunching(edges, ()))["on_headway_share"] == 0
    assert one_row(bunching(edges, ()))["bunched_share"] == one_row(bunching(edges, ()))["gap_share"] == 0.25


def test_wait_assessment(example_a):
    assert one_row(wait_assessment(example_a, ()))["wait_assessment"] == pytest.approx(4 / 6)
    assert one_row(wait_assessment(example_a, (), tolerance_pct=60))["wait_assessment"] == pytest.approx(5 / 6)


def test_wait_percentile(example_a):
    found = one_row(wait_percentile(example_a, ()))
    assert found["wait_percentile_min"] == 16 and found["percent"] == 95  # 25 + 2 x 16 = 57 = 0.95 x 60
    assert one_row(wait_percentile(example_a, (), 100))["wait_percentile_min"] == 19
    # Half: 1 + 2 + 4x = 30 gives 6.75, between 2 and 10.
    assert one_row(wait_percentile(example_a, (), 50))["wait_percentile_min"] == pytest.approx(6.75)


@pytest.mark.parametrize("seed", range(6))
def test_wait_percentile_against_a_plain_search(seed):
    times = sorted(random.Random(seed).sample(range(20_000, 60_000), 15))
    visits = stop_visits(calls([None] * 15, times, trip_key=None))
    headways = [later - earlier for earlier, later in itertools.pairwise(times)]
    for percent in (10, 50, 90, 99):
        wait_s = one_row(wait_percentile(visits, (), percent))["wait_percentile_min"] * 60
        waited = sum(min(h, wait_s) for h in headways) / sum(headways)
        assert waited == pytest.approx(percent / 100)


def test_the_promise_is_that_of_the_departure_nearest_in_time():
    # Every 10 minutes until 9:00, every 30 after: a late 8:50 still had a promise of 10, the 9:28 one of 30.
    promised = ["8:40", "8:50", "9:00", "9:30", "10:00"]
    rows = rows_of(timeline(stop_visits(calls(promised, ["8:41", "8:54", "9:01", "9:28", "10:00"]))), "at_s")
    headways = [row["promised_headway_s"] for row in rows if not row["is_scheduled"]]
    assert headways == [600, 600, 600, 1800, 1800]


def test_neighbours_in_the_timeline():
    rows = rows_of(timeline(stop_visits(calls(["8:00", "8:10"], ["8:02", "8:10"]))), "at_s", "is_scheduled")
    told = [(r["at_s"] - at(0), r["is_scheduled"], r["next_scheduled_s"], r["next_actual_s"]) for r in rows]
    assert told == [
        (28_800, True, at("8:10"), at("8:02")), (28_920, False, at("8:10"), at("8:10")),
        (29_400, False, None, None), (29_400, True, None, at("8:10")),
    ]  # fmt: skip


def test_an_unusable_departure_is_no_neighbour():
    rows = calls(PROMISED, SEEN)
    rows[2] = rows[2] | {"method": "interpolated"}
    found = rows_of(observed_headways(stop_visits(rows)), "actual_s")
    assert [row["headway_s"] for row in found] == [None, 720, None, 1080, 60, 1140, 600]


def test_headways_are_those_of_passenger_service_as_the_scheduled_ones_are():
    empty = calls(["8:05", "8:15"], ["8:06", "8:14"], is_passenger=False)
    full = calls(["8:00", "8:10", "8:20"], ["8:01", "8:10", "8:20"])
    found = rows_of(observed_headways(stop_visits([*full, *empty])), "actual_s")
    assert [row["headway_s"] for row in found] == [None, 540, 600]
    told = rows_of(timeline(stop_visits([*full, *empty])), "at_s", "is_scheduled")
    assert told == rows_of(timeline(stop_visits(full)), "at_s", "is_scheduled")


def test_departures_of_one_second_are_no_time_apart():
    found = one_row(headway_cv(stop_visits(calls([None] * 3, ["8:00", "8:00", "8:10"], trip_key=None)), ()))
    assert (found["n"], found["headway_mean_min"]) == (2, 5)


def test_a_headway_over_an_outage_is_unknown():
    visits = stop_visits(calls(PROMISED, [*PROMISED[:2], None, None, *PROMISED[4:]]))
    blind = Evidence(outages=((at("8:15"), at("8:35")),))
    for metric, column in ((headway_cv, "headway_cv"), (headway_adherence, "headway_adherence")):
        assert one_row(metric(visits, ()))[column] > 0.4
        found = one_row(metric(visits, (), evidence=blind))
        assert found[column] == 0 and found["n"] == 3


def test_shifting_all_times_changes_no_headway():
    late = stop_visits(calls(PROMISED, SEEN, origin_s=0))
    early = stop_visits([row | {name: row[name] - 7_000 for name in ("actual_departure_time", "schedule_departure_time")}
                         for row in calls(PROMISED, SEEN, origin_s=0)])
    for metric in (headway_cv, headway_adherence, bunching, wait_assessment, wait_percentile):
        assert rows_of(metric(late)) == rows_of(metric(early))


def test_no_promise_no_share():
    found = one_row(bunching(stop_visits(calls([None] * 7, SEEN, trip_key=None)), ()))
    assert found["n"] == 0 and found["bunched_share"] is None
