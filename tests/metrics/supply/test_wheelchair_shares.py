from __future__ import annotations

import pytest
from departures import runs_at, runs_table, visits_at, visits_table
from small_lake import make_lake, rows_of

from interurban.metrics.supply.wheelchair_stop_share import wheelchair_stop_share
from interurban.metrics.supply.wheelchair_trip_share import wheelchair_trip_share


def stop_share(fields, by=()):
    """Stops 1, 2 … with (wheelchair_boarding, parent_key), each with a departure; station 90 has 2, 91 nothing."""
    stops = [
        {"stop_key": key, "wheelchair_boarding": own, "parent_key": parent}
        for key, (own, parent) in enumerate(fields, 1)
    ]
    stations = [{"stop_key": 90, "wheelchair_boarding": 2}, {"stop_key": 91, "wheelchair_boarding": 0}]
    visits = visits_table(*(visits_at("7:00", "8:00", stop_key=row["stop_key"]) for row in stops))
    return rows_of(wheelchair_stop_share(visits, make_lake(stops=[*stops, *stations])["stops"], by), *by)


def test_share_among_the_filled_with_the_filled_share_beside():
    # 1, 1, 2, nothing, blank under a station with 2: 2 of 4 filled, 4 of 5 known.
    assert stop_share([(1, None), (1, None), (2, None), (0, None), (None, 90)]) == [
        {"accessible_share": 0.5, "filled_share": 0.8, "n": 4, "n_stops": 5}
    ]


def test_a_stops_own_value_goes_before_its_stations():
    # 1 under a station of 2 stays 1; 0 inherits 2; a station without information and one that does not exist give none.
    assert stop_share([(1, 90), (0, 90), (None, 91), (None, 77)]) == [
        {"accessible_share": 0.5, "filled_share": 0.5, "n": 2, "n_stops": 4}
    ]


def test_nothing_filled_is_unknown():
    assert stop_share([(None, None), (0, 91)]) == [
        {"accessible_share": None, "filled_share": 0.0, "n": 0, "n_stops": 2}
    ]
    assert stop_share([], by=("mode",)) == []


def test_only_stops_with_a_departure_count():
    stops = make_lake(stops=[{"stop_key": 1, "wheelchair_boarding": 1}, {"stop_key": 2, "wheelchair_boarding": 2}])[
        "stops"
    ]
    visits = visits_table(visits_at("7:00"), visits_at("7:00", stop_key=2, is_last=True))
    assert rows_of(wheelchair_stop_share(visits, stops))[0]["n_stops"] == 1


def test_trips_count_as_often_as_they_run():
    trips = make_lake(trips=[])["trips"]
    assert rows_of(wheelchair_trip_share(runs_table(), trips))[0] == {
        "accessible_share": None, "filled_share": None, "n": 0, "n_runs": 0,
    }  # fmt: skip
    # Trip 0 runs twice with 1, trip 1 once with 2, trip 2 with 0, trip 3 blank: 2 of 3; filled 3 of 5.
    fields = [
        {"trip_key": key, "wheelchair_accessible": value, "times": ["7:00"], "stops": [1]}
        for key, value in enumerate((1, 2, 0, None))
    ]
    runs = runs_table(runs_at(0, 1, 2, 3), runs_at(9, run=1))
    found = rows_of(wheelchair_trip_share(runs, make_lake(fields)["trips"]))
    assert found == [{"accessible_share": pytest.approx(2 / 3), "filled_share": 0.6, "n": 3, "n_runs": 5}]
