from __future__ import annotations

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest

import interurban as iu
from interurban.errors import NotFound, UsageError
from interurban.indicators.measure import metric_ids

FILES = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\nA,Agency,https://example.org,Europe/London\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nS1,One,51.5,0\nS2,Two,51.51,0\nS3,Three,51.52,0\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_type\nR,A,1,3\nQ,A,2,0\n",
    "trips.txt": "route_id,service_id,trip_id,direction_id\nR,D,T1,0\nR,D,T2,0\nQ,D,T3,1\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
    "D,1,1,1,1,1,1,1,20240101,20240131\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    + "".join(
        f"{trip},{h}:{m + 10 * i:02d}:00,{h}:{m + 10 * i:02d}:00,S{i + 1},{i + 1}\n"
        for trip, h, m in (("T1", 8, 0), ("T2", 8, 20), ("T3", 25, 0))
        for i in range(3)
    ),
}
MONDAY = dt.date(2024, 1, 8)
EXTRA = {"stop_density": {"area_km2": 2.0}, "weekend_service": {"weekday": MONDAY, "weekend": MONDAY + dt.timedelta(days=5)}}


@pytest.fixture
def feed(tmp_path: Path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    with iu.read_gtfs(tmp_path) as opened:
        yield opened


@pytest.mark.filterwarnings("ignore:.*fetch_arrow_table.*:DeprecationWarning")
@pytest.mark.parametrize("metric", metric_ids())
def test_every_metric_can_be_asked_for_by_its_id(feed, metric):
    table = feed.measure(metric, iu.Scope(dates=(MONDAY,), window_s=(0, 30 * 3600)), **EXTRA.get(metric, {}))
    assert table.num_columns > 1
    # Whole numbers are whole numbers to those who read them, not decimals that JSON does not know.
    assert not [column.name for column in table.schema if pa.types.is_decimal(column.type)]


def test_scope_and_columns_are_heeded(feed):
    # Each trip takes 20 min: three of them an hour, the two of route R 40 min = 2/3 h.
    whole = feed.measure("service_hours", iu.Scope(dates=(MONDAY,)), by=()).to_pylist()
    assert whole[0]["service_hours"] == pytest.approx(1.0)
    bus = feed.measure("service_hours", iu.Scope(dates=(MONDAY,), modes=("bus",)), by=("route_id",)).to_pylist()
    assert [(r["route_id"], r["n"]) for r in bus] == [("R", 2)]
    assert bus[0]["service_hours"] == pytest.approx(2 / 3)
    # A window that ends at 25:00 leaves the tram of 25:00 out; one from 25:00 has it alone.
    early = feed.measure("trips_served", iu.Scope(dates=(MONDAY,), window_s=(0, 25 * 3600)), by=()).to_pylist()
    late = feed.measure("trips_served", iu.Scope(dates=(MONDAY,), window_s=(25 * 3600, 26 * 3600)), by=("route_id",)).to_pylist()
    assert early[0]["trips"] == 2
    assert [(r["route_id"], r["trips"]) for r in late] == [("Q", 1)]
    # One headway at each of two stops where passengers can board, 20 min.
    gaps = feed.measure("headway", iu.Scope(dates=(MONDAY,), route_ids=("R",)), by=()).to_pylist()
    assert (gaps[0]["n"], gaps[0]["headway_mean_min"]) == (2, 20.0)


def test_two_dates_are_two_rows(feed):
    days = (MONDAY, MONDAY + dt.timedelta(days=1))
    assert feed.measure("trips_served", iu.Scope(dates=days)).num_rows == 2


def test_departures_per_hour_divide_by_the_dates_that_are_pooled(feed):
    # Two departures at S1 and two at S2 between 8 and 9 on each of two days: 4 an hour, whether the days are pooled or not.
    days = (MONDAY, MONDAY + dt.timedelta(days=1))
    scope = iu.Scope(dates=days, window_s=(8 * 3600, 9 * 3600))
    assert [r["departures_per_hour"] for r in feed.measure("departures_per_hour", scope, by=()).to_pylist()] == [4.0]
    assert [r["departures_per_hour"] for r in feed.measure("departures_per_hour", scope, by=("service_date",)).to_pylist()] == [4.0, 4.0]


def test_wrong_requests_say_what_would_be_right(feed):
    scope = iu.Scope(dates=(MONDAY,))
    with pytest.raises(NotFound, match="service_hours"):
        feed.measure("no_such_metric", scope)
    with pytest.raises(UsageError, match="route_id"):
        feed.measure("service_hours", scope, by=("colour",))
    with pytest.raises(UsageError, match="area_km2"):
        feed.measure("stop_density", scope)
    with pytest.raises(UsageError, match="speed"):
        feed.measure("service_hours", scope, speed=3)
    with pytest.raises(UsageError, match="tram"):
        feed.measure("service_hours", iu.Scope(dates=(MONDAY,), modes=("streetcar",)))
    with pytest.raises(UsageError):
        feed.measure("service_gaps", scope, by=("route_id",))


@pytest.mark.parametrize(
    ("metric", "column", "said"),
    [
        ("trips_served", "hour", "route_id"),
        ("hourly_profile", "hour", "route_id"),
        ("frequent_route_share", "stop_id", "are mode, route_id, route_key, service_date$"),
        ("peak_vehicles", "start_s", "route_id"),
        ("wheelchair_stop_share", "stop_name", "stop_id"),
        ("stops_served", "stop_key", "route_id"),
    ],
)
def test_a_column_that_a_metric_cannot_report_by_is_told_with_those_it_can(feed, metric, column, said):
    with pytest.raises(UsageError, match=f"by {column}; there .*{said}") as fault:
        feed.measure(metric, iu.Scope(dates=(MONDAY,)), by=("service_date", column))
    assert f" {column}" not in str(fault.value).split(";")[1]


def test_columns_that_a_metric_makes_and_columns_named_twice(feed):
    speeds = feed.measure("segment_speed", iu.Scope(dates=(MONDAY,)), by=("hour", "next_stop_key"))
    assert speeds.column_names[:2] == ["hour", "next_stop_key"]
    trips = feed.measure("trips_served", iu.Scope(dates=(MONDAY,)), by=("route_id", "route_id"))
    assert [(r["route_id"], r["trips"]) for r in trips.sort_by("route_id").to_pylist()] == [("Q", 1), ("R", 2)]


def test_length_of_the_network_in_a_scope(tmp_path):
    # T1 and T2 follow one shape out and back over 0.02 degrees of a meridian at 51.5 N, 111,249 m each; the tram T3 has no shape.
    shape = "shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\n" + "".join(
        f"{name},{lat},0,{n}\n" for name, lats in (("out", (51.5, 51.52)), ("back", (51.52, 51.5))) for n, lat in enumerate(lats)
    )
    trips = "route_id,service_id,trip_id,direction_id,shape_id\nR,D,T1,0,out\nR,D,T2,0,back\nQ,D,T3,1,\n"
    for name, text in (FILES | {"shapes.txt": shape, "trips.txt": trips}).items():
        (tmp_path / name).write_text(text)
    with iu.read_gtfs(tmp_path) as opened:
        bus, tram = opened.measure("network_length", iu.Scope(dates=(MONDAY,))).to_pylist()
        late = opened.measure("network_length", iu.Scope(dates=(MONDAY,), window_s=(25 * 3600, 26 * 3600))).to_pylist()
    assert (bus["mode"], bus["n"], bus["known_share"]) == ("bus", 2, 1.0)
    assert bus["length_m"] == pytest.approx(0.02 * 111_249, rel=1e-3)
    assert tram == {"mode": "tram", "length_m": None, "length_inside_m": None, "known_share": 0.0, "n": 0} == late[0]
