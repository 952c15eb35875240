"""Sorted rows cut into tables in which every group is whole: what a function over groups gets, on any engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK_ROWS = 500_000


def whole_groups(batches: Iterable[pa.RecordBatch], by: Sequence[str], chunk_rows: int) -> Iterator[pa.Table]:
    """Tables of about `chunk_rows` rows, cut only where the values of `by` change.

    Args:
        batches: Rows in the order of `by`; NULL is a value like others.
        by: Columns that make a group.
        chunk_rows: Rows at which a table is given out; one group with more rows stays one table.
    """
    import pyarrow as pa

    gathered: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        gathered.append(batch)
        rows += batch.num_rows
        if rows < chunk_rows:
            continue
        table = pa.Table.from_batches(gathered).combine_chunks()
        cut = _start_of_last_group(table, by)
        if cut:
            yield table.slice(0, cut)
        gathered = table.slice(cut).to_batches()
        rows -= cut
    if rows:
        yield pa.Table.from_batches(gathered).combine_chunks()


def _start_of_last_group(table: pa.Table, by: Sequence[str]) -> int:
    """Row with which the group of the last row begins."""
    import numpy as np
    import pyarrow.compute as pc

    differs = np.zeros(table.num_rows, dtype=bool)
    for name in by:
        column, last = table[name], table[name][-1]
        same = pc.fill_null(pc.equal(column, last), False) if last.is_valid else pc.is_null(column)
        differs |= ~same.to_numpy()
    others = np.flatnonzero(differs)
    return int(others[-1]) + 1 if len(others) else 0
