from __future__ import annotations

import pytest
from departures import visits_at, visits_table
from small_lake import MONDAY, make_lake, rows_of

from interurban.errors import UsageError
from interurban.metrics.supply.stop_density import stop_density


def town():
    """Two stops "Market" 33 m apart, "Town Hall", and one that nothing serves."""
    rows = [(1, "Market", 0.0), (2, "Market", 0.0003), (3, "Town Hall", 0.1), (4, "Market", 0.0001)]
    return make_lake(
        stops=[
            {"stop_key": key, "stop_id": f"s{key}", "stop_name": name, "stop_lat": lat, "stop_lon": 0.0}
            for key, name, lat in rows
        ]
    )["stops"]


def test_places_per_square_kilometre():
    visits = visits_table(visits_at("7:00", "8:00"), visits_at("7:00", stop_key=2), visits_at("7:00", stop_key=3))
    # Two places in 4 km2, of three stops.
    assert rows_of(stop_density(visits, town(), 4.0)) == [
        {"service_date": MONDAY, "n": 2, "n_stops": 3, "stops_per_km2": 0.5}
    ]


def test_only_stops_with_departures_in_passenger_service():
    visits = visits_table(visits_at("7:00"), visits_at("7:00", stop_key=3, is_last=True))
    assert rows_of(stop_density(visits, town(), 1.0, by=())) == [{"n": 1, "n_stops": 1, "stops_per_km2": 1.0}]
    closed = visits_table(visits_at("7:00"), visits_at("7:00", stop_key=3, pickup_type=1, drop_off_type=1))
    assert rows_of(stop_density(closed, town(), 1.0, by=())) == [{"n": 1, "n_stops": 1, "stops_per_km2": 1.0}]
    # Where passengers may only alight there is service to passengers.
    set_down = visits_table(visits_at("7:00"), visits_at("7:00", stop_key=3, pickup_type=1, drop_off_type=0))
    assert rows_of(stop_density(set_down, town(), 1.0, by=())) == [{"n": 2, "n_stops": 2, "stops_per_km2": 2.0}]


def test_a_station_where_vehicles_call_counts():
    stops = make_lake(stops=[{"stop_key": 1, "stop_id": "s1", "stop_name": "Main", "stop_lat": 0.0, "stop_lon": 0.0, "location_type": 1}])
    found = rows_of(stop_density(visits_table(visits_at("7:00")), stops["stops"], 2.0, by=()))
    assert found == [{"n": 1, "n_stops": 1, "stops_per_km2": 0.5}]


def test_no_service_and_no_area():
    assert rows_of(stop_density(visits_table(), town(), 4.0, by=())) == [{"n": 0, "n_stops": 0, "stops_per_km2": 0.0}]
    with pytest.raises(UsageError):
        stop_density(visits_table(), town(), 0.0)
