from __future__ import annotations

import datetime as dt

from small_lake import MONDAY, clock, make_lake, rows_of, service, trip

from interurban.metrics.runs import runs
from interurban.metrics.supply.peak_vehicles import peak_vehicles
from interurban.model import Scope

TUESDAY = dt.date(2024, 1, 2)


def peak_of(*trips, by=(), dates=(MONDAY,), **options):
    facts = runs(make_lake(trips, calendar=[service(), service(2, days=["tuesday"])]), Scope(dates=dates))
    return [
        tuple(row[name] for name in (*by, "peak_vehicles", "service_date", "peak_from_s", "peak_to_s", "n"))
        for row in rows_of(peak_vehicles(facts, by, **options), *by)
    ]


def test_what_ends_at_t_and_what_starts_at_t_are_not_simultaneous():
    # 08:00-08:20, 08:10-08:30, 08:20-08:40: two at a time, without a break from 08:10 to 08:30.
    found = peak_of(trip(1, "08:00", "08:20"), trip(2, "08:10", "08:30"), trip(3, "08:20", "08:40"))
    assert found == [(2, MONDAY, clock("08:10"), clock("08:30"), 3)]


def test_earliest_of_equal_peaks_and_past_midnight():
    found = peak_of(
        trip(1, "24:10", "25:00"), trip(2, "24:20", "24:40"), trip(3, "25:10", "26:00"), trip(4, "25:20", "26:00")
    )
    assert found == [(2, MONDAY, clock("24:20"), clock("24:40"), 4)]


def test_largest_day_and_each_day():
    trips = [trip(1, "08:00", "09:00"), trip(2, "08:30", "09:30", service_key=2)]
    assert peak_of(*trips, dates=(MONDAY, TUESDAY)) == [(2, TUESDAY, clock("08:30"), clock("09:00"), 3)]
    assert peak_of(*trips, dates=(MONDAY, TUESDAY), by=("service_date",)) == [
        (MONDAY, 1, MONDAY, clock("08:00"), clock("09:00"), 1),
        (TUESDAY, 2, TUESDAY, clock("08:30"), clock("09:00"), 2),
    ]


def test_by_route_with_an_unknown_direction():
    trips = [trip(1, "08:00", "09:00", direction_id=None), trip(2, "08:00", "09:00", direction_id=None)]
    assert peak_of(*trips, by=("direction_id",)) == [(None, 2, MONDAY, clock("08:00"), clock("09:00"), 2)]


def test_window():
    trips = [trip(1, "07:00", "08:00"), trip(2, "07:00", "08:00"), trip(3, "07:30", "10:00")]
    assert peak_of(*trips, window_s=(clock("08:00"), clock("09:00"))) == [
        (1, MONDAY, clock("08:00"), clock("09:00"), 1)
    ]


def test_runs_without_duration_or_time_count_for_nothing():
    assert peak_of(trip(1, "08:00", "08:00"), trip(2, "", "")) == []
    assert peak_of() == []
