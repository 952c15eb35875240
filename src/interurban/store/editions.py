"""Editions: folders of Parquet files that appear whole, named by what they hold, and never change.

A partition of the lake is written aside, flushed, moved to `<partition>/<edition>` in one step, and only then named in the catalogue.
The edition is a hash of the files, so writing the same rows again gives the same place.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from interurban.errors import Defect, NodeError
from interurban.locales import message
from interurban.store.locks import flush_file, flush_folder, sha256_of, written_aside

Writer = Callable[[Path], object]
"""Writes one table as a Parquet file at the path it is given; what it returns does not matter."""


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """One table as it was written: its file's name, SHA-256, rows and size in bytes."""

    table: str
    name: str
    sha256: str
    rows: int
    bytes: int


def write_edition(aside_folder: Path, partition: Path, writers: Mapping[str, Writer]) -> tuple[Path, list[WrittenFile]]:
    """Write tables as an edition of a partition; the folder where they lie, and the files.

    Args:
        aside_folder: where to write before the move, on the same disk.
        partition: folder of the partition; made when it is not there.
        writers: one per table; each is called once, in order, with the path to write to.

    Raises:
        NodeError: the lake cannot be written (full disk, no permission).
        Defect: a writer left no Parquet file, or a table's name is not a plain one.
    """
    try:
        with written_aside(aside_folder, is_folder=True) as aside:
            written = [_write_table(aside, table, writer) for table, writer in writers.items()]
            place = partition / _edition(written)
            if place.exists():
                _mend(place, aside, written)
            else:
                _make_folders(partition)
                flush_folder(aside)
                aside.replace(place)
            os.utime(place)  # it was made now, however long the writing took
            flush_folder(partition)
    except OSError as error:
        raise NodeError(message("store.cannot_write", path=str(partition), reason=str(error))) from error
    return place, written


def remove_editions(partitions: Path, pattern: str, named: Iterable[Path], older_than_s: float = 0) -> int:
    """Remove the editions that match `pattern` below `partitions`, are not `named`, and were made or replaced so long ago; how many."""
    kept, limit = set(named), time.time() - older_than_s
    editions = [path for path in partitions.glob(pattern) if path not in kept and path.stat().st_mtime <= limit]
    for path in editions:
        shutil.rmtree(path)
    return len(editions)


def is_sound(path: Path, sha256: str) -> bool:
    """Whether the file is there with the contents it was written with."""
    return path.is_file() and sha256_of(path) == sha256


def _make_folders(partition: Path) -> None:
    if not partition.exists():
        _make_folders(partition.parent)
        partition.mkdir(exist_ok=True)
        flush_folder(partition.parent)


def _write_table(folder: Path, table: str, writer: Writer) -> WrittenFile:
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
    return WrittenFile(table, path.name, sha256_of(path), rows, path.stat().st_size)


def _mend(place: Path, aside: Path, files: list[WrittenFile]) -> None:
    """Put files in the place of those that the disk has lost or spoiled since the same edition was written before."""
    for file in files:
        if not is_sound(place / file.name, file.sha256):
            (aside / file.name).replace(place / file.name)
    flush_folder(place)


def _edition(files: list[WrittenFile]) -> str:
    text = "".join(f"{file.table} {file.sha256}\n" for file in sorted(files, key=lambda file: file.table))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
