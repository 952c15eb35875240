"""Which call at a stop is meant, where a feed names the stop and not its place in the trip."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table


def place(sightings: Table, stops: Table) -> Table:
    """The stop_sequence of sightings that name a trip, a stop and a moment: of the trip's calls at that stop the one nearest in time.

    A loop ends where it began; its two calls there lie a round trip apart, so the nearer one is meant unless the vehicle is later than
    half of that.

    Grain: one row per sighting_key that has such a call: sighting_key, stop_sequence.
    Args:
        sightings: sighting_key (unique), trip_key, run, stop_id, moment_s.
        stops: facts of `scheduled_stops`.
    """
    calls = stops.select("trip_key", "run", "stop_id", "stop_sequence", "schedule_arrival_time", "schedule_departure_time")
    sightings = sightings.select("sighting_key", "trip_key", "run", "stop_id", "moment_s")
    pairs = sightings.inner_join(calls, ["trip_key", "run", "stop_id"])
    planned = pairs.schedule_departure_time.coalesce(pairs.schedule_arrival_time)
    pairs = pairs.mutate(_away=(pairs.moment_s - planned).abs())
    order = ibis.row_number().over(group_by="sighting_key", order_by=[pairs._away, pairs.stop_sequence])
    return pairs.mutate(_order=order).filter(lambda t: t._order == 0).select("sighting_key", "stop_sequence")


def place_positions(positions: Table, stops: Table) -> Table:
    """Positions with scheduled_stop_sequence filled where the feed leaves it out and names the stop.

    Matched ones get the sequence of the call meant. Of others, in a trip of which no sequence is known, calls are numbered in order of
    time: a loop's second call is another number.

    Grain and columns: those of `positions`.
    Args:
        positions: `in_time_order`, with trip_key and run (NULL: not matched).
        stops: facts of `scheduled_stops`.
    """
    blank = positions.filter(positions.scheduled_stop_sequence.isnull() & positions.stop_id.notnull())
    islands = blank.group_by("vehicle_trip_key", "island").agg(
        trip_key=blank.trip_key.max(), run=blank.run.max(), stop_id=blank.stop_id.max(), moment_s=blank.event_timestamp.min(),
    )
    numbered = islands.mutate(sighting_key=ibis.row_number().over(order_by=["vehicle_trip_key", "island"]))
    placed = numbered.left_join(place(numbered, stops), "sighting_key").select("vehicle_trip_key", "island", "stop_sequence")
    joined = positions.left_join(placed, ["vehicle_trip_key", "island"]).drop("vehicle_trip_key_right", "island_right")
    none_known = joined.scheduled_stop_sequence.coalesce(joined.stop_sequence).max().over(group_by="vehicle_trip_key").isnull()
    counted = joined.stop_id.notnull().ifelse(none_known.ifelse(joined.island, ibis.null("int64")), ibis.null("int64"))
    sequence = joined.scheduled_stop_sequence.coalesce(joined.stop_sequence, counted)
    return joined.mutate(scheduled_stop_sequence=sequence.cast("int32")).drop("stop_sequence")


def number_stops(visits: Table, predictions: Table) -> Table:
    """Sequence numbers for the stops of trips outside the schedule whose predictions name stops without a sequence: the order in time.

    Grain: one row per (performed_key, stop_id); column stop_sequence int32 (1, 2, 3 …).
    Args:
        visits: Visits of those trips by other methods; where they time a stop, they are believed.
        predictions: performed_key, stop_id, arrival_s, departure_s of those trips.

    Missing: a trip that was seen twice at one stop has no numbers: which of the two is predicted nobody can tell.
    """
    seen = visits.select(
        "performed_key", "stop_id", seen_s=visits.arrival_s.coalesce(visits.departure_s, visits.departure_lo), said_s=ibis.null("int64")
    )
    said = predictions.select(
        "performed_key", "stop_id", seen_s=ibis.null("int64"), said_s=predictions.arrival_s.coalesce(predictions.departure_s)
    )
    both = seen.union(said).filter(lambda t: t.stop_id.notnull())
    stops = both.group_by("performed_key", "stop_id").agg(
        _moment=both.seen_s.min().coalesce(both.said_s.min()), _calls=both.seen_s.count()
    )
    stops = stops.mutate(_most=stops._calls.max().over(group_by="performed_key")).filter(lambda t: t._most <= 1)
    number = ibis.row_number().over(group_by="performed_key", order_by=[stops._moment, stops.stop_id])
    return stops.select("performed_key", "stop_id", stop_sequence=(number + 1).cast("int32"))
