"""The lake: typed tables as Parquet, a folder per feed version.

`lake/gtfs/<feed version>/<edition>/<table>.parquet`, where the edition is a hash of the partition's contents. A
partition is written aside, flushed, moved to its place in one step, and only then named in the catalogue, in one
transaction. What the catalogue does not name does not exist for a reader, so a partition is replaced whole, from one
moment to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from interurban.errors import NodeError, NotFound
from interurban.locales import message
from interurban.model.feed_version import FeedVersion, LakeFile
from interurban.store.catalogue import Catalogue, Reading
from interurban.store.editions import Writer
from interurban.store.lake_folder import LakeFolder

__all__ = ["Lake", "Writer"]


class Lake:
    """The lake in `place`, whose list of files is in `catalogue`."""

    def __init__(self, place: LakeFolder, catalogue: Catalogue) -> None:
        self.place = place
        self._catalogue = catalogue

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
        edition, written = self.place.write(_partition(feed_version_id), writers)
        files = [LakeFile(feed_version_id, f.table, f"{edition}/{f.name}", f.sha256, f.rows, f.bytes) for f in written]
        counts = {**reading.counts, **{file.table: file.rows for file in files}}
        return self._catalogue.record_reading(feed_version_id, _with_counts(reading, counts), files)

    @property
    def folder(self) -> Path:
        """The folder that paths in the catalogue begin from."""
        return self.place.path

    def paths(self, feed_version_id: int, *, fetch: bool = True) -> dict[str, Path]:
        """Parquet file of each table of a feed version, for reading only.

        Args:
            feed_version_id: the version.
            fetch: bring files here that are in a bucket only; without, the paths are where they would be.

        Raises:
            NotFound: the version has no tables in the lake.
            NodeError: files that the catalogue names are not there; collect again to make them anew.
        """
        files = self._catalogue.list_lake_files(feed_version_id)
        if not files:
            raise NotFound(message("store.no_tables", version=str(feed_version_id)), feed_version_id=feed_version_id)
        lost = [file.table for file in self.place.bring(files)] if fetch else []
        if lost:
            text = message("store.lost_tables", version=str(feed_version_id), tables=", ".join(lost))
            raise NodeError(text, feed_version_id=feed_version_id, tables=lost)
        return {file.table: self.place.locate(file) for file in files}

    @contextmanager
    def damage_named(self, feed_version_ids: Iterable[int]) -> Iterator[None]:
        """Say in words that a file was spoiled, where DuckDB fails over tables of these versions.

        Raises:
            NodeError: a file is not what was written.
        """
        import duckdb

        try:
            yield
        except duckdb.Error as error:
            for version in feed_version_ids:
                if tables := self.damaged_tables(version):
                    folder = self.folder / _partition(version)
                    text = message("store.damaged_tables", version=str(version), tables=", ".join(tables), folder=folder)
                    raise NodeError(text, feed_version_id=version, tables=tables) from error
            raise

    def has_lost_files(self, feed_version_id: int) -> bool:
        """Whether files of a feed version are gone, cut short or overwritten; their hashes are checked by `damaged_tables`."""
        return bool(self.place.lost(self._catalogue.list_lake_files(feed_version_id), _partition(feed_version_id)))

    def damaged_tables(self, feed_version_id: int) -> list[str]:
        """Tables of a feed version whose files are lost or differ from what was written."""
        files = self._catalogue.list_lake_files(feed_version_id)
        return [file.table for file in files if not self.place.is_sound(file)]

    def remove_unregistered(self) -> int:
        """Remove editions that the catalogue does not name: replaced ones, and ones of killed processes; how many.

        Only for a process that is alone on the node: others may be about to register an edition, or be reading a
        replaced one.
        """
        return self.place.remove_editions("gtfs", "*/*", self._catalogue.list_lake_files())

    def sweep_bucket(self) -> int:
        """The same in the bucket, if there is one; how many files. Only for a process that is alone on the node."""
        return self.place.sweep_bucket("gtfs", self._catalogue.list_lake_files())


def _partition(feed_version_id: int) -> str:
    return f"gtfs/{feed_version_id}"


def _with_counts(reading: Reading, counts: Mapping[str, int]) -> Reading:
    return Reading(reading.is_usable, reading.valid_from, reading.valid_to, counts, reading.notices)
