from __future__ import annotations

import ibis
import pyarrow as pa
import pytest
from performed import at, calls, one_row, rows_of, stop_visits, trip
from small_lake import MONDAY

from interurban.metrics.reliability.message_age import message_age
from interurban.metrics.reliability.predicted_stop_share import predicted_stop_share
from interurban.metrics.reliability.prediction_accuracy import prediction_accuracy
from interurban.metrics.reliability.prediction_wobble import prediction_wobble
from interurban.metrics.reliability.predictions import prediction_samples

UPDATES = pa.schema({
    "service_date": pa.date32(), "trip_id_scheduled": pa.string(), "stop_sequence": pa.int32(), "stop_id": pa.string(),
    "arrival_time": pa.int64(), "departure_time": pa.int64(), "arrival_delay": pa.int32(), "departure_delay": pa.int32(),
    "stop_relationship": pa.string(), "update_timestamp": pa.int64(), "last_update_timestamp": pa.int64(),
})  # fmt: skip
CAME = "8:30"


def said(*updates, **columns):
    """Predictions (said first, said last, arrival) for stop 2 of trip "t"."""
    rows = [
        {"service_date": MONDAY, "trip_id_scheduled": "t", "stop_sequence": 2, "stop_id": "s2", "update_timestamp": at(first),
         "last_update_timestamp": at(last), "arrival_time": at(arrives)} | columns
        for first, last, arrives in updates
    ]  # fmt: skip
    return ibis.memtable(pa.Table.from_pylist([{name: row.get(name) for name in UPDATES.names} for row in rows], schema=UPDATES))


def visits(**columns):
    stops = [{"sched": "8:00", "dep": "8:00"}, {"sched": "8:28", "arr": CAME, "dep": CAME} | columns, {"sched": "8:50", "arr": "8:50"}]
    return stop_visits(trip(1, stops, trip_id_scheduled="t"))


def samples(updates, **columns):
    found = rows_of(prediction_samples(updates, visits(**columns)), "minute_before")
    return [(row["minute_before"], row["error_s"]) for row in found]


def test_the_prediction_in_force_at_each_minute():
    # 8:28 said from 8:25 to 8:27, then 8:31 until it came: minutes 5, 4 err by +120, minutes 3 to 0 by -60.
    updates = said(("8:25", "8:26:50", "8:28"), ("8:27", "8:30", "8:31"))
    assert samples(updates) == [(0, -60), (1, -60), (2, -60), (3, -60), (4, 120), (5, 120)]


def test_what_is_no_longer_said_is_no_longer_read():
    # Last said at 8:20: with 90 s of grace it is read until 8:21:30.
    assert samples(said(("8:19", "8:20", "8:30"))) == [(9, 0), (10, 0), (11, 0)]


def test_nothing_is_told_after_the_fact_or_too_early():
    assert samples(said(("8:31", "8:32", "8:31"))) == []
    assert [minute for minute, _ in samples(said(("7:00", "8:30", "8:30")))] == list(range(31))


def test_a_visit_timed_by_predictions_cannot_judge_them():
    # Pitfall 25: the last prediction is no observation.
    updates = said(("8:25", "8:30", "8:30"))
    assert samples(updates) and samples(updates, method="trip_update") == []


def test_stops_named_by_id_only_where_that_is_one_place():
    updates = said(("8:28", "8:30", "8:30"), stop_sequence=None)
    assert [minute for minute, _ in samples(updates)] == [0, 1, 2]
    loop = stop_visits(trip(1, [{"sched": "8:00", "dep": "8:00", "stop_id": "s2"}, {"sched": "8:30", "arr": CAME, "stop_id": "s2"}],
                            trip_id_scheduled="t"))  # fmt: skip
    assert rows_of(prediction_samples(updates, loop)) == []


def test_a_delay_without_a_time_counts_from_the_timetable():
    # Promised at 8:28, foretold 3 minutes late, came at 8:30.
    assert samples(said(("8:28", "8:30", None), arrival_delay=180)) == [(0, -60), (1, -60), (2, -60)]
    assert [minute for minute, _ in samples(said(("8:29", "8:30", "8:31"), arrival_delay=0))] == [0, 1]
    assert one_row(predicted_stop_share(said(("8:28", "8:30", None), arrival_delay=180), visits()))["predicted_stop_share"] > 0


def test_skipped_stops_and_blind_predictions_are_none():
    assert samples(said(("8:25", "8:30", "8:30"), stop_relationship="SKIPPED")) == []
    assert samples(said(("8:25", "8:30", None))) == []


@pytest.mark.parametrize(("error", "kept"), [(-110, True), (-111, False), (112, True), (113, False)])
def test_log_bounds_at_five_minutes(error, kept):
    # -60 ln 6.3 = -110.4 and 60 ln 6.5 = 112.3
    predicted = 8 * 3600 + 1800 - error
    rows = rows_of(prediction_accuracy(said(("8:25", "8:25", predicted)), visits(), ("minute_before",), stale_after_s=0))
    assert [(row["minute_before"], row["accuracy_log_bounds"]) for row in rows] == [(5, float(kept))]


@pytest.mark.parametrize(
    ("minute", "bucket", "low", "high"),
    [(2, "0_3", -30, 90), (3, "3_6", -60, 150), (6, "6_10", -60, 210), (14, "10_15", -90, 270)],
)
def test_four_buckets_with_their_ends(minute, bucket, low, high):
    came = 8 * 3600 + 1800
    for error, kept in ((low, 1.0), (low - 1, 0.0), (high, 1.0), (high + 1, 0.0)):
        moment = came - 60 * minute
        found = one_row(prediction_accuracy(said((moment, moment, came - error)), visits(), (), stale_after_s=0))
        assert found["n"] == 1 and found[f"accuracy_{bucket}"] == kept
        assert found["accuracy_buckets"] is None  # the other buckets are empty


def test_the_score_is_the_plain_mean_of_the_buckets():
    # 200 s late until 6 minutes before, then right: 1, 1, 1 and 1; 240 s: the bucket of 6 to 10 minutes is wrong.
    found = one_row(prediction_accuracy(said(("8:00", "8:24", "8:26"), ("8:24:30", "8:30", "8:30")), visits(), ()))
    assert (found["accuracy_0_3"], found["accuracy_3_6"], found["accuracy_10_15"]) == (1, 1, 1)
    assert found["accuracy_6_10"] == 0 and found["accuracy_buckets"] == 0.75


def test_wobble():
    updates = said(("8:26", "8:26", "8:30"), ("8:27", "8:27", "8:32"), ("8:28", "8:28", "8:31"), ("8:30", "8:30", "8:40"))
    found = one_row(prediction_wobble(updates, visits(), (), stale_after_s=0))
    assert (found["n"], found["prediction_wobble_s"]) == (2, 90)  # 8:29 is silent, so 8:30 follows nothing


def test_ages():
    messages = ibis.memtable(pa.table({
        "feed_id": [1, 1, 1, 1], "received_at": [100, 200, 300, 400], "feed_timestamp": [90, 180, 240, 0],
        "outcome": ["new", "new", "new", "unchanged"],
    }))  # fmt: skip
    positions = ibis.memtable(pa.table({
        "feed_id": [1, 1, 1], "received_at": [100, 100, 100], "event_timestamp": [95, 85, 0], "is_header_time": [False, None, True],
    }))  # fmt: skip
    found = one_row(message_age(messages, positions))
    assert (found["feed_id"], found["n"], found["vehicles"]) == (1, 3, 2)
    assert (found["header_age_p50_s"], found["vehicle_age_p50_s"], found["header_age_min_s"]) == (20, 10, 10)
    assert found["header_age_p90_s"] == pytest.approx(52)  # between 20 and 60


def test_frequency_based_runs_share_an_id_and_are_left_out():
    loose = stop_visits(calls(["8:30"], [CAME], trip_id_scheduled="t", scheduled_stop_sequence=2, is_frequency_based=True))
    assert rows_of(prediction_samples(said(("8:25", "8:30", "8:30")), loose)) == []


def test_stops_with_predictions():
    # Four scheduled stops: one predicted by its id, one by its number in the trip, one only as skipped, one not at all.
    stops = [{"sched": "8:00"}, {"sched": "8:10"}, {"sched": "8:20"}, {"sched": "8:30"}]
    four = stop_visits(trip(1, stops, trip_id_scheduled="t"))
    by_id = said(("7:50", "7:50", "8:00"), stop_id="s1", stop_sequence=1)
    by_number = said(("7:50", "7:50", "8:10"), stop_id=None, stop_sequence=2)
    skipped = said(("7:50", "7:50", "8:20"), stop_id="s3", stop_sequence=3, stop_relationship="SKIPPED")
    unscheduled = said(("7:50", "7:50", "8:20"), stop_id="s9", stop_sequence=9)
    found = one_row(predicted_stop_share(by_id.union(by_number).union(skipped).union(unscheduled), four))
    assert (found["n"], found["predicted_stop_share"]) == (4, 0.5)
    assert rows_of(predicted_stop_share(by_id, stop_visits())) == []
