"""Service days in the lake: what realtime feeds left of a day, and what was reconstructed from it, as Parquet.

`lake/days/<source>/<service date>/<layer>/<edition>/<table>.parquet`. A partition is a source's service date in one layer. It grows by
parts or is replaced whole; either way its files are written first and named in the catalogue in one transaction, and what the catalogue
does not name does not exist for a reader.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.errors import NodeError
from interurban.locales import message
from interurban.model.realtime import DayFile, DayPartition
from interurban.store.catalogue import Catalogue
from interurban.store.editions import Writer
from interurban.store.lake_folder import LakeFolder

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import Connection

PathsByTable = dict[str, list[Path]]

REPLACED_FILES_STAY_S = 3600
"""Replaced files stay for readers that began before they were replaced."""


@dataclass(frozen=True, slots=True)
class DayPart:
    """Files written for a partition and not yet visible; `DayPartitions.register` makes them so."""

    source_id: int
    service_date: dt.date
    layer: str
    files: tuple[DayFile, ...]
    replaces: bool = False
    inputs_hash: str | None = None
    method_version: int | None = None
    counts: Mapping[str, object] = field(default_factory=dict)


class DayPartitions:
    """The service days of the lake in `place`, whose list of files is in `catalogue`."""

    def __init__(self, place: LakeFolder, catalogue: Catalogue) -> None:
        self.place = place
        self._catalogue = catalogue

    @property
    def folder(self) -> Path:
        """The folder that paths in the catalogue begin from."""
        return self.place.path

    def write(self, source_id: int, service_date: dt.date, layer: str, tables: Mapping[str, pa.Table | Writer]) -> DayPart:
        """Write files for a partition without making them visible.

        Args:
            source_id: the source whose day it is.
            service_date: the service date; of `messages` the UTC day.
            layer: "collected" or "performed".
            tables: an Arrow table, or a function that writes one as Parquet at the path it is given, by the table's name.

        Raises:
            NodeError: the lake cannot be written (full disk, no permission).
        """
        partition = f"days/{source_id}/{service_date.isoformat()}/{layer}"
        edition, written = self.place.write(partition, {name: _writer(table) for name, table in tables.items()})
        files = (DayFile(f.table, f"{edition}/{f.name}", f.sha256, f.rows, f.bytes) for f in written)
        return DayPart(source_id, service_date, layer, tuple(files))

    def register(self, parts: Sequence[DayPart], also: Callable[[Connection], None] | None = None) -> None:
        """Make written parts visible in one transaction, in which `also` writes what must hold together with them."""
        moment = self._catalogue.clock()
        for part in parts:
            if part.replaces:
                before = self.find(part.source_id, part.service_date, part.layer)
                self.place.touch(before.files if before else ())
        with self._catalogue.database.writing() as connection:
            for part in parts:
                self._catalogue.record_day_part(connection, part, moment)
            if also is not None:
                also(connection)

    def add_part(
        self, source_id: int, service_date: dt.date, layer: str, tables: Mapping[str, pa.Table | Writer],
    ) -> DayPartition:
        """Add rows to a partition as files of their own; the same rows once more change nothing. See `write`."""
        self.register([self.write(source_id, service_date, layer, tables)])
        return self._get(source_id, service_date, layer)

    def replace(
        self, source_id: int, service_date: dt.date, layer: str, tables: Mapping[str, pa.Table | Writer], inputs_hash: str | None = None,
        method_version: int | None = None, counts: Mapping[str, object] | None = None,
    ) -> DayPartition:
        """Replace a partition whole, from one moment to the next.

        Args:
            source_id: the source whose day it is.
            service_date: the service date.
            layer: "collected" or "performed".
            tables: all of the partition's tables; see `write`.
            inputs_hash: hash of what they were computed from; None: nothing was computed.
            method_version: version of the method that computed them.
            counts: what the method counted, as JSON can hold it.

        Raises:
            NodeError: the lake cannot be written (full disk, no permission).
        """
        written = self.write(source_id, service_date, layer, tables)
        part = DayPart(
            source_id, service_date, layer, written.files, replaces=True, inputs_hash=inputs_hash, method_version=method_version,
            counts=dict(counts or {}),
        )
        self.register([part])
        return self._get(source_id, service_date, layer)

    def find(self, source_id: int, service_date: dt.date, layer: str) -> DayPartition | None:
        """The partition, or None."""
        return next(iter(self._catalogue.list_day_partitions(source_id, layer, service_date)), None)

    def list(self, source_id: int | None = None, layer: str | None = None) -> list[DayPartition]:
        """Partitions of one source, or of one layer, or all, by source, date and layer."""
        return self._catalogue.list_day_partitions(source_id, layer)

    def paths(self, source_id: int, service_date: dt.date, layer: str, *, fetch: bool = True) -> PathsByTable:
        """Parquet files of each table of a partition, for reading only; nothing where there is no partition.

        Args:
            source_id: the source whose day it is.
            service_date: the service date.
            layer: "collected" or "performed".
            fetch: bring files here that are in a bucket only; without, the paths are where they would be.

        Raises:
            NodeError: files that the catalogue names are not there.
        """
        partition = self.find(source_id, service_date, layer)
        files = partition.files if partition else ()
        lost = [str(self.place.locate(file)) for file in self.place.bring(files)] if fetch else []
        if lost:
            text = message("realtime.lost_day_files", source=str(source_id), date=service_date.isoformat(), layer=layer)
            raise NodeError(text, source_id=source_id, files=lost)
        found: PathsByTable = {}
        for file in files:
            found.setdefault(file.table, []).append(self.place.locate(file))
        return found

    def paths_there(self, source_id: int, layer: str, table: str) -> Sequence[Path]:
        """Files of a table on all days of a source, without those that are lost."""
        files = [file for partition in self.list(source_id, layer) for file in partition.files if file.table == table]
        lost = self.place.bring(files)
        return [self.place.locate(file) for file in files if file not in lost]

    def lost_files(self, source_id: int, layer: str) -> int:
        """How many files of a source's layer are gone from the lake, cut short or overwritten."""
        files = [file for partition in self.list(source_id, layer) for file in partition.files]
        return len(self.place.lost(files, f"days/{source_id}"))

    def damaged_files(self, partition: DayPartition) -> Sequence[str]:
        """Paths of a partition's files that are lost or differ from what was written."""
        return [file.path for file in partition.files if not self.place.is_sound(file)]

    def remove_unregistered(self, older_than_s: float = REPLACED_FILES_STAY_S, source_id: int | None = None) -> int:
        """Remove editions of a source, or of all, that the catalogue does not name and that were made so long ago; how many.

        With 0 only for a process that is alone on the node: others may be about to register an edition, or be reading a replaced one.
        """
        pattern = f"{'*' if source_id is None else source_id}/*/*/*"
        return self.place.remove_editions("days", pattern, self._named(source_id), older_than_s)

    def sweep_bucket(self) -> int:
        """Remove from the bucket, if there is one, what the catalogue does not name; how many files. Only for a process that is alone on
        the node."""
        return self.place.sweep_bucket("days", self._named())

    def _named(self, source_id: int | None = None) -> Sequence[DayFile]:
        return [file for partition in self.list(source_id) for file in partition.files]

    def _get(self, source_id: int, service_date: dt.date, layer: str) -> DayPartition:
        (partition,) = self._catalogue.list_day_partitions(source_id, layer, service_date)
        return partition


def _writer(table: pa.Table | Writer) -> Writer:
    import pyarrow.parquet as pq

    if callable(table):
        return table
    return lambda path: pq.write_table(table, path, compression="zstd")
