"""Trips that the feeds name and that only a version of the timetable beside the one in force knows, lent by it for the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interurban.operations.no_schedule import schedule_schemas

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.store.engine import Engine

LENT_TABLES = ("routes", "stops", "patterns", "shape_points", "trips", "stop_times", "frequencies")
_LARGE = ("shape_points", "stop_times")  # stay where they are, and the lent rows beside them


@dataclass(frozen=True, slots=True)
class WithNeighbours:
    """The tables of a day with what neighbours lent to its schedule: `lent` has trip_key and feed_version_id of each trip (None: nothing
    was), `counts` how many trips by the id of the version."""

    tables: Mapping[str, ir.Table]
    lent: ir.Table | None
    counts: Mapping[str, int]


def table_of(name: str, feed_version_id: int) -> str:
    """What the engine calls a table of a neighbouring version."""
    return f"{name}_{feed_version_id}"


def with_neighbours(engine: Engine, tables: Mapping[str, ir.Table], service_date: dt.date, neighbours: Sequence[int]) -> WithNeighbours:
    """The schedule of a day, and trips of its neighbours that the feeds name and it does not know.

    A lent trip runs on the day whatever its own calendar says, for the feeds say that it does. Its route and stops are those of the
    version in force where that has them by the same ids, so that it is seen on the same routes and at the same stops.

    Args:
        engine: Looks and keeps.
        tables: Of the version in force, vehicle_locations and trip_updates of the day, and those of each neighbour (`table_of`).
        service_date: The day.
        neighbours: The versions that lend, by id; of a trip that several know the first lends it.
    """
    known, lent, counts = dict(tables), [], dict[str, int]()
    if not neighbours:
        return WithNeighbours(known, None, counts)
    wanted = engine.keep(_unknown(tables))
    for version in neighbours:
        theirs = {name: tables[table_of(name, version)] for name in LENT_TABLES}
        found = theirs["trips"].semi_join(wanted, "trip_id").filter(lambda t: t.stop_times_count >= 1)
        trips = engine.keep(found.select(*schedule_schemas()["trips"].names))
        (row,) = engine.rows(trips.aggregate(n=trips.count()))
        if row["n"]:
            known |= _lent_rows(engine, known, {**theirs, "trips": trips}, service_date)
            lent.append(_of_version(trips, version))
            counts[str(version)] = int(row["n"])
            wanted = engine.keep(wanted.anti_join(trips, "trip_id"))
    return WithNeighbours(known, _together(engine, lent), counts)


def _unknown(tables: Mapping[str, ir.Table]) -> ir.Table:
    """trip_id: what the feeds name and the version in force does not know."""
    said = [tables[name].select(trip_id="trip_id_scheduled") for name in ("vehicle_locations", "trip_updates")]
    named = said[0].union(said[1]).distinct()
    return named.filter(named.trip_id.notnull()).anti_join(tables["trips"], "trip_id")


def _lent_rows(
    engine: Engine, mine: Mapping[str, ir.Table], theirs: Mapping[str, ir.Table], service_date: dt.date
) -> dict[str, ir.Table]:
    """The tables of a schedule, each with the rows that `theirs` has of the trips in it."""
    import ibis

    trips = theirs["trips"]
    services = trips.select("service_key").distinct()
    patterns = theirs["patterns"].semi_join(trips, "pattern_key")
    rows = {
        "routes": theirs["routes"].semi_join(trips, "route_key").anti_join(mine["routes"], "route_id"),
        "stops": theirs["stops"].semi_join(patterns, "stop_key").anti_join(mine["stops"], "stop_id"),
        "patterns": _by_my_key(patterns, "stop", mine, theirs),
        "shape_points": theirs["shape_points"].semi_join(trips, "shape_key"),
        "trips": _by_my_key(trips, "route", mine, theirs),
        "stop_times": theirs["stop_times"].semi_join(trips, "trip_key"),
        "frequencies": theirs["frequencies"].semi_join(trips, "trip_key"),
        "calendar_dates": services.mutate(date=ibis.literal(service_date), exception_type=ibis.literal(1, "int32")),
    }
    return {name: _joined(engine, name, mine[name], more) for name, more in rows.items()}


def _by_my_key(table: ir.Table, what: str, mine: Mapping[str, ir.Table], theirs: Mapping[str, ir.Table]) -> ir.Table:
    """Rows of a neighbour with my key of a route or stop that both have, by its id."""
    key, its_id = f"{what}_key", f"{what}_id"
    ours = mine[f"{what}s"].filter(lambda t: t[its_id].notnull()).select(its_id, _mine=key)
    both = theirs[f"{what}s"].select(key, its_id).inner_join(ours, its_id).select(key, "_mine")
    joined = table.left_join(both, key)
    return joined.mutate(**{key: joined._mine.coalesce(joined[key])}).drop("_mine", f"{key}_right")


def _joined(engine: Engine, name: str, mine: ir.Table, more: ir.Table) -> ir.Table:
    columns = schedule_schemas()[name].names
    mine = mine.select(*columns)
    more = engine.keep(more.select(*columns).cast(mine.schema()))
    return mine.union(more) if name in _LARGE else engine.keep(mine.union(more))


def _of_version(trips: ir.Table, version: int) -> ir.Table:
    import ibis

    return trips.select("trip_key", feed_version_id=ibis.literal(version, "int64"))


def _together(engine: Engine, parts: Sequence[ir.Table]) -> ir.Table | None:
    if not parts:
        return None
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.union(part)
    return engine.keep(whole)
