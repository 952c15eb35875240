from __future__ import annotations

from small_lake import MONDAY, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.hourly_profile import hourly_profile
from interurban.model import Scope


def profile_of(*trips):
    facts = runs(make_lake(trips), Scope(dates=(MONDAY,)))
    rows = rows_of(hourly_profile(facts, ()), "hour")
    return [(row["hour"], row["departures"], row["runs_in_motion"], row["vehicle_hours"]) for row in rows]


def test_runs_are_cut_at_the_hours():
    # 08:30-09:15: half of hour 8 and a quarter of hour 9. 08:00-09:00: hour 8 only, for its end is exclusive.
    assert profile_of(trip(1, "08:30", "09:15"), trip(2, "08:00", "09:00")) == [(8, 2, 2, 1.5), (9, 0, 1, 0.25)]


def test_past_midnight_and_across_an_hour_without_departure():
    assert profile_of(trip(1, "23:30", "25:30")) == [(23, 1, 1, 0.5), (24, 0, 1, 1.0), (25, 0, 1, 0.5)]


def test_runs_without_duration_depart_without_motion_and_untimed_ones_do_not():
    assert profile_of(trip(1, "08:00", "08:00"), trip(2, "", ""), trip(3, "09:00", "08:00")) == [(8, 1, 0, 0.0)]
    assert profile_of() == []
