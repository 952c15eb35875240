"""Trips that repeat another: same route, stops and times on the same dates, so service is counted twice."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from interurban.checks.check import Check, Given, findings
from interurban.metrics.service_dates import service_dates
from interurban.model import Severity

CHECK = Check("duplicate_trips", Severity.WARNING, "trips.txt", "trip_id")


def find(given: Given) -> Table | None:
    """One finding per timetable and service that repeats an earlier trip; the count is of trips too many.

    Trips repeat one another when route, direction, block, stop pattern and all times are equal and their services share
    a date (or are the same). Two blocks are two vehicles, so trips of different blocks do not repeat one another.
    Nothing is removed: whether a second vehicle really runs, only the publisher knows. Frequency-based trips are left
    out.
    """
    groups = _timetables(given)
    earlier = groups.view()
    pairs = groups.join(
        earlier, [groups.timetable == earlier.timetable, earlier.first_trip < groups.first_trip]
    ).select("timetable", "service_key", other_key=earlier.service_key, other_trip=earlier.first_trip)
    repeats = pairs.semi_join(_sharing_a_date(given, pairs), ["service_key", "other_key"])
    repeats = repeats.group_by("timetable", "service_key").agg(other_trip=repeats.other_trip.min())
    groups = groups.left_join(repeats, ["timetable", "service_key"]).drop("timetable_right", "service_key_right")
    # Within one service the first trip is the original; where another service has it already, all are repeats.
    groups = groups.mutate(too_many=groups.trips - groups.other_trip.isnull().cast("int64"))
    wrong = groups.filter(groups.too_many > 0).mutate(original=lambda t: t.other_trip.fill_null(t.first_trip))
    names = given.tables["trips"].select("trip_key", "trip_id")
    wrong = wrong.join(names, wrong.last_trip == names.trip_key).drop("trip_key").rename(repeat_id="trip_id")
    wrong = wrong.join(names, wrong.original == names.trip_key)
    return findings(CHECK, wrong, id=wrong.repeat_id, value="= " + wrong.trip_id, count=wrong.too_many)


SAME = ("route_key", "direction_id", "block_id", "pattern_key", "first_departure", "last_departure", "last_arrival")


def _timetables(given: Given) -> Table:
    """Trips by timetable and service: (timetable, service_key, trips, first_trip, last_trip), alike ones only."""
    trips = given.tables["trips"].anti_join(given.tables["frequencies"], "trip_key")
    trips = trips.filter(trips.first_departure.notnull(), trips.service_key.notnull())
    trips = trips.mutate(alike=trips.count().over(ibis.window(group_by=[trips[name] for name in SAME])))
    trips = trips.filter(trips.alike > 1)
    # Only trips alike at their ends need all their times compared: a sum of times weighted by place stands for them.
    times = given.tables["stop_times"].semi_join(trips, "trip_key")
    weight = (times.stop_sequence.cast("int64") * 7919) % 10_007 + 1
    sums = times.group_by("trip_key").agg(
        arrivals=(times.arrival_time * weight).sum(), departures=(times.departure_time * weight).sum()
    )
    trips = trips.join(sums, "trip_key")
    same = [trips[name] for name in (*SAME, "arrivals", "departures")]
    trips = trips.mutate(timetable=trips.trip_key.min().over(ibis.window(group_by=same)))
    return trips.group_by("timetable", "service_key").agg(
        trips=trips.count(), first_trip=trips.trip_key.min(), last_trip=trips.trip_key.max()
    )


def _sharing_a_date(given: Given, pairs: Table) -> Table:
    """Those pairs of services that run on a common date."""
    dates = service_dates(given.tables)
    services = pairs.select("service_key", "other_key").distinct()
    both = services.join(dates, "service_key")
    others = dates.select(other_key="service_key", date="date")
    return both.semi_join(others, ["other_key", "date"]).select("service_key", "other_key").distinct()
