"""Reconstructing how a city's service ran on a day, from what its realtime feeds left in the lake, into the lake."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.collect.gtfs_realtime.schedule import Schedule
from interurban.collect.gtfs_realtime.tables import schema
from interurban.metrics.performed import METHOD_VERSION
from interurban.metrics.performed.clean import Bounds
from interurban.model import Source
from interurban.model.realtime import COLLECTED, PERFORMED, REALTIME_KINDS, TRIP_UPDATES, VEHICLE_POSITIONS, DayPartition
from interurban.model.service_day import origin_s
from interurban.operations.day_schedule import ServiceDay
from interurban.operations.known_elsewhere import known_elsewhere
from interurban.operations.neighbour_trips import LENT_TABLES, table_of, with_neighbours
from interurban.operations.no_schedule import schedule_schemas
from interurban.operations.performed_day import perform
from interurban.operations.what_came import nothing_to_reconstruct
from interurban.store.engine import Embedded, empty

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from interurban.store.engine import Engine, Engines
    from interurban.store.node import Node

READ = ("vehicle_locations", "trip_update_stops", "trip_updates")
ROOM_KM = 5.0
_KM_PER_DEGREE = 111.2


@dataclass(frozen=True, slots=True)
class Reconstructed:
    """A service day of one schedule, reconstructed.

    `source_id` is the schedule's source, or without a schedule that of the vehicle positions; `counts` has what was left out of the
    positions by reason, trips by what became of them, and by version those that a neighbouring version of the schedule lent
    (`neighbour_trips`) and those that only another one knows (`known_elsewhere`). `is_new` is False when the same inputs had been
    worked before, by the same version of the method: nothing was done.
    """

    source_id: int
    service_date: dt.date
    feed_version_id: int | None
    is_new: bool
    trips: int
    stop_visits: int
    counts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Work:
    """The realtime sources of one schedule, the version in force, those beside it, and what was collected of the date."""

    owner: Source
    schedule: Schedule
    feed_version_id: int | None
    neighbours: tuple[int, ...]
    collected: tuple[DayPartition, ...]


def reconstruct(node: Node, city_id: str, service_date: dt.date, engines: Engines | None = None) -> list[Reconstructed]:
    """Trips performed and stop visits of a service day, in place of what was reconstructed of it before.

    What the city's realtime feeds left of the day is put beside the version of their schedule that is in force on it. A day whose inputs
    are those of the last time is left as it is.

    Args:
        node: The node.
        city_id: The city.
        service_date: The service day.
        engines: What to compute on; None: this process.

    Returns:
        One entry per schedule whose realtime feeds left something of the day; feeds without a schedule are taken together.

    Raises:
        NotFound: There is no such city, it has no realtime source, or there is neither a position nor a prediction of the day.
        NodeError: The lake cannot be read or written.
    """
    node.catalogue.get_city(city_id)
    works = [work for work in _works(node, city_id, service_date) if work.collected]
    if not works:
        raise nothing_to_reconstruct(node, city_id, [service_date])
    return [_reconstruct(node, work, service_date, engines or Embedded()) for work in works]


def collected_dates(node: Node, city_id: str) -> list[dt.date]:
    """Service dates of which a city's realtime feeds left positions or predictions, in order."""
    sources = [source.id for kind in (VEHICLE_POSITIONS, TRIP_UPDATES) for source in node.catalogue.list_sources(city_id, kind)]
    partitions = [partition for source_id in sources for partition in node.days.list(source_id, COLLECTED)]
    return sorted({p.service_date for p in partitions if any(file.table in READ for file in p.files)})


def idle_dates(node: Node, city_id: str) -> list[dt.date]:
    """Service dates of which a city's realtime feeds left something, but neither a position nor a prediction, in order."""
    sources = [source.id for source in node.catalogue.list_sources(city_id) if source.kind in REALTIME_KINDS]
    dates = {partition.service_date for source_id in sources for partition in node.days.list(source_id, COLLECTED)}
    return sorted(dates.difference(collected_dates(node, city_id)))


def _works(node: Node, city_id: str, service_date: dt.date) -> list[_Work]:
    """What there is to do on a date: realtime sources by their schedule; those without one together, owned by the first."""
    groups: dict[int, list[tuple[Source, Schedule]]] = {}
    for kind in (VEHICLE_POSITIONS, TRIP_UPDATES):
        for source in node.catalogue.list_sources(city_id, kind):
            schedule = Schedule(node, source)
            groups.setdefault(schedule.source.id if schedule.source else 0, []).append((source, schedule))
    works = []
    for members in groups.values():
        schedule = members[0][1]
        found = [node.days.find(source.id, service_date, COLLECTED) for source, _ in members]
        used = tuple(p for p in found if p and any(file.table in READ for file in p.files))
        owner, beside = schedule.source or members[0][0], tuple(schedule.beside(service_date))
        works.append(_Work(owner, schedule, schedule.in_force(service_date), beside, used))
    return works


def _reconstruct(node: Node, work: _Work, service_date: dt.date, engines: Engines) -> Reconstructed:
    inputs = _inputs_hash(node, work)
    with node.source_lock(work.owner.id):
        there = node.days.find(work.owner.id, service_date, PERFORMED)
        if there and (there.inputs_hash, there.method_version) == (inputs, METHOD_VERSION):
            return _reconstructed(there, work, is_new=False)
        engine = engines.open_files(_files(node, work, service_date, fetch=not engines.reads_bucket))
        try:
            return _reconstructed(_write(node, work, service_date, engine, inputs), work, is_new=True)
        finally:
            engine.close()


def _write(node: Node, work: _Work, service_date: dt.date, engine: Engine, inputs: str) -> DayPartition:
    for name in READ:
        if name not in engine.tables():
            engine.add(name, empty(schema(name)))
    if work.feed_version_id is None:
        for name, columns in schedule_schemas().items():
            engine.add(name, empty(columns))
    origin = origin_s(service_date, work.schedule.timezone)
    timetable = with_neighbours(engine, engine.tables(), service_date, work.neighbours)
    day = ServiceDay(service_date, origin, work.owner.id, work.feed_version_id, _bounds(engine, timetable.tables["stops"]))
    made = perform(engine, day, timetable.tables, timetable.lent)
    elsewhere = known_elsewhere(engine, timetable.tables, work.feed_version_id)
    counts = {**made.counts, "neighbour_trips": timetable.counts, "known_elsewhere": elsewhere}
    tables = {
        "stop_visits": lambda path: engine.write(made.stop_visits, path),
        "trips_performed": lambda path: engine.write(made.trips_performed, path),
    }
    return node.days.replace(work.owner.id, service_date, PERFORMED, tables, inputs, METHOD_VERSION, counts)


def _files(node: Node, work: _Work, service_date: dt.date, *, fetch: bool) -> dict[str, list[Path]]:
    files: dict[str, list[Path]] = {}
    if work.feed_version_id is not None:
        files = {name: [path] for name, path in node.lake.paths(work.feed_version_id, fetch=fetch).items()}
    for version in work.neighbours:
        theirs = node.lake.paths(version, fetch=fetch)
        files |= {table_of(name, version): [theirs[name]] for name in LENT_TABLES}
    for partition in work.collected:
        paths: Mapping[str, Sequence[Path]] = node.days.paths(partition.source_id, service_date, COLLECTED, fetch=fetch)
        for name in READ:
            if name in paths:
                files.setdefault(name, []).extend(paths[name])
    return files


def _inputs_hash(node: Node, work: _Work) -> str:
    """Of all that the result depends on but the method."""
    lines = [f"timezone {work.schedule.timezone}"]
    for number in (work.feed_version_id, *work.neighbours):
        version = node.catalogue.find_feed_version(number) if number is not None else None
        lines.append(f"schedule {number} {version.content_hash if version else ''}")
    lines += sorted(f"{partition.source_id} {partition.content_hash}" for partition in work.collected)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _bounds(engine: Engine, stops: ir.Table) -> Bounds | None:
    """Where the stops are, with 5 km about them; None without stops, or where they lie on both sides of the 180th meridian."""
    known = stops.filter(stops.stop_lat.between(-90, 90), stops.stop_lon.between(-180, 180), (stops.stop_lat != 0) | (stops.stop_lon != 0))
    (row,) = engine.rows(known.aggregate(
        south=known.stop_lat.min(), west=known.stop_lon.min(), north=known.stop_lat.max(), east=known.stop_lon.max()
    ))  # fmt: skip
    if row["south"] is None or row["east"] - row["west"] > 180:
        return None
    lat = ROOM_KM / _KM_PER_DEGREE
    lon = lat / max(math.cos(math.radians(max(abs(row["south"]), abs(row["north"])))), 0.01)
    return row["south"] - lat, row["west"] - lon, row["north"] + lat, row["east"] + lon


def _reconstructed(partition: DayPartition, work: _Work, *, is_new: bool) -> Reconstructed:
    rows = {file.table: file.rows for file in partition.files}
    return Reconstructed(
        work.owner.id, partition.service_date, work.feed_version_id, is_new, rows.get("trips_performed", 0), rows.get("stop_visits", 0),
        partition.counts,
    )
