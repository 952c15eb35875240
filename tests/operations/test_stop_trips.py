"""Vehicles that name their stops and no trip: on the trips along whose lines they went, timed as those that name them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from service_days import Outcome, at, seen, service_day
from small_lake import trip

STOPS = [{"stop_key": n, "stop_id": f"s{n}", "stop_lat": 0.0, "stop_lon": 3 + 0.01 * (n - 1)} for n in (1, 2, 3)]
PLAN = [
    trip(1, "08:00", "08:05", "08:10"), trip(2, "08:15", "08:20", "08:25", stops=(3, 2, 1), direction_id=1),
    trip(3, "08:30", "08:35", "08:40"),
]  # fmt: skip
Numbers = Callable[[int], int | None]


def its_own(number: int) -> int | None:
    """The sequence of a trip's n-th stop."""
    return (number - 1) * 10 + 1


def leg(start: str, stops: tuple[int, int, int], number: Numbers, is_named: bool = True, vehicle: str = "bus") -> list[dict[str, Any]]:
    """2.2 km in ten minutes and half a minute at the second stop, then five minutes at the terminal; a position every 20 s."""
    rows = []
    for k in range(45):
        done = min(k, 15) + max(min(k - 17, 15), 0)  # of 30
        ahead = 1 if k == 0 else 2 if k <= 16 else 3
        status = "STOPPED_AT" if k in (0, 15, 16) or k >= 32 else "IN_TRANSIT_TO"
        lon = 3 + 0.01 * (stops[0] - 1) + 0.01 * (stops[2] - stops[0]) * done / 30
        named = {"stop_id": f"s{stops[ahead - 1]}" if is_named else None, "scheduled_stop_sequence": number(ahead)}
        row = seen(None, None, None, start, vehicle=vehicle, route_id="r1")[0]
        rows.append(row | named | {"event_timestamp": at(start) + 20 * k, "latitude": 0.0, "longitude": lon, "current_status": status})
    return rows


def there_and_back(number: Numbers, is_named: bool = True) -> list[dict[str, Any]]:
    ways = (("08:00", (1, 2, 3)), ("08:15", (3, 2, 1)), ("08:30", (1, 2, 3)))
    return [row for start, stops in ways for row in leg(start, stops, number, is_named)]


def second_stops(day: Outcome) -> list[tuple[Any, ...]]:
    rows = [row for row in day.visits if row["trip_stop_sequence"] == 2]
    return [(row["trip_key"], row["actual_arrival_time"], row["method"]) for row in sorted(rows, key=lambda row: row["trip_key"])]


@pytest.mark.parametrize(
    ("number", "is_named"), [(its_own, True), (its_own, False), (lambda _: None, True)], ids=["both", "numbers", "names"]
)
def test_they_are_on_a_trip_each_time_and_stand_where_they_say(number: Numbers, is_named: bool):
    day = service_day(PLAN, there_and_back(number, is_named), stops=STOPS)
    observed = [row for row in day.trips if row["is_observed"]]
    assert [(row["trip_key"], row["match_method"], row["schedule_relationship"]) for row in observed] == [
        (1, "route", "Scheduled"), (2, "route", "Scheduled"), (3, "route", "Scheduled"),
    ]  # fmt: skip
    assert all(row["match_score"] < 1 and row["trip_id_scheduled"] for row in observed)
    assert second_stops(day) == [(1, at("08:05"), "status"), (2, at("08:20"), "status"), (3, at("08:35"), "status")]


@pytest.mark.parametrize("is_named", [True, False], ids=["named", "numbers_alone"])
def test_numbers_that_are_not_the_trip_s_own_are_not_believed(is_named: bool):
    """The timetable has 1, 11, 21, the vehicle says 1, 2, 3: its names are believed, and without them its places."""
    day = service_day(PLAN, there_and_back(lambda number: number, is_named), stops=STOPS)
    middles = [(1, "08:05"), (2, "08:20"), (3, "08:35")]
    assert second_stops(day) == [(n, pytest.approx(at(moment), abs=20), "status" if is_named else "geometry") for n, moment in middles]
    assert {row["scheduled_stop_sequence"] for row in day.visits} == {1, 11, 21}


def test_numbers_of_other_stops_of_the_trip_are_not_believed():
    """It numbers its stops from the next one on."""
    day = service_day(PLAN, leg("08:00", (1, 2, 3), lambda number: {1: 11, 2: 21, 3: 1}[number]), stops=STOPS)
    assert second_stops(day)[0] == (1, at("08:05"), "status")


def test_a_trip_that_another_vehicle_names_is_not_theirs():
    named = [row | {"trip_id_scheduled": "t1"} for row in leg("08:00", (1, 2, 3), its_own, vehicle="other")]
    day = service_day(PLAN[:1], [*named, *leg("08:01", (1, 2, 3), its_own)], stops=STOPS)
    assert [(row["vehicle_id"], row["match_method"], row["schedule_relationship"]) for row in day.trips] == [
        ("other", "trip_id", "Scheduled"), ("bus", "none", "Unscheduled"),
    ]  # fmt: skip


def test_who_does_not_say_where_it_is_stays_unscheduled():
    nowhere = [row | {"latitude": None, "longitude": None} for row in leg("08:00", (1, 2, 3), its_own)]
    day = service_day(PLAN[:1], nowhere, stops=STOPS)
    (row,) = (row for row in day.trips if row["is_observed"])
    assert (row["match_method"], row["schedule_relationship"]) == ("none", "Unscheduled")
