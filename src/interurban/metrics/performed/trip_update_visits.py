"""Stop visits from predictions, where nothing better is known."""

from __future__ import annotations

import ibis
from ibis.expr.types import IntegerValue, Table

HORIZON_S = 120
"""Only what was said this shortly before the event tells of it."""


def update_trips(trip_updates: Table, trip_update_stops: Table) -> Table:
    """Every (trip, start time) that trip updates name, with a whole number for it and what they last said of the trip.

    Grain: one row per (trip_id_scheduled, start_time); columns named_key int64, trip_id_scheduled, start_time, route_id, direction_id,
        vehicle_id, trip_relationship (the last one said; NULL: never said), is_canceled.
    """
    columns = ("trip_id_scheduled", "start_time", "route_id", "direction_id", "vehicle_id", "trip_relationship", "last_update_timestamp")
    said = trip_updates.select(*columns)
    said = said.union(trip_update_stops.select(*columns)).filter(lambda t: t.trip_id_scheduled.notnull())
    last = said.mutate(_said=said.trip_relationship.notnull().ifelse(said.last_update_timestamp, ibis.null("int64")))
    trips = last.mutate(_start=last.start_time.fill_null(-1)).group_by("trip_id_scheduled", "_start").agg(
        start_time=last.start_time.max(),
        route_id=last.route_id.max(),
        direction_id=last.direction_id.max(),
        vehicle_id=last.vehicle_id.max(),
        trip_relationship=last.trip_relationship.argmax(last._said),
    )
    number = ibis.row_number().over(order_by=[trips.trip_id_scheduled, trips._start])
    return trips.mutate(
        named_key=(number + 1).cast("int64"), is_canceled=trips.trip_relationship.isin(("CANCELED", "DELETED")).fill_null(False),
    )


def last_predictions(trip_update_stops: Table, update_trips: Table) -> Table:
    """The last arrival and departure predicted for each stop, of predictions made at most two minutes before the event.

    Grain: one row per (named_key, stop_sequence, stop_id); int64 moments arrival_s, arrival_said_s, departure_s, departure_said_s (when
        it was said).
    Args:
        trip_update_stops: docs/lake.md, Tables of a service day: each prediction with the first and last moment at which it was made.
        update_trips: facts of that name.

    Missing: a prediction made only after the event, or too long before it, counts for nothing; a stop with neither has no row.
    Source: MBTA's LAMP: the last arrival with 0 <= arrival - timestamp < 120. Against STOPPED_AT of the same feed its mean absolute error
        was 2.2 s (3,847 stops); "the last time the feed names the stop" was off by 125 s.
    """
    names = update_trips.select("named_key", "trip_id_scheduled", "_start")
    # Few predictions are so late, so rows are thinned before they are joined.
    late = trip_update_stops.mutate(
        _start=trip_update_stops.start_time.fill_null(-1),
        _arrival_said=_said(trip_update_stops, trip_update_stops.arrival_time),
        _departure_said=_said(trip_update_stops, trip_update_stops.departure_time),
    )
    late = late.filter(late._arrival_said.notnull() | late._departure_said.notnull())
    late = late.inner_join(names, ["trip_id_scheduled", "_start"])
    return late.group_by("named_key", "stop_sequence", "stop_id").agg(
        arrival_s=late.arrival_time.argmax(late._arrival_said),
        arrival_said_s=late._arrival_said.max(),
        departure_s=late.departure_time.argmax(late._departure_said),
        departure_said_s=late._departure_said.max(),
    )


def skipped_stops(trip_update_stops: Table, update_trips: Table) -> Table:
    """Stops of which the last word is that they are skipped.

    Grain: one row per (named_key, stop_sequence, stop_id).
    Args: as of `last_predictions`.
    """
    said = trip_update_stops.select(
        "trip_id_scheduled", "last_update_timestamp",
        _start=trip_update_stops.start_time.fill_null(-1),
        _sequence=trip_update_stops.stop_sequence.fill_null(-1),
        _stop=trip_update_stops.stop_id.fill_null(""),
        _skipped=(trip_update_stops.stop_relationship == "SKIPPED").fill_null(False),
    )  # fmt: skip
    stop = ["trip_id_scheduled", "_start", "_sequence", "_stop"]
    # Most stops are never skipped: theirs need not be counted.
    ever = said.filter(said._skipped).select(*stop).distinct()
    among = said.semi_join(ever, stop)
    last = among.group_by(*stop).agg(_skipped_s=_last(among, True), _served_s=_last(among, False))
    last = last.filter((last._skipped_s > last._served_s).fill_null(True))
    names = update_trips.select("named_key", "trip_id_scheduled", "_start")
    found = last.inner_join(names, ["trip_id_scheduled", "_start"])
    return found.select("named_key", stop_sequence=found._sequence.nullif(-1), stop_id=found._stop.nullif(""))


def _last(said: Table, skipped: bool) -> IntegerValue:
    return said.last_update_timestamp.max(where=said._skipped == skipped)


def _said(t: Table, event_s: IntegerValue) -> IntegerValue:
    """The last moment, not after the event, at which it was predicted so, if that is near the event."""
    said = ibis.least(t.last_update_timestamp, event_s)
    is_near = (t.update_timestamp <= event_s) & (event_s - said < HORIZON_S)
    return is_near.ifelse(said, ibis.null("int64"))


def trip_update_visits(predictions: Table) -> Table:
    """Stop visits from last predictions that are placed in a performed trip.

    Grain: one row per (performed_key, stop_sequence); columns as of `status_visits`. The bounds are the moment of the prediction and
        as much after the event.
    Args:
        predictions: `last_predictions` with performed_key and run_key; stop_sequence known.
    """
    timed = predictions.group_by("performed_key", "stop_sequence").agg(
        stop_id=predictions.stop_id.max(), run_key=predictions.run_key.min(),
        arrival_s=predictions.arrival_s.argmax(predictions.arrival_said_s), arrival_said_s=predictions.arrival_said_s.max(),
        departure_s=predictions.departure_s.argmax(predictions.departure_said_s),
        departure_said_s=predictions.departure_said_s.max(),
    )  # fmt: skip
    return timed.select(
        "performed_key", "stop_sequence", "stop_id", "run_key", "arrival_s", "departure_s",
        arrival_lo=timed.arrival_said_s, arrival_hi=timed.arrival_s * 2 - timed.arrival_said_s,
        departure_lo=timed.departure_said_s, departure_hi=timed.departure_s * 2 - timed.departure_said_s,
        method=ibis.literal("trip_update"),
    )  # fmt: skip
