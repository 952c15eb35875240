"""Rows of data, as all formats write them: Arrow batches with one column for each component that is shown.

Columns are named as the components. Texts and codes are strings, numbers are numbers, moments are ISO 8601 texts in UTC. Where changes are
asked for a column ACTION says of each row what it does: "R" is the answer from LAST_UPDATE on, "D" takes it away. Rows of one series follow
each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from interurban.exchange.sdmx.artefacts import DataStructure, Role
from interurban.exchange.sdmx.data_query import ALL_DIMENSIONS, DataQuery

if TYPE_CHECKING:
    import pyarrow as pa

ACTION = "ACTION"


def _nothing() -> None:
    """Nothing is to be closed."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a structure: `shown` are the measures and attributes among the columns, `has_actions` whether ACTION is one.

    `close` lets go of what the rows come from; whoever does not read them to the end calls it.
    """

    structure: DataStructure
    shown: tuple[str, ...]
    has_actions: bool
    batches: Iterable[pa.RecordBatch]
    close: Callable[[], None] = _nothing

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Ids of the dimensions, time the last."""
        return tuple(each.id for each in self.structure.dimensions)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns of components: dimensions, then what is shown."""
        return (*self.dimensions, *self.shown)

    def series_dimensions(self, at_observation: str) -> tuple[str, ...]:
        """The dimensions that name a series when observations stand along one of them; none when they stand for themselves."""
        return () if at_observation == ALL_DIMENSIONS else tuple(each for each in self.dimensions if each != at_observation)


def mapped(column: pa.Array, change: Callable[[str], str]) -> pa.Array:
    """A column of texts with each different text changed once."""
    import pyarrow as pa

    encoded = column.dictionary_encode()
    changed = [None if each is None else change(each) for each in encoded.dictionary.to_pylist()]
    return pa.array(changed, pa.string()).take(encoded.indices)


def moments(column: pa.Array) -> pa.Array:
    """A column of moments as ISO 8601 texts in UTC, to the microsecond."""
    import pyarrow.compute as pc

    encoded = column.dictionary_encode()
    return pc.strftime(encoded.dictionary, format="%Y-%m-%dT%H:%M:%SZ").take(encoded.indices)


def first_and_last(rows: Rows, query: DataQuery) -> Iterator[pa.RecordBatch]:
    """At most `first_n` observations from the beginning of each series and `last_n` from its end, then offset and limit."""
    kept = (_ends(series, query) for series in series_tables(rows.batches, rows.dimensions[:-1]))
    skip, left = query.offset, query.limit
    for table in kept:
        piece = table.slice(skip, left)
        skip = max(0, skip - table.num_rows)
        left = None if left is None else left - piece.num_rows
        yield from piece.to_batches()
        if left == 0:
            return


def series_tables(batches: Iterable[pa.RecordBatch], key: tuple[str, ...]) -> Iterator[pa.Table]:
    """One table for each run of rows with the same key; a series that goes on over several batches is one run."""
    import pyarrow as pa

    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        for start, end in runs(batch, key):
            piece = batch.slice(start, end - start)
            if waiting and not _same_key(waiting[-1], piece, key):
                yield pa.Table.from_batches(waiting)
                waiting = []
            waiting.append(piece)
    if waiting:
        yield pa.Table.from_batches(waiting)


def runs(batch: pa.RecordBatch, key: tuple[str, ...]) -> list[tuple[int, int]]:
    """First row and the row after the last of every run of rows with the same values of the columns `key`."""
    import numpy as np

    if not batch.num_rows:
        return []
    changes = np.zeros(batch.num_rows - 1, bool)
    for name in key:
        codes = batch.column(name).dictionary_encode().indices.to_numpy(zero_copy_only=False)
        changes |= codes[1:] != codes[:-1]
    places = [0, *(np.flatnonzero(changes) + 1).tolist(), batch.num_rows]
    return list(itertools.pairwise(places))


def _same_key(one: pa.RecordBatch, other: pa.RecordBatch, key: tuple[str, ...]) -> bool:
    return all(one.column(name)[0] == other.column(name)[0] for name in key)


def _ends(series: pa.Table, query: DataQuery) -> pa.Table:
    import pyarrow as pa

    first, last, length = query.first_n, query.last_n, series.num_rows
    if first is not None and last is not None and first + last < length:
        return pa.concat_tables([series.slice(0, first), series.slice(length - last)])
    if first is not None and last is None:
        return series.slice(0, first)
    if last is not None and first is None:
        return series.slice(max(0, length - last))
    return series


def measures_of(structure: DataStructure) -> tuple[str, ...]:
    """Ids of the measures."""
    return tuple(each.id for each in structure.of(Role.MEASURE))
