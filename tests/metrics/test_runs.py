from __future__ import annotations

import datetime as dt

from small_lake import MONDAY, clock, make_lake, rows_of, service, trip

from interurban.metrics.runs import COLUMNS, runs, starting_in_window
from interurban.model import Scope

DAY = Scope(dates=(MONDAY,))


def starts_of(tables, scope=DAY):
    return [(row["trip_key"], row["run"], row["start_s"]) for row in rows_of(runs(tables, scope), "trip_key", "run")]


def frequency(start: str, end: str, headway_s: int, trip_key: int = 1, exact_times: int | None = None) -> dict:
    return {
        "trip_key": trip_key,
        "start_time": clock(start),
        "end_time": clock(end),
        "headway_secs": headway_s,
        "exact_times": exact_times,
    }


def test_ordinary_trip_runs_once_a_day_by_its_own_times():
    tables = make_lake([trip(7, "25:00-25:01", "25:30-25:31", distance_m=900.0, block_id="b")])
    found = rows_of(runs(tables, Scope(dates=(MONDAY, dt.date(2024, 1, 2)))), "service_date")
    assert [row["service_date"] for row in found] == [MONDAY, dt.date(2024, 1, 2)]
    assert found[0] == {
        "service_date": MONDAY, "trip_key": 7, "run": 0, "offset_s": 0, "start_s": 90060, "last_departure_s": 91860,
        "end_s": 91800, "is_frequency_based": False, "exact_times": None, "route_key": 1, "route_id": "r1",
        "direction_id": 0, "mode": "bus", "pattern_key": 7, "shape_key": None, "block_id": "b", "service_key": 1,
        "distance_m": 900.0, "distance_estimate_m": None, "stop_times_count": 2,
    }  # fmt: skip
    assert tuple(found[0]) == COLUMNS


def test_frequency_end_is_exclusive_and_times_are_relative_to_the_first_departure():
    # 06:00, 06:20, 06:40; 07:00 is the end and does not run. The template leaves at 00:10 and takes 5 minutes.
    tables = make_lake([trip(1, "00:10", "00:15")], frequencies=[frequency("06:00", "07:00", 1200)])
    found = rows_of(runs(tables, DAY), "run")
    assert [(row["run"], row["start_s"], row["end_s"], row["offset_s"]) for row in found] == [
        (0, 21600, 21900, 21000), (1, 22800, 23100, 22200), (2, 24000, 24300, 23400),
    ]  # fmt: skip
    assert {row["is_frequency_based"] for row in found} == {True}


def test_last_departure_before_an_end_that_is_not_a_whole_headway_runs():
    # 06:00 and 06:40 are before 07:00; 07:20 is not.
    tables = make_lake([trip(1, "00:00", "00:05")], frequencies=[frequency("06:00", "07:00", 2400)])
    assert starts_of(tables) == [(1, 0, clock("06:00")), (1, 1, clock("06:40"))]


def test_rows_of_one_trip_are_numbered_on_in_order_of_start():
    tables = make_lake(
        [trip(1, "00:00", "00:05")],
        frequencies=[frequency("09:00", "10:00", 1800, exact_times=1), frequency("06:00", "07:00", 1800)],
    )
    assert starts_of(tables) == [(1, n, clock(t)) for n, t in enumerate(("06:00", "06:30", "09:00", "09:30"))]
    assert [row["exact_times"] for row in rows_of(runs(tables, DAY), "run")] == [0, 0, 1, 1]


def test_overlapping_rows_give_each_departure_once():
    # 06:00 06:30 and 06:30 07:00: 06:30 is promised twice.
    tables = make_lake(
        [trip(1, "00:00", "00:05")], frequencies=[frequency("06:00", "07:00", 1800), frequency("06:30", "07:30", 1800)]
    )
    assert starts_of(tables) == [(1, n, clock(t)) for n, t in enumerate(("06:00", "06:30", "07:00"))]


def test_frequency_past_midnight():
    tables = make_lake([trip(1, "23:00", "23:05")], frequencies=[frequency("24:10", "24:30", 600)])
    assert starts_of(tables) == [(1, 0, 87000), (1, 1, 87600)]


def test_a_row_without_headway_runs_nothing_and_neither_does_the_template():
    tables = make_lake(
        [trip(1, "08:00", "08:05")], frequencies=[frequency("06:00", "07:00", 0), frequency("08:00", "08:00", 60)]
    )
    assert starts_of(tables) == []


def test_trips_nobody_can_board_do_not_run_and_untimed_ones_have_unknown_times():
    tables = make_lake([trip(1), trip(2, "", ""), trip(3, "08:00")])
    assert starts_of(tables) == [(2, 0, None), (3, 0, clock("08:00"))]


def test_trip_of_another_day_or_of_an_unknown_service_does_not_run():
    tables = make_lake(
        [trip(1, "08:00", "09:00", service_key=2), trip(2, "08:00", "09:00", service_key=None)],
        calendar=[service(1), service(2, days=["sunday"])],
    )
    assert starts_of(tables) == []


def test_trip_of_an_unknown_route_still_runs():
    found = rows_of(runs(make_lake([trip(1, "08:00", "09:00", route_key=None)]), DAY))
    assert [(row["route_id"], row["mode"]) for row in found] == [(None, "other")]


def test_filters():
    tables = make_lake(
        [
            trip(1, "08:00", "09:00", route_key=1, direction_id=0),
            trip(2, "08:00", "09:00", route_key=2, direction_id=1),
            trip(3, "08:00", "09:00", route_key=2, direction_id=None),
        ],
        routes=[{"route_key": 1, "route_id": "A", "mode": "bus"}, {"route_key": 2, "route_id": "B", "mode": "tram"}],
    )

    def kept(**filters):
        return [key for key, _, _ in starts_of(tables, Scope(dates=(MONDAY,), **filters))]

    assert kept(route_ids=("B",)) == [2, 3]
    assert kept(direction_ids=(0,)) == [1]  # an unknown direction is not direction 0
    assert kept(modes=("tram",), direction_ids=(0, 1)) == [2]
    assert kept(route_ids=("C",)) == []


def test_stop_filter_keeps_runs_that_call_there_and_a_station_means_its_platforms():
    tables = make_lake(
        [trip(1, "08:00", "09:00"), {**trip(2, "08:00", "09:00"), "stops": [8, 9]}],
        stops=[
            {"stop_key": 8, "stop_id": "platform", "parent_station": "station"},
            {"stop_key": 7, "stop_id": "station"},
        ],
    )
    assert starts_of(tables, Scope(dates=(MONDAY,), stop_ids=("s1",))) == [(1, 0, clock("08:00"))]
    assert starts_of(tables, Scope(dates=(MONDAY,), stop_ids=("station",))) == [(2, 0, clock("08:00"))]


def test_window_keeps_runs_on_the_road_in_it_and_starts_are_cut_apart():
    scope = Scope(dates=(MONDAY,), window_s=(clock("08:00"), clock("09:00")))
    tables = make_lake(
        [
            trip(1, "07:30", "08:10"),
            trip(2, "08:00", "08:30"),
            trip(3, "08:59", "10:00"),
            trip(4, "09:00", "09:10"),
            trip(5, "07:00", "07:59"),
        ]
    )
    on_the_road = runs(tables, scope)
    assert [row["trip_key"] for row in rows_of(on_the_road, "trip_key")] == [1, 2, 3]
    assert [row["trip_key"] for row in rows_of(starting_in_window(on_the_road, scope), "trip_key")] == [2, 3]
    assert starting_in_window(on_the_road, DAY) is on_the_road


def test_no_trips():
    assert starts_of(make_lake([])) == []
