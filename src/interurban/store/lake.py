"""The lake: typed tables as Parquet, a folder per feed version.

`lake/gtfs/<feed version>/<edition>/<table>.parquet`, where the edition is a hash of the partition's contents. A
partition is written aside, flushed, moved to its place in one step, and only then named in the catalogue, in one
transaction. What the catalogue does not name does not exist for a reader, so a partition is replaced whole, from one
moment to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from interurban.errors import NodeError, NotFound
from interurban.locales import message
from interurban.model.feed_version import FeedVersion, LakeFile
from interurban.store.catalogue import Catalogue, Reading
from interurban.store.editions import Writer, is_sound, remove_editions, write_edition
from interurban.store.locks import remove_leftovers

__all__ = ["Lake", "Writer"]


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
        place, written = write_edition(self._aside, self._partitions / str(feed_version_id), writers)
        folder = place.relative_to(self.folder)
        files = [LakeFile(feed_version_id, f.table, str(folder / f.name), f.sha256, f.rows, f.bytes) for f in written]
        counts = {**reading.counts, **{file.table: file.rows for file in files}}
        return self._catalogue.record_reading(feed_version_id, _with_counts(reading, counts), files)

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
        return [file.table for file in files if not is_sound(self.folder / file.path, file.sha256)]

    def remove_leftovers(self) -> int:
        """Remove half-written partitions of processes that were killed; how many there were."""
        return remove_leftovers(self._aside)

    def remove_unregistered(self) -> int:
        """Remove editions that the catalogue does not name: replaced ones, and ones of killed processes; how many.

        Only for a process that is alone on the node: others may be about to register an edition, or be reading a
        replaced one.
        """
        named = {(self.folder / file.path).parent for file in self._catalogue.list_lake_files()}
        return remove_editions(self._partitions, "*/*", named)


def _with_counts(reading: Reading, counts: Mapping[str, int]) -> Reading:
    return Reading(reading.is_usable, reading.valid_from, reading.valid_to, counts, reading.notices)
