from __future__ import annotations

from small_lake import MONDAY, clock, make_lake, rows_of, trip

from interurban.metrics.runs import runs
from interurban.metrics.visits import COLUMNS, visits
from interurban.model import Scope


def visits_of(tables, **filters):
    scope = Scope(dates=(MONDAY,), **filters)
    return rows_of(visits(runs(tables, scope), tables, scope), "trip_key", "run", "stop_sequence")


def test_visits_of_a_frequency_trip_are_moved_by_the_offset_of_each_run():
    # The template leaves at 00:10, dwells 00:14-00:15 and ends at 00:20; it runs at 06:00 and 06:30.
    tables = make_lake(
        [trip(1, "00:10", "00:14-00:15", "00:20")],
        frequencies=[{"trip_key": 1, "start_time": 21600, "end_time": 25200, "headway_secs": 1800}],
    )
    found = visits_of(tables)
    assert [(row["run"], row["stop_id"], row["arrival_s"], row["departure_s"], row["is_last"]) for row in found] == [
        (0, "s1", 21600, 21600, False), (0, "s2", 21840, 21900, False), (0, "s3", 22200, 22200, True),
        (1, "s1", 23400, 23400, False), (1, "s2", 23640, 23700, False), (1, "s3", 24000, 24000, True),
    ]  # fmt: skip
    assert tuple(found[0]) == COLUMNS


def test_loop_calls_twice_at_its_stop():
    found = visits_of(make_lake([{**trip(1, "08:00", "08:10", "08:20"), "stops": [5, 6, 5]}]))
    assert [(row["stop_key"], row["stop_sequence"], row["is_last"]) for row in found] == [
        (5, 1, False),
        (6, 11, False),
        (5, 21, True),
    ]


def test_window_and_stop_filters():
    tables = make_lake([trip(1, "07:50", "08:00", "08:30", "09:00")])
    window_s = (clock("08:00"), clock("09:00"))
    assert [row["stop_key"] for row in visits_of(tables, window_s=window_s)] == [2, 3]
    found = visits_of(tables, stop_ids=("s4", "s2"))
    assert [(row["stop_key"], row["is_last"]) for row in found] == [(2, False), (4, True)]


def test_unknown_stop_and_unknown_time_stay_unknown():
    found = visits_of(make_lake([{**trip(1, "07:50", "", "08:30"), "stops": [1, None, 3]}]))
    assert [(row["stop_id"], row["departure_s"]) for row in found] == [("s1", 28200), (None, None), ("s3", 30600)]


def test_no_runs():
    assert visits_of(make_lake([])) == []
