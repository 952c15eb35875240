"""A service day reconstructed: each edge of the method by name.

The edges are trips of one and the same day, each with a vehicle of its own: a day takes seconds, and they do not touch each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest
from service_days import Outcome, at, predicted, said, seen, service_day
from small_lake import trip

from interurban.metrics.performed.stop_visits import TRIPS, VISITS

Rows = Iterable[Mapping[str, Any]]
TIMES = ("actual_arrival_time", "actual_departure_time")


def bus(trip_id: str, start: str = "08:0", **columns: object) -> list[dict[str, Any]]:
    """A bus on three stops: leaves at :00, at the second from :05 to :06, at the last at :09."""
    return [
        *seen(trip_id, "at", 1, f"{start}0:00", f"{start}0:30", **columns),
        *seen(trip_id, "to", 2, f"{start}1:00", f"{start}4:40", **columns),
        *seen(trip_id, "at", 2, f"{start}5:00", f"{start}5:40", **columns),
        *seen(trip_id, "to", 3, f"{start}6:00", f"{start}8:50", **columns),
        *seen(trip_id, "at", 3, f"{start}9:00", **columns),
    ]


TIMES_OF_PLAN = ("08:00", "08:05", "08:10")
RUN = [("08:00:00", "08:01:00"), ("08:05:00", "08:06:00"), ("08:09:00", None)]
TRIPS_OF_DAY: list[dict[str, Any]] = []
ROWS_OF_DAY: dict[str, list[dict[str, Any]]] = {"positions": [], "predictions": [], "updates": []}


def edge(
    make: Callable[[str], Rows] | None = None, times: tuple[str, ...] = TIMES_OF_PLAN,
    types: Mapping[int, tuple[int | None, int | None]] | None = None, **more: Callable[[str], Rows],
) -> str:  # fmt: skip
    """Another trip of the day, with what was seen and said of it; its id."""
    number = len(TRIPS_OF_DAY) + 1
    TRIPS_OF_DAY.append(trip(number, *times, types=types or {}))
    for kind, rows in {"positions": make or (lambda _: []), **more}.items():
        for row in rows(f"t{number}"):
            named = {"vehicle_id": f"{row['vehicle_id']}-{number}"} if kind == "positions" else {}
            ROWS_OF_DAY[kind].append(row | named)
    return f"t{number}"


@pytest.fixture(scope="module")
def day() -> Outcome:
    return service_day(TRIPS_OF_DAY, **ROWS_OF_DAY)


PLAIN = edge(bus)


def test_an_arrival_is_the_first_moment_at_a_stop_and_a_departure_the_first_on_the_way_to_the_next(day: Outcome):
    assert day.times(PLAIN, *TIMES) == RUN


def test_each_event_lies_between_the_facts_before_and_after_it(day: Outcome):
    second = day.times(PLAIN, "arrival_lo", "arrival_hi", "departure_lo", "departure_hi")[1]
    assert second == ("08:04:40", "08:05:00", "08:05:40", "08:06:00")


def test_dwell_is_told_of_stops_between_the_ends_only(day: Outcome):
    assert day.times(PLAIN, "dwell") == [(None,), (60,), (None,)]


def test_both_tables_have_the_columns_of_the_lake(day: Outcome):
    assert tuple(day.visits[0]) == VISITS
    assert tuple(day.trips[0]) == TRIPS


def test_visits_stand_beside_the_schedule(day: Outcome):
    assert day.times(PLAIN, "schedule_arrival_time", "scheduled_stop_sequence", "trip_stop_sequence") == [
        ("08:00:00", 1, 1), ("08:05:00", 11, 2), ("08:10:00", 21, 3),
    ]  # fmt: skip
    assert day.times(PLAIN, "is_first", "is_last", "is_timepoint", "schedule_relationship", "method") == [
        (True, False, True, "Scheduled", "status"), (False, False, True, "Scheduled", "status"), (False, True, True, "Scheduled", "status"),
    ]  # fmt: skip


CLOSED = edge(bus, types={1: (0, 1), 2: (1, 1), 3: (1, None)})


def test_a_stop_where_nobody_may_board_or_alight_is_no_passenger_service(day: Outcome):
    assert day.times(CLOSED, "is_passenger", *TIMES) == [(open_, *times) for open_, times in zip((True, False, True), RUN, strict=True)]
    assert day.times(PLAIN, "is_passenger") == [(True,)] * 3


def test_a_trip_tells_how_well_it_was_seen(day: Outcome):
    row = day.trip(PLAIN)
    assert (row["schedule_relationship"], row["is_observed"], row["match_method"], row["coverage"]) == ("Scheduled", True, "trip_id", 1.0)
    # 08:00 twice, 08:05 twice; 08:01, 08:04, 08:06, 08:08, 08:09 once; 08:00 to 08:09 are ten minutes.
    assert (row["positions"], row["minutes"], row["minutes_tracked"]) == (9, 10, 2)
    assert (row["actual_trip_start"], row["actual_trip_end"]) == (at("08:01:00"), at("08:09:00"))
    assert (row["schedule_trip_start"], row["schedule_trip_end"]) == (at("08:00:00"), at("08:10:00"))
    assert len(row["trip_id_performed"]) == 16


REPEATED = edge(lambda t: [*bus(t), *bus(t)[::-1]])


def test_neither_repeated_rows_nor_their_order_matter(day: Outcome):
    assert day.times(REPEATED, *TIMES, "arrival_lo", "departure_lo") == day.times(PLAIN, *TIMES, "arrival_lo", "departure_lo")


UNSEEN = edge()


def test_a_scheduled_trip_that_nobody_saw_is_missing_at_every_stop(day: Outcome):
    assert day.times(UNSEEN, "schedule_relationship", *TIMES, "method") == [("Missing", None, None, None)] * 3
    row = day.trip(UNSEEN)
    assert (row["schedule_relationship"], row["is_observed"], row["match_method"], row["coverage"]) == ("Scheduled", False, None, 0.0)


GAP = edge(lambda t: [row for row in bus(t) if row["stop_id"] != "s2"])


def test_a_stop_that_nobody_saw_of_a_trip_that_ran_is_missing(day: Outcome):
    assert day.times(GAP, "schedule_relationship") == [("Scheduled",), ("Missing",), ("Scheduled",)]
    # The departure from the first stop is the first sign of the way to the next one seen.
    assert day.times(GAP, *TIMES)[0] == ("08:00:00", "08:06:00")


PASSED = edge(lambda t: [row for row in bus(t) if not (row["stop_id"] == "s2" and row["current_status"] == "STOPPED_AT")])


def test_a_stop_passed_without_standing_has_a_departure_only(day: Outcome):
    assert day.times(PASSED, *TIMES, "departure_lo") == [
        ("08:00:00", "08:01:00", "08:00:30"), (None, "08:06:00", "08:04:40"), ("08:09:00", None, "08:09:00"),
    ]  # fmt: skip


LEAPING = edge(lambda t: [row for row in bus(t) if row["current_status"] == "STOPPED_AT"])


def test_a_vehicle_not_seen_leaving_has_bounds_and_no_departure(day: Outcome):
    assert day.times(LEAPING, "actual_departure_time", "departure_lo", "departure_hi")[0] == (None, "08:00:30", "08:05:00")


MOVING = edge(lambda t: [row for row in bus(t) if row["current_status"] != "STOPPED_AT"])


def test_a_vehicle_that_never_says_that_it_stands_tells_when_it_had_the_next_stop_before_it(day: Outcome):
    assert day.times(MOVING, *TIMES, "departure_lo") == [(None, None, None), (None, "08:06:00", "08:04:40"), (None, None, "08:08:50")]


STALE = edge(lambda t: [*seen(t, "at", 3, "07:58:00"), *bus(t)])


def test_a_stale_stop_of_the_trip_before_is_no_run(day: Outcome):
    assert day.times(STALE, *TIMES) == RUN
    assert day.trip(STALE)["schedule_relationship"] == "Scheduled"


CONTRADICTING = edge(lambda t: [*bus(t), *seen(t, "to", 3, "08:02:00")])


def test_positions_out_of_order_lose_against_later_ones(day: Outcome):
    # At 08:02 the vehicle claims to go to the third stop, then to the second again: the earlier claim is dropped.
    assert day.times(CONTRADICTING, *TIMES) == RUN
    assert day.times(CONTRADICTING, "arrival_lo")[1:] == [("08:04:40",), ("08:08:50",)]


RELUCTANT = edge(lambda t: [*bus(t), *seen(t, "to", 2, "08:05:50")])


def test_standing_twice_at_a_stop_counts_from_the_first_and_is_bounded_exactly(day: Outcome):
    assert day.times(RELUCTANT, *TIMES) == RUN
    assert day.times(RELUCTANT, "arrival_lo")[1] == ("08:04:40",)


def four_stops(t: str, start: str = "08:0", **columns: object) -> list[dict[str, Any]]:
    return [*bus(t, start, **columns), *seen(t, "to", 4, f"{start}9:30", **columns), *seen(t, "at", 4, f"{start}9:50", **columns)]


FOUR = ("08:00", "08:05", "08:09", "08:10")
REUSED = edge(lambda t: [*four_stops(t), *four_stops(t, "08:2")], FOUR)


def test_an_id_used_again_is_two_trips(day: Outcome):
    found = day.all(REUSED)
    assert [(row["schedule_relationship"], row["actual_trip_end"]) for row in found] == [
        ("Scheduled", at("08:09:50")), ("Duplicated", at("08:29:50")),
    ]  # fmt: skip
    assert len({row["trip_id_performed"] for row in found}) == 2


SILENT = edge(lambda t: [*bus(t)[:6], *bus(t, "09:0")])


def test_after_half_an_hour_of_silence_at_the_start_again_it_is_another_trip(day: Outcome):
    assert [row["actual_trip_start"] for row in day.all(SILENT)] == [at("08:01:00"), at("09:01:00")]


TUNNEL = edge(lambda t: [*bus(t)[:6], *seen(t, "to", 3, "08:50:00"), *seen(t, "at", 3, "09:09:00")], ("08:00", "08:05", "09:10"))


def test_half_an_hour_of_silence_on_the_way_is_one_trip(day: Outcome):
    assert day.trip(TUNNEL)["schedule_relationship"] == "Scheduled"
    assert day.times(TUNNEL, *TIMES) == [("08:00:00", "08:01:00"), ("08:05:00", "08:50:00"), ("09:09:00", None)]


TWO = edge(lambda t: [*bus(t), *bus(t, vehicle="second")[:-1]])


def test_two_vehicles_on_one_trip_at_the_same_time_are_two_trips(day: Outcome):
    assert [(row["vehicle_id"].partition("-")[0], row["schedule_relationship"]) for row in day.all(TWO)] == [
        ("bus", "Scheduled"), ("second", "Duplicated"),
    ]  # fmt: skip


TAKEN_OVER = edge(lambda t: [*bus(t)[:6], *(row | {"vehicle_id": "second"} for row in bus(t)[6:])])


def test_a_vehicle_that_takes_over_goes_on_with_the_trip(day: Outcome):
    assert day.trip(TAKEN_OVER)["positions"] == 9
    assert day.times(TAKEN_OVER, *TIMES) == RUN
    assert [vehicle.partition("-")[0] for (vehicle,) in day.times(TAKEN_OVER, "vehicle_id")] == ["bus", "bus", "second"]


# 07:44 is more than a quarter of an hour before 08:00: what the vehicle said then of the way to the second stop is no departure.
EARLY = edge(lambda t: [*seen(t, "at", 1, "07:30:00"), *seen(t, "to", 2, "07:44:00"), *bus(t)])


def test_a_vehicle_that_waits_for_its_trip_is_not_on_it(day: Outcome):
    assert day.times(EARLY, *TIMES) == RUN
    assert day.trip(EARLY)["positions"] == 9


CANCELED = edge(updates=lambda t: [said(t, "SCHEDULED", "07:00"), said(t, "CANCELED", "07:30")])


def test_every_stop_of_a_canceled_trip_is_missing_and_not_unknown(day: Outcome):
    assert day.times(CANCELED, "stop_id", "schedule_relationship", "is_trip_canceled", "method", *TIMES) == [
        (f"s{stop}", "Missing", True, None, None, None) for stop in (1, 2, 3)
    ]  # fmt: skip
    row = day.trip(CANCELED)
    assert (row["schedule_relationship"], row["is_canceled"], row["is_observed"]) == ("Canceled", True, False)


TAKEN_BACK = edge(updates=lambda t: [said(t, "CANCELED", "07:00"), said(t, "SCHEDULED", "07:30")])


def test_a_trip_canceled_and_taken_back_is_not_canceled(day: Outcome):
    assert day.trip(TAKEN_BACK)["is_canceled"] is False
    assert len(day.times(TAKEN_BACK, "stop_id")) == 3


RAN = edge(lambda t: bus(t)[:3], updates=lambda t: [said(t, "CANCELED", "07:30")])


def test_a_canceled_trip_with_three_positions_ran(day: Outcome):
    row = day.trip(RAN)
    assert (row["schedule_relationship"], row["is_canceled"], row["is_observed"]) == ("Scheduled", True, True)
    assert day.counts["canceled_but_observed"] == 1


STOOD = edge(lambda t: bus(t)[:2], updates=lambda t: [said(t, "CANCELED", "07:30")])


def test_a_canceled_trip_with_two_positions_did_not(day: Outcome):
    assert (day.trip(STOOD)["schedule_relationship"], day.trip(STOOD)["coverage"]) == ("Canceled", 0)
    assert day.times(STOOD, "schedule_relationship", *TIMES) == [("Missing", None, None)] * 3


SKIPPED = edge(
    lambda t: [row for row in bus(t) if row["stop_id"] != "s2"],
    predictions=lambda t: [predicted(t, 2, "07:50", stop_relationship="SKIPPED"), predicted(t, 2, "07:40", "08:05")],
)


def test_a_skipped_stop_has_no_visit(day: Outcome):
    assert day.times(SKIPPED, "schedule_relationship", *TIMES) == [
        ("Scheduled", "08:00:00", "08:06:00"), ("Skipped", None, None), ("Scheduled", "08:09:00", None),
    ]  # fmt: skip


SERVED = edge(bus, predictions=lambda t: [predicted(t, 2, "07:50", stop_relationship="SKIPPED")])


def test_a_skipped_stop_at_which_the_vehicle_stood_was_served(day: Outcome):
    assert day.times(SERVED, "schedule_relationship")[1] == ("Scheduled",)


UNSKIPPED = edge(predictions=lambda t: [predicted(t, 2, "07:40", stop_relationship="SKIPPED"), predicted(t, 2, "07:50", "08:05")])


def test_a_stop_said_to_be_served_after_all_is_not_skipped(day: Outcome):
    assert day.times(UNSKIPPED, "schedule_relationship")[1] == ("Missing",)


HOLE = edge(
    lambda t: [row for row in bus(t) if row["stop_id"] != "s2"],
    predictions=lambda t: [predicted(t, 1, "08:00:00", "08:00:20"), predicted(t, 2, "08:04:00", "08:05:10", "08:05:50")],
)


def test_predictions_fill_holes_only_and_contradictions_go_to_the_narrower_bounds(day: Outcome):
    # Nothing was seen between 08:00:30 and 08:06, so the departure at 08:06 that this gives is the weaker of the two.
    assert day.times(HOLE, *TIMES, "method") == [
        ("08:00:00", None, "status"), ("08:05:10", "08:05:50", "trip_update"), ("08:09:00", None, "status"),
    ]  # fmt: skip


LATE = edge(predictions=lambda t: [
    predicted(t, 2, "08:03:30", "08:05:10"), predicted(t, 2, "08:04:10", "08:05:20"), predicted(t, 2, "08:06:00", "08:05:30"),
    predicted(t, 3, "08:04:00", "08:10:00"),
])  # fmt: skip


def test_the_last_prediction_before_the_event_counts_and_none_too_early_or_too_late(day: Outcome):
    assert day.times(LATE, "actual_arrival_time", "arrival_lo", "arrival_hi")[1] == ("08:05:20", "08:04:10", "08:06:30")
    assert day.times(LATE, "schedule_relationship")[2] == ("Missing",)


DELAYED = edge(predictions=lambda t: [
    predicted(t, 1, "08:01", departure_delay=90, vehicle_id="bus"),
    predicted(t, 2, "08:06", arrival_delay=120, departure_delay=150), predicted(t, 3, "08:11", arrival_delay=60, stop_sequence=None),
])  # fmt: skip


def test_a_delay_without_a_time_counts_from_the_timetable(day: Outcome):
    assert day.times(DELAYED, *TIMES) == [(None, "08:01:30"), ("08:07:00", "08:07:30"), ("08:11:00", None)]


NAMED = edge(predictions=lambda t: [predicted(t, 2, "08:04", "08:05:10", vehicle_id="bus")])


def test_a_trip_known_from_predictions_alone_was_seen_when_they_name_its_vehicle(day: Outcome):
    assert [day.trip(name)["is_observed"] for name in (NAMED, LATE)] == [True, False]


BLANK = edge(lambda t: [row | {"scheduled_stop_sequence": None} for row in bus(t)])


def numbered_before(trip_id: str) -> list[dict[str, Any]]:
    """A publisher that numbers every stop as the one before it."""
    return [row | {"scheduled_stop_sequence": max(1, row["scheduled_stop_sequence"] - 10)} for row in bus(trip_id)]


def at_another_platform(trip_id: str) -> list[dict[str, Any]]:
    return [row | {"stop_id": "s2-north" if row["stop_id"] == "s2" else row["stop_id"]} for row in bus(trip_id)]


MISNUMBERED, OTHER_PLATFORM = edge(numbered_before), edge(at_another_platform)


def test_where_number_and_name_of_a_stop_contradict_the_name_is_believed_and_it_is_told(day: Outcome):
    assert day.times(MISNUMBERED, *TIMES) == RUN
    assert day.counts["wrongly_numbered"] == 1
    # A name that the trip does not call at contradicts nothing.
    assert day.times(OTHER_PLATFORM, *TIMES) == RUN and day.times(OTHER_PLATFORM, "stop_id")[1] == ("s2-north",)


def one_after_the_other(trip_id: str) -> list[dict[str, Any]]:
    """One vehicle, one trip id, two start times: seen at the first two stops of one departure, and at the last of the other."""
    rows = bus(trip_id, schedule_relationship="DUPLICATED")
    last = [row for row in rows if row["stop_id"] == "s3" and row["current_status"] == "STOPPED_AT"]
    return [row | {"start_time": 28_800} for row in rows if row["stop_id"] != "s3"] + [row | {"start_time": 30_600} for row in last]


TWICE = edge(one_after_the_other)


def test_a_duplicated_trip_of_another_start_time_is_another_trip_performed(day: Outcome):
    trips = day.all(TWICE)
    assert [(each["schedule_relationship"], each["positions"]) for each in trips] == [("Duplicated", 6), ("Duplicated", 1)]


def test_positions_without_a_sequence_are_placed_by_their_stop(day: Outcome):
    assert day.times(BLANK, *TIMES) == RUN


BY_STOP = edge(predictions=lambda t: [predicted(t, 2, "08:04:00", "08:05:10") | {"stop_sequence": None}])


def test_predictions_without_a_sequence_are_placed_by_their_stop(day: Outcome):
    assert day.times(BY_STOP, "scheduled_stop_sequence", "actual_arrival_time")[1] == (11, "08:05:10")


ADDED = "extra"
ROWS_OF_DAY["positions"] += bus(ADDED, vehicle="extra", schedule_relationship="ADDED")


def test_an_added_trip_is_kept_and_has_no_schedule(day: Outcome):
    row = day.trip(ADDED)
    assert (row["schedule_relationship"], row["match_method"], row["trip_key"]) == ("Added", "none", None)
    assert day.times(ADDED, *TIMES, "schedule_relationship") == [(*times, "Added") for times in RUN]


UNNAMED = edge(lambda t: [
    row | {"trip_id_scheduled": None, "route_id": "r1", "direction_id": 0, "start_time": 9 * 3600} for row in bus(t, "09:0")
], ("09:00", "09:05", "09:10"))  # fmt: skip


def test_a_trip_without_an_id_is_the_one_of_its_route_that_starts_then(day: Outcome):
    (row,) = (row for row in day.trips if row["match_method"] == "start_time")
    assert (f"t{row['trip_key']}", row["schedule_relationship"]) == (UNNAMED, "Scheduled")


AMBIGUOUS = [edge(times=("10:00", "10:05", "10:10")) for _ in range(2)]
ROWS_OF_DAY["positions"] += [
    row | {"trip_id_scheduled": None, "route_id": "r1", "start_time": 10 * 3600} for row in bus(ADDED, "10:0", vehicle="nobody")
]


def test_two_trips_of_a_route_at_the_same_time_cannot_be_told_by_it(day: Outcome):
    (row,) = (row for row in day.trips if row["vehicle_id"] == "nobody")
    assert (row["schedule_relationship"], row["match_method"]) == ("Unscheduled", "none")
    assert not any(day.trip(name)["is_observed"] for name in AMBIGUOUS)


LEFT_OUT = edge(lambda t: [
    *bus(t), bus(t)[2] | {"latitude": 0.0, "longitude": 0.0}, bus(t)[3] | {"received_at": at("10:00")},
    bus(t)[1] | {"latitude": float("nan"), "longitude": 0.0},
])  # fmt: skip


def test_a_position_at_zero_or_with_a_wrong_clock_is_left_out_and_counted(day: Outcome):
    assert {name: day.counts[name] for name in ("at_zero", "wrong_clock", "off_globe")} == dict.fromkeys(
        ("at_zero", "wrong_clock", "off_globe"), 1
    )
    assert day.counts["positions"] == len(ROWS_OF_DAY["positions"])
    assert day.trip(LEFT_OUT)["positions"] == 9


LOOP = {"trip_key": 1, "times": TIMES_OF_PLAN, "stops": (1, 2, 1)}


def blank_loop(t: str) -> list[dict[str, Any]]:
    return [row | {"scheduled_stop_sequence": None, "stop_id": str(row["stop_id"]).replace("s3", "s1")} for row in bus(t)]


def test_a_loop_comes_back_to_its_first_stop_as_another_visit():
    day = service_day([LOOP], blank_loop("t1"))
    assert day.times("t1", "stop_id", *TIMES) == [("s1", *RUN[0]), ("s2", *RUN[1]), ("s1", *RUN[2])]


def test_without_a_schedule_trips_are_unscheduled_and_stops_are_numbered_as_they_come():
    # Of "holes" positions know the first and third stop, and the prediction names the second only by its id.
    positions = [*blank_loop("loop"), *(row | {"vehicle_id": "b"} for row in bus("holes") if row["stop_id"] != "s2")]
    day = service_day(None, positions, [predicted("holes", 2, "08:04:00", "08:05:10") | {"stop_sequence": None}])
    assert day.times("loop", "trip_stop_sequence", "stop_id", *TIMES) == [(1, "s1", *RUN[0]), (2, "s2", *RUN[1]), (3, "s1", *RUN[2])]
    assert day.times("loop", "is_first", "is_last", "dwell") == [(True, False, None), (False, False, 60), (False, True, None)]
    assert day.times("loop", "schedule_departure_time", "trip_key") == [(None, None)] * 3
    assert day.times("holes", "stop_id", "actual_arrival_time", "method") == [
        ("s1", "08:00:00", "status"), ("s2", "08:05:10", "trip_update"), ("s3", "08:09:00", "status"),
    ]  # fmt: skip
    row = day.trip("loop")
    assert (row["schedule_relationship"], row["match_method"], row["coverage"], row["mode"]) == ("Unscheduled", "none", None, "other")


HOURLY = [{"trip_key": 1, "start_time": 8 * 3600, "end_time": 10 * 3600, "headway_secs": 600, "exact_times": 0}]


def test_trips_of_a_frequency_are_told_apart_by_their_start_time_or_else_their_first_sign():
    first, second = bus("t1", start_time=8 * 3600), bus("t1", "08:1", start_time=8 * 3600 + 600, vehicle="second")
    day = service_day([trip(1, *TIMES_OF_PLAN)], [*first, *second, *bus("t1", "08:2", vehicle="third")], frequencies=HOURLY)
    observed = sorted((row["run"], row["vehicle_id"], row["schedule_relationship"]) for row in day.trips if row["is_observed"])
    assert observed == [(0, "bus", "Scheduled"), (1, "second", "Scheduled"), (2, "third", "Scheduled")]
    assert len(day.trips) == 12


def test_two_vehicles_on_one_departure_of_a_frequency_are_one_trip_where_both_name_its_start():
    start = 8 * 3600
    rows = [
        *bus("t1", start_time=start), *bus("t1", start_time=start, vehicle="ghost")[:3], *bus("t1", start_time=start + 60, vehicle="other")
    ]  # fmt: skip
    said_of_it = [predicted("t1", 3, "08:08:59", "08:09:00", start_time=start)]
    day = service_day([trip(1, *TIMES_OF_PLAN)], rows, predictions=said_of_it, frequencies=HOURLY)
    seen_on = {row["vehicle_id"]: row["schedule_relationship"] for row in day.trips if row["is_observed"]}
    assert seen_on == {"bus": "Scheduled", "ghost": "Duplicated", "other": "Scheduled"}
    ends = {row["vehicle_id"]: row["method"] for row in day.visits if row["is_last"] and row["vehicle_id"]}
    assert ends == {"bus": "status", "ghost": None, "other": "status"}


STOPS_ON_A_LINE = [{"stop_key": n, "stop_id": f"s{n}", "stop_lat": 0.0, "stop_lon": 3 + 0.01 * (n - 1)} for n in (1, 2, 3)]


def test_positions_alone_tell_when_a_named_trip_was_at_its_stops_and_which_trip_an_unnamed_one_was():
    def driving(name: str | None, start: str, vehicle: str) -> list[dict[str, Any]]:
        # 1.1 km in five minutes, without a halt: the second stop after 300 s.
        return [
            seen(name, None, None, start, vehicle=vehicle)[0]
            | {"event_timestamp": at(start) + 20 * k, "latitude": 0.0, "longitude": 3 + 0.02 * k / 30, "route_id": "r1"}
            for k in range(31)
        ]

    plan = [trip(1, *TIMES_OF_PLAN), trip(2, "09:00", "09:05", "09:10")]
    # An arrival at the first stop and a departure from the last are of other trips, however surely they were foretold.
    ends = [predicted("t1", 1, "08:00:39", "08:00:40"), predicted("t1", 3, "08:09:30", None, "08:09:31")]
    positions = [*driving("t1", "08:00", "named"), *driving(None, "09:01", "unnamed")]
    day = service_day(plan, positions, predictions=ends, stops=STOPS_ON_A_LINE)
    assert [(row["match_method"], row["vehicle_id"], row["schedule_relationship"]) for row in day.trips if row["is_observed"]] == [
        ("trip_id", "named", "Scheduled"), ("route", "unnamed", "Scheduled"),
    ]  # fmt: skip
    for name, middle in (("t1", at("08:05")), ("t2", at("09:06"))):
        visits = [row for row in day.visits if row["trip_key"] == int(name[1:])]
        assert [row["method"] for row in visits] == ["geometry"] * 3
        assert visits[0]["actual_departure_time"] < middle < visits[2]["actual_arrival_time"]
        assert visits[0]["actual_arrival_time"] is None and visits[2]["actual_departure_time"] is None
        # Within 50 m of the stop, at 3.7 m/s, some 14 s before and after it.
        assert middle - 20 <= visits[1]["actual_arrival_time"] <= middle <= visits[1]["actual_departure_time"] <= middle + 20


def test_a_trip_given_by_its_start_alone_is_not_timed_by_a_vehicle_that_went_elsewhere():
    back = [
        seen(None, None, None, "08:01")[0]
        | {"event_timestamp": at("08:01") + 20 * k, "latitude": 0.0, "longitude": 3.02 - 0.02 * k / 30, "route_id": "r1"}
        for k in range(31)
    ]
    day = service_day([trip(1, *TIMES_OF_PLAN)], back, stops=STOPS_ON_A_LINE)
    assert (day.trip("t1")["match_method"], day.trip("t1")["is_observed"]) == ("nearest_start", True)
    assert day.times("t1", *TIMES, "schedule_relationship") == [(None, None, "Missing")] * 3


def test_a_vehicle_that_says_its_route_alone_and_goes_to_and_fro_is_on_a_trip_each_time():
    def leg(start: str, from_lon: float, to_lon: float) -> list[dict[str, Any]]:
        # 2.2 km in ten minutes, then five minutes at the terminal.
        return [
            seen(None, None, None, start)[0]
            | {"event_timestamp": at(start) + 20 * k, "latitude": 0.0, "longitude": from_lon + (to_lon - from_lon) * min(k, 30) / 30,
               "route_id": "r1"}
            for k in range(45)
        ]  # fmt: skip

    plan = [
        trip(1, *TIMES_OF_PLAN), trip(2, "08:15", "08:20", "08:25", stops=(3, 2, 1), direction_id=1), trip(3, "08:30", "08:35", "08:40"),
    ]  # fmt: skip
    legs = [*leg("08:00", 3.0, 3.02), *leg("08:15", 3.02, 3.0), *leg("08:30", 3.0, 3.02)]
    day = service_day(plan, legs, stops=STOPS_ON_A_LINE)
    assert [(row["trip_key"], row["match_method"]) for row in day.trips] == [(1, "route"), (2, "route"), (3, "route")]
    middles = sorted(row["actual_arrival_time"] for row in day.visits if row["trip_stop_sequence"] == 2)
    assert middles == [pytest.approx(at(moment), abs=20) for moment in ("08:05", "08:20", "08:35")]


def test_a_day_without_anything_has_nothing():
    assert service_day(None).trips == []
