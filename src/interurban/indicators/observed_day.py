"""A service day of a city as it was reconstructed, on an engine: what reliability is computed from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from interurban.indicators.outages import city_outages
from interurban.metrics.reliability.events import Evidence
from interurban.model.realtime import COLLECTED, PERFORMED, REALTIME_KINDS, DayPartition

if TYPE_CHECKING:
    from pathlib import Path

    import ibis.expr.types as ir

    from interurban.store.engine import Engine, Engines
    from interurban.store.node import Node

_OF_THE_DAY = ("stop_visits", "trips_performed")
_COLLECTED = ("messages", "vehicle_locations", "trip_update_stops")
# The publishers' own ids, which may be the same in two feeds of a city.
_OWN_IDS = ("route_id", "stop_id")


@dataclass(frozen=True, slots=True)
class ObservedDay:
    """What indicators of operations read.

    `tables` has stop_visits and trips_performed, and of messages, vehicle_locations and trip_update_stops those that are there.
    `performed` and `collected` are the partitions they come from; `evidence` says which observations count, with the outages of ours.
    """

    service_date: dt.date
    engine: Engine
    tables: Mapping[str, ir.Table]
    performed: Sequence[DayPartition]
    collected: Sequence[DayPartition]
    evidence: Evidence

    def feed_version_ids(self) -> tuple[int, ...]:
        """Versions of the schedule by which trips were judged: those in force, and neighbours that know others."""
        trips = self.tables["trips_performed"]
        rows = self.engine.rows(trips.select("feed_version_id").distinct())
        return tuple(sorted(row["feed_version_id"] for row in rows if row["feed_version_id"] is not None))


def performed_dates(node: Node, city_id: str) -> list[dt.date]:
    """Service dates of a city that were reconstructed, in order."""
    sources = [source.id for source in node.catalogue.list_sources(city_id)]
    return sorted({partition.service_date for source in sources for partition in node.days.list(source, PERFORMED)})


@contextmanager
def open_observed_day(
    node: Node, city_id: str, service_date: dt.date, engines: Engines | None = None
) -> Iterator[ObservedDay | None]:
    """A reconstructed day of all of a city's feeds together, as long as the block lasts; None where there is none.

    With several reconstructed sources the source's number stands before route and stop ids, which each publisher gives for itself.
    """
    from interurban.store.engine import Embedded

    sources = node.catalogue.list_sources(city_id)
    performed = _partitions(node, [source.id for source in sources], service_date, PERFORMED)
    if not performed:
        yield None
        return
    collected = _partitions(node, [source.id for source in sources if source.kind in REALTIME_KINDS], service_date, COLLECTED)
    engines = engines or Embedded()
    files: dict[str, list[Path]] = {}
    for partition in (*performed, *collected):
        found = node.days.paths(partition.source_id, service_date, partition.layer, fetch=not engines.reads_bucket)
        for table, paths in found.items():
            files.setdefault(f"{table}_{partition.source_id}", []).extend(paths)
    with closing(engines.open_files(files)) as engine:
        tables = {name: _together(engine, name, performed) for name in _OF_THE_DAY}
        for name in _COLLECTED:
            having = [partition for partition in collected if f"{name}_{partition.source_id}" in files]
            if having:
                tables[name] = _together(engine, name, having)
        evidence = Evidence(outages=city_outages(node, city_id, service_date))
        yield ObservedDay(service_date, engine, tables, performed, collected, evidence)


def _partitions(node: Node, source_ids: Sequence[int], service_date: dt.date, layer: str) -> list[DayPartition]:
    found = [node.days.find(source, service_date, layer) for source in source_ids]
    return [partition for partition in found if partition is not None]


def _together(engine: Engine, name: str, partitions: Sequence[DayPartition]) -> ir.Table:
    """The tables of all sources as one, with the columns of the first of them and in its types: a day without a timetable has other
    widths of whole numbers."""
    parts = [engine.table(f"{name}_{partition.source_id}") for partition in partitions]
    if name in _OF_THE_DAY:
        parts = [_of_this_method(part) for part in parts]
    if len(parts) > 1 and name in _OF_THE_DAY:
        parts = [_apart(part, partition.source_id) for part, partition in zip(parts, partitions, strict=True)]
    schema = parts[0].schema()
    return reduce(lambda whole, part: whole.union(part), [part.select(*schema.names).cast(schema) for part in parts])


def _of_this_method(table: ir.Table) -> ir.Table:
    """A day that was reconstructed before method 5 was judged by one version of the timetable alone, and has no column that says so."""
    import ibis

    if "is_neighbour_version" in table.columns:
        return table
    return table.mutate(is_neighbour_version=ibis.literal(None, "boolean"))


def _apart(table: ir.Table, source_id: int) -> ir.Table:
    """The publisher's own ids with the number of their source before them."""
    import ibis

    return table.mutate(**{name: ibis.literal(f"{source_id}:") + table[name] for name in _OWN_IDS if name in table.columns})
