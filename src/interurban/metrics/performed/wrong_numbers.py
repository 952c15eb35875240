"""Numbers of stops that contradict the stops named beside them."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table


def wrongly_numbered(calls: Table, trips: Table, stops: Table) -> Table:
    """Trips whose feed numbers a stop as another one of the same trip: the stop's name is believed, and no number of the trip.

    A name that is none of the trip's stops contradicts nothing: it is another platform, or a stop moved for the day.

    Grain: one row per trip_id_scheduled, its only column.
    Args:
        calls: facts of that name.
        trips: `identified`.
        stops: facts of `scheduled_stops`.
    """
    other = calls.filter(calls.is_planned & (calls.stop_id != calls.planned_stop_id)).select("performed_key", "stop_id")
    named = trips.filter(trips.trip_id_scheduled.notnull()).select("performed_key", "trip_key", "run", "trip_id_scheduled")
    found = other.inner_join(named, "performed_key").semi_join(stops, ["trip_key", "run", "stop_id"])
    return found.select("trip_id_scheduled").distinct()


def without_numbers(rows: Table, sequence: str, wrong: Table) -> Table:
    """Rows with NULL in place of the `sequence` of stops that they name, where their trip is among the `wrong` ones."""
    marked = rows.left_join(wrong.mutate(_is_wrong=ibis.literal(True)), "trip_id_scheduled")
    is_wrong = marked._is_wrong.fill_null(False) & marked.stop_id.notnull()
    number = is_wrong.ifelse(ibis.null(rows[sequence].type()), marked[sequence])
    return marked.mutate(**{sequence: number}).select(*rows.columns)
