"""Which timetable a realtime feed belongs to, and its versions as landing needs them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.collect.gtfs.columns import literal
from interurban.model import FeedVersion, FeedVersionStatus, Source

if TYPE_CHECKING:
    import duckdb

    from interurban.store.node import Node


def schedule_source(node: Node, source: Source) -> Source | None:
    """The GTFS source that a realtime source names, else the only one of its city; None: there is none, or it is not said which."""
    if source.schedule_source_id is not None:
        return node.catalogue.get_source(source.schedule_source_id)
    sources = node.catalogue.list_sources(source.city_id, "gtfs")
    return sources[0] if len(sources) == 1 else None


@dataclass
class Schedule:
    """The versions of a realtime source's timetable; `source` is None, and there are no versions, where it has none."""

    node: Node
    realtime: Source
    _in_force: dict[dt.date, int | None] = field(default_factory=dict)

    @cached_property
    def source(self) -> Source | None:
        """The timetable's source."""
        return schedule_source(self.node, self.realtime)

    @cached_property
    def versions(self) -> list[FeedVersion]:
        """Its versions whose tables are in the lake, the newest first."""
        versions = self.node.catalogue.list_feed_versions(self.source.id) if self.source else []
        return [each for each in reversed(versions) if each.status is FeedVersionStatus.READY]

    @cached_property
    def timezone(self) -> str:
        """The zone of the newest version's agency, else of the city."""
        import pyarrow.parquet as pq

        for version in self.versions[:1]:
            zones = pq.read_table(self.paths(version.id)["agency"], columns=["agency_timezone"])["agency_timezone"].drop_null()
            if len(zones):
                return str(zones[0].as_py())
        return self.node.catalogue.get_city(self.realtime.city_id).timezone

    def in_force(self, date: dt.date) -> int | None:
        """Id of the version in force on a date, or None."""
        if self.source is None:
            return None
        if date not in self._in_force:
            version = self.node.catalogue.version_in_force(self.source.id, date)
            self._in_force[date] = version.id if version else None
        return self._in_force[date]

    def beside(self, date: dt.date) -> list[int]:
        """Ids of the versions beside the one in force on a date, the newer first: the ones published next after it and last before it,
        of those whose validity has the date or ends the day before or begins the day after. None in force: nothing is beside it."""
        in_force, day = self.in_force(date), dt.timedelta(days=1)
        near = [
            each.id
            for each in self.versions
            if each.id == in_force or (each.valid_from and each.valid_to and each.valid_from - day <= date <= each.valid_to + day)
        ]
        place = near.index(in_force) if in_force in near else len(near)
        return [*near[max(place - 1, 0) : place], *near[place + 1 : place + 2]] if in_force in near else []

    def called(self, con: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
        """(feed_version of feed_info.txt, version id) of the versions that say it; of two that say the same the newest."""
        found: dict[str, int] = {}
        for version in self.versions:
            info = literal(str(self.paths(version.id)["feed_info"]))
            for (name,) in con.execute(f"SELECT feed_version FROM read_parquet({info}) WHERE feed_version IS NOT NULL").fetchall():
                found.setdefault(str(name), version.id)
        return sorted(found.items())

    def paths(self, version_id: int) -> dict[str, Path]:
        """Files of a version's tables."""
        return self.node.lake.paths(version_id)

    def union(self, version_ids: list[int], table: str) -> str:
        """SQL of a table's rows in several versions, with `version_id`; version 0 is nobody's, and stands for none."""
        parts = [
            f"SELECT *, {version} AS version_id FROM read_parquet({literal(str(self.paths(version)[table]))})" for version in version_ids
        ]
        return " UNION ALL BY NAME ".join(parts)
