from __future__ import annotations

import datetime as dt

import ibis
import pytest
from departures import runs_at, runs_table
from small_lake import MONDAY, rows_of

from interurban.collect.gtfs.feed import read_gtfs
from interurban.metrics.headways import headways, mean_wait, starts
from interurban.metrics.runs import runs
from interurban.metrics.supply.departures_per_hour import departures_per_hour
from interurban.metrics.supply.headway import AT_STOP_PER_ROUTE, headway
from interurban.metrics.supply.route_headway import ROUTE_DIRECTION, route_headway
from interurban.metrics.visits import visits
from interurban.model import Scope

DAY_S = (7 * 3600, 19 * 3600)
MORNING_S = (6 * 3600, 10 * 3600)
AM_PEAK_S = (7 * 3600, 10 * 3600)


def test_known_headways_by_direction():
    # Direction 0: gaps 30, 40; direction 1: 20; mixed 7:00 7:10 7:30 7:30 8:10: 10, 20, 0, 40.
    table = runs_table(runs_at("8:10", "7:00", "7:30"), runs_at("7:10", "7:30", direction_id=1))
    found = rows_of(route_headway(table), "direction_id")
    assert [(row["direction_id"], row["n"], row["headway_mean_min"]) for row in found] == [(0, 2, 35.0), (1, 1, 20.0)]
    mixed = rows_of(route_headway(table, by=("route_id",), within=("service_date", "route_key")))
    assert (mixed[0]["n"], mixed[0]["headway_mean_min"], mixed[0]["headway_median_min"]) == (4, 17.5, 15.0)


def test_windows_hold_starts():
    table = runs_table(runs_at("6:50", "7:00", "18:59", "19:00"))
    assert [row["n"] for row in rows_of(route_headway(table, window_s=DAY_S))] == [1]
    assert rows_of(route_headway(runs_table(), by=()))[0]["n"] == 0
    assert rows_of(route_headway(runs_table(runs_at("7:00", service_date=MONDAY)))) == []


# Feed, route, date; mean of start gaps 7-19, wait-weighted sum(h^2) / sum(h), both directions mixed all day, median
# 6-10 at the busiest stop, starts per hour 7-10: the published definitions of the headway of one route, minutes.
PUBLISHED = [
    ("cairns_2014", "110-423", dt.date(2014, 6, 2), 29.91, 30.10, 17.93, 30.0, 2.00),
    ("cairns_2014", "120-423", dt.date(2014, 6, 2), 60.0, 60.0, 30.97, 60.0, 1.00),
    ("new_york_subway_2lines_2024", "1", dt.date(2024, 12, 16), 4.87, 5.09, 3.24, 4.0, 13.67),
    ("las_palmas_2023", "12", dt.date(2023, 3, 1), 8.48, 8.64, 4.60, 8.0, 7.00),
]


# Ibis 12 still calls the name that DuckDB 2 deprecates.
@pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
@pytest.mark.parametrize(("feed", "route", "date", "gaps", "weighted", "mixed", "median", "per_hour"), PUBLISHED)
def test_published_definitions_are_reproduced(shared_data, feed, route, date, gaps, weighted, mixed, median, per_hour):
    with read_gtfs(shared_data / "gtfs" / f"{feed}.zip") as read:
        tables = read.tables
        ids = rows_of(tables["routes"].filter(tables["routes"].route_short_name == route))
        scope = Scope(dates=(date,), route_ids=(ids[0]["route_id"] if ids else route,))
        every_run = runs(tables, scope).to_pyarrow()
        every_visit = visits(runs(tables, scope), tables, scope).to_pyarrow()
    run, visit = (ibis.memtable(found) for found in (every_run, every_visit))
    outbound = run.filter(run.direction_id == 0)
    found = rows_of(route_headway(outbound, window_s=DAY_S))[0]
    assert round(found["headway_mean_min"], 2) == gaps
    waits = mean_wait(headways(starts(outbound, DAY_S), ROUTE_DIRECTION), ())
    assert round(2 * rows_of(waits)[0]["wait_min"], 2) == weighted
    both = route_headway(run, by=("route_id",), within=("service_date", "route_key"))
    assert round(rows_of(both)[0]["headway_mean_min"], 2) == mixed
    assert busiest_stop(visit)["headway_median_min"] == median
    started = visit.filter(visit.direction_id == 0).semi_join(first_stops(visit), ["trip_key", "run", "stop_sequence"])
    frequency = rows_of(departures_per_hour(started, AM_PEAK_S, by=("route_id",)))[0]
    assert round(frequency["departures_per_hour"], 2) == per_hour


def first_stops(visit):
    return visit.group_by("trip_key", "run").agg(stop_sequence=visit.stop_sequence.min()).view()


def busiest_stop(visit):
    """Headways of the morning at the stop of direction 0 with most departures, of equals the first by id."""
    morning = headway(visit.filter(visit.direction_id == 0), ("stop_id",), AT_STOP_PER_ROUTE, MORNING_S)
    return min(rows_of(morning), key=lambda row: (-row["n"], row["stop_id"]))
