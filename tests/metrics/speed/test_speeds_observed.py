from __future__ import annotations

import pytest
from performed import at, calls, one_row, rows_of, stop_visits, trip

from interurban.errors import UsageError
from interurban.metrics.speed.buffer_time import buffer_time
from interurban.metrics.speed.dwell_time import dwell_time
from interurban.metrics.speed.observed_segment_speed import observed_segment_speed
from interurban.metrics.speed.observed_speed import observed_speed
from interurban.metrics.speed.planning_time import planning_time
from interurban.metrics.speed.run_time import run_time

EIGHT = 8 * 3600
# Worked example D: minutes of 20 trips.
MINUTES = [22] * 10 + [24] * 5 + [28] * 3 + [32, 40]


def there(key: int, seconds: int, metres: float | None = None, start: int = EIGHT, **columns):
    """A trip between two stops."""
    return trip(key, [{"dep": start, "distance": 0.0 if metres else None}, {"arr": start + seconds, "distance": metres}], **columns)


def example_d(**columns):
    return stop_visits(*(there(number, 60 * minutes, **columns) for number, minutes in enumerate(MINUTES)))


def test_example_d_buffer():
    found = one_row(buffer_time(example_d(), ("route_id",)))
    assert found["n"] == 20 and found["run_time_mean_min"] == pytest.approx(24.8)
    assert found["run_time_percentile_min"] == pytest.approx(32.4) and found["buffer_min"] == pytest.approx(7.6)
    assert round(found["buffer_index"] * 100, 2) == 30.65
    nearest = one_row(buffer_time(example_d(), ("route_id",), rule="nearest_rank"))
    assert nearest["run_time_percentile_min"] == 32 and round(nearest["buffer_index"] * 100, 2) == 29.03
    with pytest.raises(UsageError):
        buffer_time(example_d(), rule="guess")


def test_example_d_planning_time():
    found = one_row(planning_time(example_d(), ("route_id",)))
    assert found["free_flow_min"] == 22
    assert round(found["planning_time_index"], 4) == 1.4727 and round(found["travel_time_index"], 4) == 1.1273


def test_free_flow_is_of_all_hours():
    quick = [there(number, 600, start=5 * 3600) for number in range(5)]
    slow = [there(10 + number, 1200) for number in range(5)]
    found = rows_of(planning_time(stop_visits(*quick, *slow), ("route_id", "hour")), "hour")
    assert [(row["hour"], row["travel_time_index"]) for row in found] == [(5, 1.0), (8, 2.0)]


def test_example_e_speed_is_a_ratio_of_sums():
    visits = stop_visits(*(there(number, seconds, 600.0) for number, seconds in enumerate((90, 120, 180))))
    found = one_row(observed_segment_speed(visits, ()))
    assert round(found["speed_kmh"], 3) == 16.615 and found["n"] == 3  # the mean of speeds would be 18.0
    assert found["known_share"] == 1.0 and found["time_median_s"] == 120


def test_example_h_run_time_of_a_published_row():
    # LAMP, trip 55458883 at place-wondl: leaves for it at 1683547348, stops there at 1683547398.
    moved, stopped = 1_683_547_348 - at(0), 1_683_547_398 - at(0)
    assert one_row(observed_segment_speed(stop_visits(there(1, stopped - moved, 600.0, start=moved)), ()))["time_median_s"] == 50


def test_commercial_and_running_speed():
    # 500 m in 60 s, 180 s at the stop, 700 m in 60 s.
    stops = [
        {"dep": EIGHT, "distance": 0.0}, {"arr": EIGHT + 60, "dep": EIGHT + 240, "distance": 500.0},
        {"arr": EIGHT + 300, "distance": 1200.0},
    ]  # fmt: skip
    found = one_row(observed_speed(stop_visits(trip(1, stops)), ()))
    assert found["commercial_kmh"] == pytest.approx(14.4) and found["running_kmh"] == pytest.approx(36)
    assert (found["n"], found["n_segments"], found["known_share"]) == (1, 2, 1.0)


def test_segments_by_hour_and_place():
    # Leaves at 24:59 and 25:01: hours run past midnight.
    visits = stop_visits(there(1, 60, 300.0, start=24 * 3600 + 3540), there(2, 30, 300.0, start=25 * 3600 + 60))
    found = rows_of(observed_segment_speed(visits), "hour")
    assert [(r["hour"], r["stop_id"], r["next_stop_id"], r["speed_kmh"]) for r in found] == [
        (24, "s1", "s2", pytest.approx(18)), (25, "s1", "s2", pytest.approx(36)),
    ]  # fmt: skip


def test_an_unknown_stop_between_breaks_the_way():
    stops = [{"dep": EIGHT, "distance": 0.0}, {"distance": 500.0}, {"arr": EIGHT + 300, "distance": 1200.0}]
    found = one_row(observed_segment_speed(stop_visits(trip(1, stops)), ()))
    assert (found["n"], found["known_share"], found["speed_kmh"]) == (0, 0.0, None)
    assert one_row(run_time(stop_visits(trip(1, stops)), ()))["run_time_mean_min"] == 5


def test_without_a_shape_there_is_no_speed():
    found = one_row(observed_speed(stop_visits(there(1, 600)), ()))
    assert found["commercial_kmh"] is None and found["running_kmh"] is None and found["known_share"] == 0


def test_run_time_needs_both_ends():
    seen = trip(1, [{"sched": "8:00", "dep": "8:00:10"}, {"sched": "8:25", "arr": "8:25:40"}])
    half = trip(2, [{"sched": "9:00", "dep": "9:00"}, {"sched": "9:25"}])
    found = one_row(run_time(stop_visits(seen, half), ("route_id",)))
    assert (found["n"], found["run_time_mean_min"], found["scheduled_mean_min"]) == (1, 25.5, 25)
    assert found["coverage"] == 0.5


def test_uncertain_ends_are_left_out():
    wide = trip(1, [{"dep": EIGHT, "departure_lo": at(EIGHT) - 300, "departure_hi": at(EIGHT)}, {"arr": EIGHT + 600}])
    found = one_row(run_time(stop_visits(wide), ()))
    assert found["n"] == 0 and found["run_time_mean_min"] is None and found["dropped_share"] == 1.0
    assert one_row(observed_segment_speed(stop_visits(wide), ()))["n"] == 0


def test_dwell_without_the_ends():
    stops = [{"arr": EIGHT - 900, "dep": EIGHT}] + [
        {"arr": EIGHT + 100 * i, "dep": EIGHT + 100 * i + dwell} for i, dwell in enumerate((0, 20, 40), start=1)
    ] + [{"dep": EIGHT + 400}, {"arr": EIGHT + 500, "dep": EIGHT + 2000}]  # fmt: skip
    found = one_row(dwell_time(stop_visits(trip(1, stops)), ()))
    assert (found["n"], found["dwell_mean_s"], found["dwell_median_s"]) == (3, 20, 20)
    assert found["zero_share"] == pytest.approx(1 / 3) and found["known_share"] == 0.75


def test_a_departure_that_may_have_been_before_the_arrival_tells_no_dwell():
    # Seen at the stop at 100, a prediction of 105 that is good to 60 s: the vehicle may have stood a second or a minute.
    loose = {"arr": EIGHT + 100, "dep": EIGHT + 105, "departure_lo": at(EIGHT + 45), "departure_hi": at(EIGHT + 165)}
    sure = {"arr": EIGHT + 200, "dep": EIGHT + 230, "departure_lo": at(EIGHT + 220), "departure_hi": at(EIGHT + 230)}
    stops = [{"dep": EIGHT}, loose, sure, loose | {"method": "geometry"}, {"arr": EIGHT + 500}]
    found = one_row(dwell_time(stop_visits(trip(1, stops)), ()))
    assert (found["n"], found["dwell_mean_s"], found["known_share"]) == (2, 17.5, pytest.approx(2 / 3))


def test_nothing():
    empty = stop_visits()
    for metric in (buffer_time, planning_time, run_time, dwell_time, observed_segment_speed, observed_speed):
        assert rows_of(metric(empty)) == []
    assert one_row(dwell_time(stop_visits(calls(["8:00"], [None])), ()))["n"] == 0


def test_real_boston_buses(shared_data):
    # The figures beside the file: 43,821 visits of 2,063 trips; dwell between the ends median 23, mean 29.7, p95 85 s.
    import gzip
    import json

    with gzip.open(shared_data / "gtfs_rt/boston_mbta/bus_stop_events_2025-11-04.json.gz") as file:
        trips = json.load(file)
    visits = [
        {"service_date": None, "trip_id_performed": one["id"], "trip_stop_sequence": place, "stop_id": event["stop_id"],
         "is_first": place == 0, "is_last": place == len(one["stop_events"]) - 1, "actual_arrival_time": event["arrived"],
         "actual_departure_time": event["departed"], "route_id": one["trip"]["route_id"], "method": "status", "origin_s": at(0)}
        for one in trips for place, event in enumerate(one["stop_events"])
    ]  # fmt: skip
    found = one_row(dwell_time(stop_visits(visits), ()))
    assert len(trips) == 2063 and len(visits) == 43_821
    assert found["dwell_median_s"] == 23 and round(found["dwell_mean_s"], 1) == 29.7 and round(found["dwell_p95_s"]) == 85
