from __future__ import annotations

import pytest
from day import EIGHT_TO_NINE, PROMISED, SEEN
from performed import at, boardings_at, calls, one_row, rows_of, stop_visits

from interurban.metrics.reliability.events import Evidence
from interurban.metrics.reliability.excess_wait import excess_wait
from interurban.metrics.supply.scheduled_wait import scheduled_wait


def minutes(*gaps: int) -> list[int]:
    """Departures from 8:00 on with these gaps."""
    times = [8 * 3600]
    for gap in gaps:
        times.append(times[-1] + gap * 60)
    return times


def test_example_a():
    # AWT = 866 / 120 = 7.2167; SWT = 600 / 120 = 5; EWT = 2.2167 min = 133.0 s
    found = one_row(excess_wait(stop_visits(calls(PROMISED, SEEN)), ()))
    assert round(found["actual_wait_min"], 4) == 7.2167 and found["scheduled_wait_min"] == 5
    assert round(found["excess_wait_min"], 4) == 2.2167 and round(found["excess_wait_min"] * 60, 1) == 133.0
    assert (found["n"], found["coverage"], found["known_share"]) == (7, 1.0, 1.0)


def test_example_b_a_missing_observation_looks_like_worse_service():
    seen = [None if time == "8:30" else time for time in SEEN]
    found = one_row(excess_wait(stop_visits(calls(PROMISED, seen)), ()))
    assert round(found["actual_wait_min"], 4) == 7.4833
    assert found["coverage"] == pytest.approx(6 / 7)


@pytest.mark.parametrize(
    ("gaps", "excess"),
    [((10, 15, 5, 10, 10, 10), 650 / 120 - 5), ((10, 10, 10, 28, 1, 1), 9.05 - 5)],  # 0.417 and 4.05 minutes
)
def test_published_examples_by_hand(gaps, excess):
    visits = stop_visits(calls(minutes(*[10] * 6), minutes(*gaps)))
    assert one_row(excess_wait(visits, ()))["excess_wait_min"] == pytest.approx(excess)


def test_the_window_closes_with_the_headway_that_spans_its_end():
    # The 8:50 is missing and the next comes at 9:10: those who come from 8:40 to 9:00 wait for that one.
    promised = minutes(*[10] * 8)
    seen = [time for time in promised if time != promised[5]]
    seen = [*seen[:5], None, *seen[5:]]
    seen[6] = None  # the 9:00 is missing, too
    window = one_row(excess_wait(stop_visits(calls(promised, seen)), (), window_s=EIGHT_TO_NINE))
    # Waited twice: 4 x 10^2 + (30^2 - 10^2) over 2 x 60 minutes; cutting the headway at 9:00 would say 20^2.
    assert window["actual_wait_min"] == pytest.approx((4 * 100 + 900 - 100) / 120)
    assert window["known_share"] == 1.0


def test_time_after_the_last_observed_departure_is_unknown_not_short():
    found = one_row(excess_wait(stop_visits(calls(PROMISED, [*SEEN[:-2], None, None])), ()))
    assert found["known_share"] == pytest.approx(31 / 60)  # the last one seen left at 8:31
    assert found["coverage"] == pytest.approx(5 / 7)


def test_only_frequent_service_counts():
    # Headways promised: 10, 10, then 30: those who come in the last know the timetable.
    promised, seen = minutes(10, 10, 30), minutes(10, 10, 40)
    visits = stop_visits(calls(promised, seen))
    assert one_row(excess_wait(visits, ()))["excess_wait_min"] == 0
    every = one_row(excess_wait(visits, (), max_promised_headway_s=1800))
    # Of the 50 minutes promised, the last 30 wait for a departure 10 minutes late: 40^2 - 10^2 against 30^2.
    assert every["excess_wait_min"] == pytest.approx((1500 - 900) / 100)
    hourly = one_row(excess_wait(stop_visits(calls(minutes(60, 60), minutes(60, 60))), ()))
    assert hourly["excess_wait_min"] is None and hourly["n"] == 0


def test_a_trip_cut_short_counts_where_it_no_longer_comes():
    whole = calls(PROMISED, PROMISED, stop_id="s1", is_first=True)
    cut = calls(PROMISED, [None if time == "8:30" else time for time in PROMISED], stop_id="s2", scheduled_stop_sequence=2)
    first, second = rows_of(excess_wait(stop_visits(whole, cut), ("stop_id",)), "stop_id")
    assert first["excess_wait_min"] == 0
    assert second["excess_wait_min"] == pytest.approx((400 - 200) / 120)  # 20 minutes once instead of 10 twice


def test_stops_together_are_a_ratio_of_sums():
    even = calls(["8:00", "8:10"], ["8:00", "8:10"])
    late = calls(["8:00", "8:10", "8:20"], ["8:00", None, "8:20"], stop_id="s2")
    found = one_row(excess_wait(stop_visits(even, late), ()))
    # AWT: (10^2 + 20^2) / (2 x 30); SWT: 5. The mean of the stops' excess, (0 + 5) / 2, would be another number.
    assert found["excess_wait_min"] == pytest.approx(500 / 60 - 5)


def test_routes_directions_and_days_are_series_of_their_own():
    a = calls(["8:00", "8:10"], ["8:00", "8:10"])
    b = calls(["8:05", "8:15"], ["8:05", "8:15"], direction_id=1)
    c = calls(["8:05", "8:15"], ["8:05", "8:15"], direction_id=None, stop_id="s1")
    found = rows_of(excess_wait(stop_visits(a, b, c), ("direction_id",)), "direction_id")
    assert [row["scheduled_wait_min"] for row in found] == [5, 5, 5]


def test_an_outage_of_ours_is_no_gap_of_service():
    seen = [*PROMISED[:3], None, None, *PROMISED[5:]]
    visits = stop_visits(calls(PROMISED, seen))
    blind = Evidence(outages=((at("8:25"), at("8:45")),))
    assert one_row(excess_wait(visits, ()))["excess_wait_min"] == pytest.approx((3 * 100 + 900) / 120 - 5)
    watched = one_row(excess_wait(visits, (), evidence=blind))
    assert watched["excess_wait_min"] == 0 and watched["coverage"] == 1.0


def test_boardings_weigh_stops():

    even = calls(["8:00", "8:10"], ["8:00", "8:10"])
    late = calls(["8:00", "8:10", "8:20"], ["8:00", None, "8:20"], stop_id="s2")
    boardings = boardings_at(s1=30, s2=10)
    found = one_row(excess_wait(stop_visits(even, late), (), boardings=boardings))
    assert found["excess_wait_weighted_min"] == pytest.approx((30 * 0 + 10 * 5) / 40)
    assert found["excess_wait_min"] == pytest.approx(500 / 60 - 5)


def test_the_last_stop_of_a_trip_is_nobodys_wait():
    ends = calls(PROMISED, SEEN, is_last=True)
    assert rows_of(excess_wait(stop_visits(ends))) == []


def test_service_kept_to_the_second_waits_what_the_timetable_says():
    from departures import visits_at, visits_table

    gaps = (10, 7, 12, 3, 15, 9)
    times = minutes(*gaps)
    found = one_row(excess_wait(stop_visits(calls(times, times)), ()))
    spine = rows_of(scheduled_wait(visits_table(visits_at(*times)), by=()))[0]
    assert found["scheduled_wait_min"] == pytest.approx(spine["scheduled_wait_min"])
    assert found["excess_wait_min"] == 0
