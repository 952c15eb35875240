"""The lake: typed tables as Parquet, a folder per feed version.

`lake/gtfs/<feed version>/<edition>/<table>.parquet`, where the edition is a hash of the partition's contents. A
partition is written aside, flushed, moved to its place in one step, and only then named in the catalogue, in one
transaction. What the catalogue does not name does not exist for a reader, so a partition is replaced whole, from one
moment to the next.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from interurban.errors import Defect, NodeError, NotFound
from interurban.locales import message
from interurban.model.feed_version import FeedVersion, LakeFile
from interurban.store.catalogue import Catalogue, Reading
from interurban.store.locks import flush_file, flush_folder, remove_leftovers, sha256_of, written_aside

Writer = Callable[[Path], object]
"""Writes one table as a Parquet file at the path it is given; what it returns does not matter."""


class Lake:
    """The lake in `folder`, whose list of files is in `catalogue`."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        self.folder = folder
        self._catalogue = catalogue
        self._aside = folder / "tmp"
        self._partitions = folder / "gtfs"
        for made in (self._aside, self._partitions):
            made.mkdir(parents=True, exist_ok=True)

    def write_partition(self, feed_version_id: int, writers: Mapping[str, Writer], reading: Reading) -> FeedVersion:
        """Write the tables of a feed version and record its reading, in place of an earlier partition.

        Args:
            feed_version_id: the version, registered by `Catalogue.add_snapshot`.
            writers: one per table; each is called once, in order, with the path to write to.
            reading: validity, notices and counts; rows per table are counted here and added to its counts.

        Raises:
            NotFound: there is no such feed version.
            NodeError: the lake cannot be written (full disk, no permission).
            Defect: a writer left no Parquet file, or a table's name is not a plain one.
        """
        self._catalogue.get_feed_version(feed_version_id)
        try:
            files = self._write(feed_version_id, writers)
        except OSError as error:
            raise NodeError(message("store.cannot_write", path=str(self.folder), reason=str(error))) from error
        counts = {**reading.counts, **{file.table: file.rows for file in files}}
        return self._catalogue.record_reading(feed_version_id, _with_counts(reading, counts), files)

    def _write(self, feed_version_id: int, writers: Mapping[str, Writer]) -> list[LakeFile]:
        with written_aside(self._aside, is_folder=True) as aside:
            written = [_write_table(aside, table, writer) for table, writer in writers.items()]
            edition = _edition(written)
            place = self._partitions / str(feed_version_id) / edition
            if place.exists():
                _mend(place, aside, written)
            else:
                place.parent.mkdir(exist_ok=True)
                flush_folder(aside)
                flush_folder(self._partitions)
                aside.replace(place)
            flush_folder(place.parent)
        return [_placed(file, feed_version_id, place.relative_to(self.folder)) for file in written]

    def paths(self, feed_version_id: int) -> dict[str, Path]:
        """Parquet file of each table of a feed version, for reading only.

        Raises:
            NotFound: the version has no tables in the lake.
            NodeError: files that the catalogue names are not there; collect again to make them anew.
        """
        files = self._catalogue.list_lake_files(feed_version_id)
        if not files:
            raise NotFound(message("store.no_tables", version=str(feed_version_id)), feed_version_id=feed_version_id)
        paths = {file.table: self.folder / file.path for file in files}
        lost = [table for table, path in paths.items() if not path.is_file()]
        if lost:
            text = message("store.lost_tables", version=str(feed_version_id), tables=", ".join(lost))
            raise NodeError(text, feed_version_id=feed_version_id, tables=lost)
        return paths

    def damaged_tables(self, feed_version_id: int) -> list[str]:
        """Tables of a feed version whose files are lost or differ from what was written."""
        files = self._catalogue.list_lake_files(feed_version_id)
        return [file.table for file in files if not _is_sound(self.folder / file.path, file.sha256)]

    def remove_leftovers(self) -> int:
        """Remove half-written partitions of processes that were killed; how many there were."""
        return remove_leftovers(self._aside)

    def remove_unregistered(self) -> int:
        """Remove editions that the catalogue does not name: replaced ones, and ones of killed processes; how many.

        Only for a process that is alone on the node: others may be about to register an edition, or be reading a
        replaced one.
        """
        named = {str(Path(file.path).parent) for file in self._catalogue.list_lake_files()}
        editions = [path for path in self._partitions.glob("*/*") if str(path.relative_to(self.folder)) not in named]
        for path in editions:
            shutil.rmtree(path)
        return len(editions)


def _write_table(folder: Path, table: str, writer: Writer) -> LakeFile:
    import pyarrow.parquet as pq
    from pyarrow import ArrowInvalid

    if not re.fullmatch(r"[a-z][a-z0-9_]*", table):
        raise Defect(message("store.bad_table_name", table=table), table=table)
    path = folder / f"{table}.parquet"
    writer(path)
    try:
        rows = pq.read_metadata(path).num_rows
    except (FileNotFoundError, ArrowInvalid) as error:
        raise Defect(message("store.no_parquet_written", table=table), table=table) from error
    flush_file(path)
    return LakeFile(0, table, path.name, sha256_of(path), rows, path.stat().st_size)


def _mend(place: Path, aside: Path, files: list[LakeFile]) -> None:
    """Put files in the place of those that the disk has lost or spoiled since the same edition was written before."""
    for file in files:
        if not _is_sound(place / file.path, file.sha256):
            (aside / file.path).replace(place / file.path)
    flush_folder(place)


def _edition(files: list[LakeFile]) -> str:
    text = "".join(f"{file.table} {file.sha256}\n" for file in sorted(files, key=lambda file: file.table))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _placed(file: LakeFile, feed_version_id: int, folder: Path) -> LakeFile:
    return LakeFile(feed_version_id, file.table, str(folder / file.path), file.sha256, file.rows, file.bytes)


def _with_counts(reading: Reading, counts: Mapping[str, int]) -> Reading:
    return Reading(reading.is_usable, reading.valid_from, reading.valid_to, counts, reading.notices)


def _is_sound(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_of(path) == sha256
