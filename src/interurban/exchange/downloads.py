"""Data as files for spreadsheets and programs: plain CSV and Parquet, written piece by piece."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from interurban.exchange.sdmx.rows import Rows, mapped
from interurban.exchange.sdmx.structures import Structures
from interurban.indicators.submissions.text_table import guarded

if TYPE_CHECKING:
    import pyarrow as pa

PARQUET = "application/vnd.apache.parquet"
_ROW_GROUP = 100_000
_NAMED = ("REF_AREA", "INDICATOR", "MODE", "FEED", "FEED_METRIC")


def write_plain_csv(rows: Rows, structures: Structures, language: str) -> Iterator[bytes]:
    """A CSV file of the components, with the names of cities, indicators and modes beside their codes.

    It begins with a mark of UTF-8, without which spreadsheet programs misread Russian and Chinese, and no text in it is a formula to them.
    """
    from pyarrow import csv as arrow_csv

    how = arrow_csv.WriteOptions(include_header=False, batch_size=10_000)
    names = _column_names(rows)
    yield ("\ufeff" + ",".join(names) + "\n").encode()
    for batch in _batches(rows, structures, language):
        sink = io.BytesIO()
        arrow_csv.write_csv(_guarded(batch), sink, how)
        yield sink.getvalue()


def write_parquet(rows: Rows, structures: Structures, language: str) -> Iterator[bytes]:
    """A Parquet file of the same columns, with the structure named in its metadata."""
    return parquet_of(_batches(rows, structures, language), {"structure": rows.structure.reference.urn, "language": language})


def parquet_of(batches: Iterable[pa.RecordBatch], about: Mapping[str, str]) -> Iterator[bytes]:
    """A Parquet file of the batches, of which there is one at least, piece by piece; `about` stands in its metadata."""
    import pyarrow as pa
    from pyarrow import parquet

    sink = _Taken()
    writer = None
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        if writer is None:
            writer = parquet.ParquetWriter(pa.PythonFile(sink, mode="w"), batch.schema.with_metadata(dict(about)), compression="zstd")
        waiting.append(batch)
        if sum(each.num_rows for each in waiting) >= _ROW_GROUP:
            writer.write_table(pa.Table.from_batches(waiting).replace_schema_metadata(writer.schema.metadata))
            waiting = []
            yield sink.take()
    if writer is not None:
        if waiting:
            writer.write_table(pa.Table.from_batches(waiting).replace_schema_metadata(writer.schema.metadata))
        writer.close()
        yield sink.take()


def _guarded(batch: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa

    columns = [mapped(column, guarded) if pa.types.is_string(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _column_names(rows: Rows) -> list[str]:
    names: list[str] = []
    for component in rows.columns:
        names += [component, f"{component}_NAME"] if component in _NAMED else [component]
    return names


def _batches(rows: Rows, structures: Structures, language: str) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    listed = {each.id: each.codelist for each in rows.structure.components if each.id in _NAMED}
    names = {
        component: {item.id: item.names[language] for item in structures.codelist(codelist).items} for component, codelist in listed.items()
    }
    for batch in rows.batches:
        columns: list[pa.Array] = []
        for component in rows.columns:
            column = batch.column(component)
            columns.append(column)
            if component in names:
                columns.append(mapped(column, lambda code, known=names[component]: known.get(code, code)))  # type: ignore[misc]
        if batch.num_rows:
            yield pa.RecordBatch.from_arrays(columns, names=_column_names(rows))


class _Taken(io.RawIOBase):
    """A file that only grows, whose bytes are taken away as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        piece = bytes(content)  # type: ignore[call-overload]
        self._pieces.append(piece)
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._size

    def take(self) -> bytes:
        """What has come since the last call."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
