"""The table of stop visits, and that of trips performed, of a service day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import ibis
from ibis.expr.types import Table, Value

from interurban.metrics.performed import METHOD_VERSION
from interurban.metrics.performed.trips_performed import trip_id_performed

VISITS = (
    "service_date", "trip_id_performed", "trip_stop_sequence", "scheduled_stop_sequence", "stop_id", "vehicle_id",
    "schedule_arrival_time", "schedule_departure_time", "actual_arrival_time", "actual_departure_time", "dwell", "distance",
    "schedule_relationship", "feed_id", "feed_version_id", "is_neighbour_version", "origin_s", "trip_id_scheduled", "trip_key",
    "run", "stop_key", "route_id", "route_key", "direction_id", "mode", "pattern_key", "is_first", "is_last", "is_timepoint",
    "is_passenger", "is_frequency_based", "exact_times",
    "is_trip_canceled", "arrival_lo", "arrival_hi", "departure_lo", "departure_hi", "method", "method_version",
)  # fmt: skip
TRIPS = (
    "service_date", "trip_id_performed", "trip_id_scheduled", "vehicle_id", "route_id", "direction_id", "pattern_id", "shape_id",
    "schedule_trip_start", "schedule_trip_end", "actual_trip_start", "actual_trip_end", "schedule_relationship", "feed_id",
    "feed_version_id", "is_neighbour_version", "origin_s", "trip_key", "run", "route_key", "mode", "is_observed", "is_canceled",
    "is_frequency_based", "exact_times", "match_method", "match_score", "positions", "minutes", "minutes_tracked", "positions_near_shape",
    "positions_off_route", "coverage", "method_version",
)  # fmt: skip


def identified(
    performed: Table, runs: Table, tables: Mapping[str, Table], service_date: dt.date, origin_s: int, feed_id: int,
    feed_version_id: int | None, lent: Table | None = None,
) -> Table:
    """Trips performed with their public id and what the schedule tells of them, ready for both tables.

    Columns more: those that trips and visits share (docs/lake.md), pattern_key, shape_key, start_s and end_s of the schedule.

    Args:
        performed: `with_relationship`.
        runs: The fact of that name.
        tables: Of the schedule: `trips`, whose id a trip has that was matched without one; `routes`, of which a trip outside the
            schedule has the mode of the one that it names.
        lent: trip_key and feed_version_id of trips that are of another version than the one in force; None: there are none.
    """
    plan = runs.select(
        "trip_key", "run", "route_key", "mode", "pattern_key", "shape_key", "is_frequency_based", "exact_times", "start_s", "end_s",
        _route="route_id", _direction="direction_id",
    )  # fmt: skip
    t = performed.left_join(plan, ["trip_key", "run"]).drop("trip_key_right", "run_right")
    t = t.mutate(route_id=t._route.coalesce(t.route_id), direction_id=t._direction.coalesce(t.direction_id))
    named = tables["routes"].select(_route_id="route_id", _key="route_key", _mode="mode")
    t = t.left_join(named, t.route_id == named._route_id)
    nameless = t.trip_id_scheduled.isnull().ifelse(t.trip_key, ibis.null("int64"))
    t = t.mutate(_nameless=nameless).left_join(tables["trips"].select(_nameless="trip_key", _trip_id="trip_id"), "_nameless")
    if lent is None:
        t = t.mutate(_version=ibis.null("int64"))
    else:
        t = t.left_join(lent.rename(_version="feed_version_id"), "trip_key").drop("trip_key_right")
    return t.mutate(
        service_date=ibis.literal(service_date),
        trip_id_performed=trip_id_performed(t, service_date),
        trip_id_scheduled=t.trip_id_scheduled.coalesce(t._trip_id),
        feed_id=ibis.literal(feed_id, "int64"),
        feed_version_id=t._version.coalesce(ibis.literal(feed_version_id, "int64")),
        is_neighbour_version=t._version.notnull(),
        origin_s=ibis.literal(origin_s, "int64"),
        route_key=t.route_key.coalesce(t._key),
        mode=t.mode.coalesce(t._mode, ibis.literal("other")),
        is_frequency_based=t.is_frequency_based.fill_null(False),
        method_version=ibis.literal(METHOD_VERSION, "int32"),
    ).drop("_route", "_direction", "_route_id", "_key", "_mode", "_version", "_nameless", "_nameless_right", "_trip_id")


def calls(trips: Table, stops: Table, visits: Table, skipped: Table) -> Table:
    """Every stop of every trip performed, timed or not, as both tables need it.

    Grain: one row per (performed_key, stop_sequence); columns of `scheduled_stops` and of visits (stop_id is the one that was observed,
        where one was named), planned_stop_id, is_planned, schedule_relationship (Missing where nothing is known of a scheduled stop,
        Added where a stop is not in the schedule).
        Those of trips that are not in `trips` are not for use; `in_sequence` leaves them out.
    Args:
        trips: `identified`. Of canceled ones that did not run every stop is Missing, whatever was said of it.
        stops: facts of `scheduled_stops`.
        visits: What was observed, by performed_key and stop_sequence (`merge`).
        skipped: performed_key, stop_sequence of stops said to be skipped; where a vehicle stood there nevertheless, it stopped.
    """
    plan = trips.select("performed_key", "trip_key", "run").inner_join(stops, ["trip_key", "run"]).drop("trip_key", "run")
    # Few trips are left out, so what is kept need not be looked up.
    off = trips.filter(trips.schedule_relationship == "Canceled")
    seen = visits.anti_join(off, "performed_key").rename(_stop_id="stop_id")
    t = plan.outer_join(seen, ["performed_key", "stop_sequence"])
    t = t.mutate(
        performed_key=t.performed_key.coalesce(t.performed_key_right),
        is_planned=t.performed_key.notnull(),
        stop_sequence=t.stop_sequence.coalesce(t.stop_sequence_right),
        stop_id=t._stop_id.coalesce(t.stop_id),
        planned_stop_id=t.stop_id,
    ).drop("performed_key_right", "stop_sequence_right", "_stop_id")  # fmt: skip
    skipped = skipped.anti_join(off, "performed_key").select("performed_key", "stop_sequence", _is_skipped=ibis.literal(True)).distinct()
    t = t.left_join(skipped, ["performed_key", "stop_sequence"]).drop("performed_key_right", "stop_sequence_right")
    return _without_skipped(t)


def trips_with_more_stops(calls: Table, trips: Table) -> Table:
    """Trips that were seen at stops which are not theirs in the schedule, or that have no schedule: performed_key, one row for each."""
    return calls.filter(~calls.is_planned).semi_join(trips, "performed_key").select("performed_key").distinct()


def in_sequence(calls: Table, with_more_stops: Table) -> Table:
    """Calls with trip_stop_sequence (1, 2, 3 …), is_first and is_last.

    Trips that called where they should, which are nearly all, have these from the schedule; the stops of others are sorted and counted.

    Args:
        calls: The table of that name.
        with_more_stops: `trips_with_more_stops`.

    Missing: of a trip outside the schedule the first and last stops seen are taken for its first and last.
    """
    others = _counted(calls.semi_join(with_more_stops, "performed_key"))
    as_planned = calls.filter(calls.is_planned).anti_join(with_more_stops, "performed_key").mutate(trip_stop_sequence=calls.stop_number)
    return as_planned.select(*others.columns).union(others)


def _without_skipped(t: Table) -> Table:
    stood = ((t.method == "status") & t.arrival_s.notnull()).fill_null(False)
    is_skipped = t._is_skipped.fill_null(False) & ~stood
    events = ("arrival_s", "departure_s", "arrival_lo", "arrival_hi", "departure_lo", "departure_hi")
    is_timed = (t.arrival_s.notnull() | t.departure_s.notnull()) & ~is_skipped
    relationship = ibis.cases(
        (is_skipped, "Skipped"),
        (~t.is_planned, "Added"),
        # A bound alone, from which no moment follows, is still a sign of the vehicle.
        (~is_timed & t.departure_lo.isnull() & t.departure_hi.isnull(), "Missing"),
        else_="Scheduled",
    )
    return t.mutate(
        **{name: is_skipped.ifelse(ibis.null("int64"), t[name]) for name in events},
        method=is_timed.ifelse(t.method, ibis.null("string")),
        schedule_relationship=relationship,
        **{name: t[name].fill_null(False) for name in ("is_first", "is_last", "is_timepoint")},
        is_passenger=t.is_passenger.fill_null(True),
    ).drop("_is_skipped")


def _counted(t: Table) -> Table:
    order = {"group_by": "performed_key", "order_by": "stop_sequence"}
    number = (ibis.row_number().over(**order) + 1).cast("int32")
    t = t.mutate(
        trip_stop_sequence=number, _is_end=t.stop_sequence.lead().over(**order).isnull(),
        _has_plan=t.is_planned.max().over(group_by="performed_key"),
    )  # fmt: skip
    return t.mutate(
        is_first=t._has_plan.ifelse(t.is_first, t.trip_stop_sequence == 1),
        is_last=t._has_plan.ifelse(t.is_last, t._is_end),
    ).drop("_is_end", "_has_plan")


def stop_visits(calls: Table, trips: Table, vehicles: Table) -> Table:
    """The table of stop visits.

    Grain, columns and units: docs/lake.md, `stop_visits`.

    Args:
        calls: The table of that name, `in_sequence`.
        trips: `identified`.
        vehicles: run_key, vehicle_id.
    """
    own = {"schedule_relationship", "vehicle_id"}
    shared = trips.select(
        "performed_key", *[name for name in VISITS if name in trips.columns and name not in own], _vehicle="vehicle_id",
        _trip="schedule_relationship",
    )  # fmt: skip
    others = vehicles.filter(vehicles.run_key != vehicles.performed_key).select("run_key", _other_vehicle="vehicle_id")
    t = calls.inner_join(shared, "performed_key").left_join(others, "run_key")
    # A prediction beside a first sight of the vehicle leaves open how long it stood.
    is_loose = ((t.method != "geometry") & (t.departure_lo < t.arrival_s)).fill_null(False)
    made = {
        "scheduled_stop_sequence": t.stop_sequence.cast("int32"),
        "vehicle_id": t._other_vehicle.coalesce(t._vehicle),
        "is_trip_canceled": t._trip == "Canceled",
        "actual_arrival_time": t.arrival_s,
        "actual_departure_time": t.departure_s,
        "dwell": (t.is_first | t.is_last | is_loose).ifelse(ibis.null("int64"), t.departure_s - t.arrival_s),
    }
    return t.select(**{name: made.get(name, t[name] if name in t.columns else None) for name in VISITS})


def trips_performed(trips: Table, calls: Table, near_shape: Table) -> Table:
    """The table of trips that ran or should have run.

    Grain, columns and units: docs/lake.md, `trips_performed`.

    Args:
        trips: `identified`.
        calls: The table of that name, `in_sequence`.
        near_shape: performed_key, positions_near_shape, positions_off_route of trips that were laid on their shape.
    """
    timed = (calls.arrival_s.notnull() | calls.departure_s.notnull()) & calls.is_planned
    of_calls = calls.group_by("performed_key").agg(
        actual_trip_start=calls.departure_s.min(where=calls.is_first),
        actual_trip_end=calls.arrival_s.max(where=calls.is_last),
        _timed=calls.count(where=timed),
        _planned=calls.count(where=calls.is_planned),
    )
    t = trips.left_join(of_calls, "performed_key").drop("performed_key_right").left_join(near_shape, "performed_key")
    made: dict[str, Value] = {
        "pattern_id": t.pattern_key.cast("string"),
        "shape_id": t.shape_key.cast("string"),
        "schedule_trip_start": t.start_s.cast("int64") + t.origin_s,
        "schedule_trip_end": t.end_s.cast("int64") + t.origin_s,
        "coverage": t._timed / t._planned.nullif(0).cast("float64"),
        "match_method": (t.positions > 0).ifelse(t.match_method.fill_null("none"), ibis.null("string")),
    }
    return t.select(**{name: made.get(name, t[name] if name in t.columns else None) for name in TRIPS})
