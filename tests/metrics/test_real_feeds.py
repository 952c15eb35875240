"""Real feeds: numbers on which several independent tools agree; the expanded São Paulo row is known by one tool."""

from __future__ import annotations

import csv
import datetime as dt
from itertools import groupby

import pytest
from small_lake import clock, rows_of

from interurban.collect.gtfs.feed import read_gtfs
from interurban.metrics.day_types import Rule, day_types
from interurban.metrics.runs import runs
from interurban.metrics.service_dates import service_dates
from interurban.metrics.supply.peak_vehicles import peak_vehicles
from interurban.metrics.supply.routes_served import routes_served
from interurban.metrics.supply.service_calendar import service_calendar
from interurban.metrics.supply.service_hours import service_hours
from interurban.metrics.supply.stops_served import stops_served
from interurban.metrics.supply.trips_served import trips_served
from interurban.model import Scope

# Ibis asks DuckDB 2 for tables by a name that DuckDB has since changed.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

# feed, date, trips, routes, stops, hours to the digits published
IDENTITY = [
    ("cairns_2014", "2014-06-02", 622, 20, 416, 472.600),
    ("cairns_2014", "2014-05-31", 437, 22, 415, 310.400),
    ("berlin_vbb_2020", "2020-11-24", 158, 6, 211, 98.950),
    ("sao_paulo_sptrans_2019", "2008-01-08", 7948, 19, 654, 7580.544),
]


@pytest.mark.parametrize(("feed", "date", "trips", "routes", "stops", "hours"), IDENTITY)
def test_identity_table(shared_data, feed, date, trips, routes, stops, hours):
    with read_gtfs(shared_data / "gtfs" / f"{feed}.zip") as read:
        facts = runs(read.tables, Scope(dates=(dt.date.fromisoformat(date),)))
        assert rows_of(trips_served(facts, ()))[0]["trips"] == trips
        assert rows_of(routes_served(facts, ()))[0]["routes"] == routes
        assert rows_of(stops_served(facts, read.tables["patterns"], ()))[0]["stops"] == stops
        assert round(rows_of(service_hours(facts, ()))[0]["service_hours"], 3) == hours
        # The last departure instead of the last arrival gives the same on these feeds: none has a dwell at its end.
        last_departure_s = rows_of(facts.aggregate(s=(facts.last_departure_s - facts.start_s).sum()))[0]["s"]
        assert round(last_departure_s / 3600, 3) == hours


PEAKS = [
    ("cairns_2014", "2014-06-02", 39, "08:16", "08:18"),
    ("sao_paulo_sptrans_2019", "2008-01-08", 535, "07:50", "07:50:04"),
]


@pytest.mark.parametrize(("feed", "date", "vehicles", "start", "end"), PEAKS)
def test_peaks(shared_data, feed, date, vehicles, start, end):
    with read_gtfs(shared_data / "gtfs" / f"{feed}.zip") as read:
        [found] = rows_of(peak_vehicles(runs(read.tables, Scope(dates=(dt.date.fromisoformat(date),))), ()))
    assert (found["peak_vehicles"], found["peak_from_s"], found["peak_to_s"]) == (vehicles, clock(start), clock(end))


def test_cairns_over_all_its_days(shared_data):
    with read_gtfs(shared_data / "gtfs" / "cairns_2014.zip") as read:
        daily = {row["date"]: row["trips"] for row in rows_of(service_calendar(read.tables))}
    assert (len(daily), sum(daily.values()), max(daily.values())) == (217, 117_199, 636)
    found = day_types(daily, reference=dt.date(2014, 6, 2))
    assert (found.weekday, found.rule) == (dt.date(2014, 6, 3), Rule.WEEK)


def test_feed_with_one_served_day_in_a_calendar_of_three_gets_an_answer(shared_data):
    with read_gtfs(shared_data / "gtfs" / "warsaw_2020.zip") as read:
        daily = {row["date"]: row["trips"] for row in rows_of(service_calendar(read.tables))}
    found = day_types(daily)
    assert daily == {dt.date(2020, 4, 7): 56}  # the calendar is 6-8 April, its only flag is Tuesday
    assert (found.weekday, found.saturday, found.sunday) == (dt.date(2020, 4, 7), None, None)
    assert found.rule is Rule.WEEKDAY


@pytest.fixture(scope="module")
def golden(shared_data) -> dict[str, dict[dt.date, tuple[int, int]]]:
    """Active services and trips of each date, by feed."""
    with (shared_data / "gtfs" / "golden" / "active_trips_by_date.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        feed: {
            dt.date.fromisoformat(row["date"]): (int(row["active_services"]), int(row["active_trips"])) for row in given
        }
        for feed, given in groupby(rows, key=lambda row: row["feed"])
    }


GOLDEN_FEEDS = (
    "new_york_subway_2018",
    "new_york_subway_2lines_2024",
    "tampa_hart_2018",
    "tampa_hart_2020",
    "washington_wmata_rail_2026",
    "delhi_metro_2019",
    "las_palmas_2023",
    "kuopio_2016",
    "berlin_vbb_2020",
    "cairns_2014",
    "portland_2routes_2021",
    "mexico_city_2018",
    "jakarta_2024",
    "mumbai_best_2014",
    "hong_kong_shenzhen_hsr_2026",
    "newport_uk_2023",
)


@pytest.mark.parametrize("feed", GOLDEN_FEEDS)
def test_active_trips_of_every_golden_date(shared_data, golden, feed):
    with read_gtfs(shared_data / "gtfs" / f"{feed}.zip") as read:
        assert active_by_date(read.tables, tuple(golden[feed])) == golden[feed]


def test_no_golden_feed_is_passed_over(golden):
    assert set(golden) == set(GOLDEN_FEEDS)


def active_by_date(tables, dates) -> dict[dt.date, tuple[int, int]]:
    """Active services and rows of trips.txt of each date: frequencies are not expanded there."""
    per_service = tables["trips"].aggregate(by="service_key", trips=lambda t: t.count())
    active = service_dates(tables, dates).left_join(per_service, "service_key")
    found = active.aggregate(by="date", services=lambda t: t.count(), trips=lambda t: t.trips.sum().fill_null(0))
    return {row["date"]: (row["services"], row["trips"]) for row in rows_of(found)}
