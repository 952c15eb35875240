"""Reconstructed service days of a city, opened for reading beside the timetable they were judged by."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interurban.collect.gtfs_realtime.schedule import Schedule
from interurban.errors import NotFound
from interurban.locales import message
from interurban.model import Source
from interurban.model.realtime import PERFORMED, DayPartition
from interurban.store.engine import open_files

if TYPE_CHECKING:
    import pyarrow as pa

    from interurban.store.engine import DuckEngine
    from interurban.store.node import Node

# Of the timetable, what names the things that ran.
_NAMES = ("routes", "stops", "trips", "patterns")


@dataclass(frozen=True, slots=True)
class PerformedDay:
    """What ran on one service date by one source: `stop_visits` and `trips_performed`, and the timetable's names where it has one.

    `timezone` is the agency's, in which local times are given.
    """

    source: Source
    service_date: dt.date
    timezone: str
    files: dict[str, list[Path]]

    def open(self) -> DuckEngine:
        """An engine over the day's tables; the caller closes it."""
        return open_files(self.files)

    @property
    def has_timetable(self) -> bool:
        """Whether routes, stops, trips and patterns are among the tables."""
        return all(name in self.files for name in _NAMES)


def performed_days(node: Node, city_id: str, service_date: dt.date) -> list[PerformedDay]:
    """The reconstructed day of each source of a city that has it.

    Raises:
        NotFound: there is no such city, or the date has not been reconstructed; the text names the dates that have.
    """
    node.catalogue.get_city(city_id)
    sources = node.catalogue.list_sources(city_id, with_removed=True)
    found = [(source, node.days.find(source.id, service_date, PERFORMED)) for source in sources]
    days = [_opened(node, source, partition) for source, partition in found if partition]
    if not days:
        dates = sorted({p.service_date for source in sources for p in node.days.list(source.id, PERFORMED)})
        known = f"{dates[0]} … {dates[-1]}" if dates else "—"
        raise NotFound(message("journey.not_reconstructed", date=service_date.isoformat(), city=city_id, known=known))
    return days


def _opened(node: Node, source: Source, partition: DayPartition) -> PerformedDay:
    files = dict(node.days.paths(source.id, partition.service_date, PERFORMED))
    for version in _versions_of(files["trips_performed"]):
        for name, path in node.lake.paths(version).items():
            if name in _NAMES:
                files[name] = [*files.get(name, ()), path]
    return PerformedDay(source, partition.service_date, Schedule(node, source).timezone, files)


def _versions_of(paths: list[Path]) -> list[int]:
    """The feed versions that the trips were judged by: the one in force, then its neighbours."""
    import pyarrow.parquet as pq

    found = set()
    for path in paths:
        # A day that was reconstructed before method 5 knows one version alone.
        columns = [name for name in ("is_neighbour_version", "feed_version_id") if name in pq.read_schema(path).names]
        rows = _distinct(pq.read_table(path, columns=columns))
        found |= {(row.get("is_neighbour_version") or False, row["feed_version_id"]) for row in rows}
    return [version for _, version in sorted(each for each in found if each[1] is not None)]


def _distinct(table: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.group_by(table.column_names).aggregate([]).to_pylist()
    return rows
