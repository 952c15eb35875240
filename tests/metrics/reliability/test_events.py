from __future__ import annotations

import pytest
from performed import at, calls, one_row, rows_of, stop_visits, trip

from interurban.metrics.reliability.events import Evidence, evidence_columns, stop_events


def summary(visits, evidence=None):
    events = stop_events(visits, evidence or Evidence())
    return one_row(events.aggregate(evidence_columns(events)))


def test_uncertain_and_interpolated_events_are_dropped_and_told():
    # Pitfall 25: a time that is no observation is graded, and left out.
    sure = calls(["8:00"], ["8:00"], departure_lo=at("7:59"), departure_hi=at("8:00"))
    # Pitfall 30: polling makes brackets; half of 241 s is more than 120.
    wide = calls(["8:10"], ["8:10"], trip_key=11, departure_lo=at("8:08"), departure_hi=at("8:08") + 241)
    just = calls(["8:20"], ["8:20"], trip_key=12, departure_lo=at("8:18"), departure_hi=at("8:18") + 240)
    made = calls(["8:30"], ["8:30"], trip_key=13, method="interpolated")
    found = summary(stop_visits(sure, wide, just, made))
    assert found == {"coverage": 0.5, "interpolated_share": 0.25, "dropped_share": 0.5}
    loose = summary(stop_visits(sure, wide, just, made), Evidence(max_uncertainty_s=300, interpolated=True))
    assert loose == {"coverage": 1.0, "interpolated_share": 0.25, "dropped_share": 0.0}


def test_arrivals_where_a_feed_tells_only_those():
    visits = stop_visits(trip(1, [{"sched": "8:00", "dep": "8:01"}, {"sched": "8:10", "arr": "8:11"}, {"sched": "8:20", "arr": "8:22"}]))
    departures = [row["actual_s"] for row in rows_of(stop_events(visits), "trip_stop_sequence")]
    arrivals = [row["actual_s"] for row in rows_of(stop_events(visits, Evidence("arrival")), "trip_stop_sequence")]
    assert departures == [at("8:01"), None, at("8:22")]  # no departure is made up from the arrival
    assert arrivals == [at("8:01"), at("8:11"), at("8:22")]


def test_what_was_not_seen_in_an_outage_is_not_missing():
    visits = stop_visits(calls(["8:00", "8:10", "8:20"], ["8:00", None, None]))
    assert summary(visits)["coverage"] == pytest.approx(1 / 3)
    assert summary(visits, Evidence(outages=((at("8:05"), at("8:15")),)))["coverage"] == 0.5


def test_skipped_stops_were_promised_and_are_nothing_unknown():
    visits = stop_visits(calls(["8:00", "8:10"], ["8:00", None], schedule_relationship="Skipped"))
    assert [row["is_promised"] for row in rows_of(stop_events(visits))] == [True, True]
    assert summary(visits)["coverage"] == 1.0


def test_trips_without_a_schedule_are_kept_apart():
    visits = stop_visits(calls([None, None], ["8:00", "8:10"], trip_key=None, run=None, scheduled_stop_sequence=None))
    assert [row["is_promised"] for row in rows_of(stop_events(visits))] == [False, False]
    assert summary(visits) == {"coverage": None, "interpolated_share": 0.0, "dropped_share": 0.0}
