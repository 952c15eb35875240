"""Trips that the feeds name and only another version of the timetable knows than the one in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.store.engine import Engine


def known_elsewhere(engine: Engine, tables: Mapping[str, ir.Table], feed_version_id: int | None) -> dict[str, int]:
    """How many trip ids of a day only another version knows, by the id of that version as landing found it.

    They stay unmatched: neither the version in force plans them nor one beside it. The count tells how much of what is unmatched comes
    from a timetable that was changed much too early or too late.

    Args:
        engine: Counts.
        tables: The `trips` of the version in force with those that its neighbours lent, and vehicle_locations and trip_updates of the day.
        feed_version_id: The version in force; None: then no other is looked at.
    """
    if feed_version_id is None:
        return {}
    columns = ("trip_id_scheduled", "feed_version_id", "is_matched")
    named = tables["vehicle_locations"].select(*columns).union(tables["trip_updates"].select(*columns))
    elsewhere = named.filter(named.is_matched & named.trip_id_scheduled.notnull() & (named.feed_version_id != feed_version_id))
    unknown = elsewhere.anti_join(tables["trips"].select(trip_id_scheduled="trip_id"), "trip_id_scheduled")
    counted = unknown.group_by("feed_version_id").agg(trips=unknown.trip_id_scheduled.nunique())
    return {str(row["feed_version_id"]): int(row["trips"]) for row in engine.rows(counted.order_by("feed_version_id"))}
