"""Where the files of a lake lie: in a folder, or in a bucket with the folder before it, which then holds copies.

Files never change once they have their place, so a copy is as good as the original. What the catalogue does not name does not exist for a
reader; a file is in the bucket before the catalogue can name it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeVar

from interurban.errors import NodeError
from interurban.locales import message
from interurban.model.feed_version import LakeFile
from interurban.model.realtime import DayFile
from interurban.store.bucket import AT_ONCE, Bucket
from interurban.store.editions import Writer, WrittenFile, is_sound, remove_editions, write_edition
from interurban.store.locks import remove_leftovers, sha256_of, written_aside

SWEEP_EVERY_S = 86_400
"""How often a bucket is asked what it holds that nobody names."""


_MARK = b"PAR1"

Kept = LakeFile | DayFile
"""A file as the catalogue names it."""
File = TypeVar("File", LakeFile, DayFile)


class LakeFolder:
    """The files of a lake below `path`; with a `bucket` they are kept there, and `path` may be emptied at any time."""

    def __init__(self, path: Path, bucket: Bucket | None = None) -> None:
        self.path = path
        self.bucket = bucket
        self._aside = path / "tmp"
        self._aside.mkdir(parents=True, exist_ok=True)

    def write(self, partition: str, writers: Mapping[str, Writer]) -> tuple[str, list[WrittenFile]]:
        """Write tables as an edition of a partition; the edition's folder relative to the lake, and its files. See `write_edition`.

        Raises:
            NodeError: the lake cannot be written (full disk, no permission, no way to the bucket).
            Defect: a writer left no Parquet file, or a table's name is not a plain one.
        """
        place, written = write_edition(self._aside, self.path / partition, writers)
        edition = str(place.relative_to(self.path))
        if self.bucket is not None:
            self.bucket.put(self.path, [f"{edition}/{file.name}" for file in written])
        return edition, written

    def bring(self, files: Sequence[File]) -> list[File]:
        """Have files in the folder, fetching those that are whole in the bucket only; the ones that are so in neither.

        Raises:
            NodeError: the bucket cannot be read, or holds a file with other contents than were written.
        """
        absent = [file for file in files if not _is_whole(self.locate(file), file.bytes)]
        if not absent or self.bucket is None:
            return absent
        fetch = partial(self._fetch, self.bucket)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return [file for file, found in zip(absent, pool.map(fetch, absent), strict=True) if not found]

    def locate(self, file: Kept) -> Path:
        """Where a file lies, or would."""
        return self.path / file.path

    def lost(self, files: Sequence[File], below: str) -> list[File]:
        """Those of the files of the folder `below` that are gone from where they are kept, cut short or overwritten."""
        if self.bucket is not None and files:
            there = self.bucket.list(below)
            return [file for file in files if file.path not in there or there[file.path] != file.bytes]
        return [file for file in files if not _is_whole(self.locate(file), file.bytes)]

    def is_sound(self, file: Kept) -> bool:
        """Whether a file is where it is kept, with the contents it was written with."""
        if self.bucket is not None:
            return self.bucket.sha256_of(file.path) == file.sha256
        return is_sound(self.locate(file), file.sha256)

    def touch(self, files: Iterable[Kept]) -> None:
        """Count the time for which replaced files stay from now on."""
        for folder in {self.locate(file).parent for file in files}:
            with suppress(FileNotFoundError):
                os.utime(folder)

    def remove_leftovers(self) -> int:
        """Remove half-written partitions of processes that were killed; how many there were."""
        return remove_leftovers(self._aside)

    def remove_editions(self, partitions: str, pattern: str, named: Iterable[Kept], older_than_s: float = 0) -> int:
        """Remove the editions that match `pattern` below the folder `partitions`, are not `named`, and were made or replaced so long ago.

        Returns:
            How many there were in the folder.
        """
        return remove_editions(self.path / partitions, pattern, {self.locate(file).parent for file in named}, older_than_s)

    def sweep_bucket(self, below: str, named: Iterable[Kept]) -> int:
        """Remove from the folder `below` of the bucket what is not `named`; how many objects.

        Only for a process that is alone on the node: others may be about to register an edition, or be reading a replaced one.
        """
        if self.bucket is None:
            return 0
        gone = set(self.bucket.list(below)) - {file.path for file in named}
        self.bucket.remove(gone)
        return len(gone)

    def is_sweep_due(self) -> bool:
        """Whether the bucket has not been swept for a day; then it counts as swept from now on."""
        if self.bucket is None:
            return False
        mark = self.path / "swept"
        if mark.exists() and time.time() - mark.stat().st_mtime < SWEEP_EVERY_S:
            return False
        mark.touch()
        return True

    def _fetch(self, bucket: Bucket, file: Kept) -> bool:
        place = self.locate(file)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with written_aside(self._aside) as aside:
                if not bucket.fetch(file.path, aside):
                    return False
                if sha256_of(aside) != file.sha256:
                    raise NodeError(message("bucket.spoiled", url=str(bucket), path=file.path), path=file.path)
                aside.replace(place)
        except OSError as error:
            raise NodeError(message("store.cannot_write", path=str(place), reason=str(error))) from error
        return True


def _is_whole(path: Path, size_bytes: int) -> bool:
    """Whether a Parquet file is there from its first mark to its last; only its hash tells what lies between."""
    try:
        with path.open("rb") as file:
            begins = file.read(len(_MARK))
            file.seek(max(0, size_bytes - len(_MARK)))
            return begins == _MARK == file.read()
    except FileNotFoundError:
        return False
