"""Files of a lake in a bucket as frames of Spark: a worker fetches what it reads, once, with credentials of its own.

Spark's own reader of buckets is a set of Java archives that no Python package brings; Arrow's is there wherever this package is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from interurban.errors import NodeError
from interurban.locales import message
from interurban.store.bucket import Bucket
from interurban.store.locks import written_aside
from interurban.store.plans import user_cache

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyspark.sql import DataFrame, SparkSession


def bucket_frame(session: SparkSession, bucket: Bucket, path: str) -> DataFrame:
    """The rows of a Parquet file of a bucket, a partition for each of its row groups."""
    import pyarrow.parquet as pq
    from pyspark.sql.pandas.types import from_arrow_schema

    try:
        with bucket.reading(path) as stream:
            parquet = pq.ParquetFile(stream)
            schema, groups = plain(parquet.schema_arrow), max(parquet.num_row_groups, 1)
    except FileNotFoundError as error:
        raise NodeError(message("bucket.lost", url=str(bucket), path=path), path=path) from error
    numbers = session.range(0, groups, 1, groups)
    return numbers.mapInArrow(partial(_rows, bucket, path, schema), from_arrow_schema(schema, prefer_timestamp_ntz=True))


def plain(schema: pa.Schema) -> pa.Schema:
    """A schema with the types that Spark's own reader of Parquet would give."""
    import pyarrow as pa

    return pa.schema([pa.field(field.name, _plain(field.type), field.nullable) for field in schema])


def _plain(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _plain(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(_plain(kind.value_type))
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    signed = {pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64(), pa.uint64(): pa.decimal128(20, 0)}
    return {pa.large_string(): pa.string(), **signed}.get(kind, kind)


def _rows(bucket: Bucket, path: str, schema: pa.Schema, numbers: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """On a worker: the rows of the row groups of these numbers."""
    parquet = _parquet(bucket, path)
    for batch in numbers:
        for group in batch.column("id").to_pylist():
            if group < parquet.num_row_groups:
                yield from parquet.read_row_group(group).cast(schema).to_batches()


def _parquet(bucket: Bucket, path: str) -> pq.ParquetFile:
    """The worker's copy of a file; files of a lake never change, so a copy serves every later question."""
    import pyarrow.parquet as pq

    folder = user_cache() / "lake" / bucket.identity
    copy = folder / path
    if not copy.exists():
        _copy(bucket, path, folder, copy)
    return pq.ParquetFile(copy)


def _copy(bucket: Bucket, path: str, folder: Path, copy: Path) -> None:
    try:
        for made in (folder / "tmp", copy.parent):
            made.mkdir(parents=True, exist_ok=True, mode=0o700)
        with written_aside(folder / "tmp") as aside:
            if not bucket.fetch(path, aside):
                raise NodeError(message("bucket.lost", url=str(bucket), path=path), path=path)
            aside.replace(copy)
    except OSError as error:
        raise NodeError(message("store.cannot_write", path=str(copy), reason=str(error))) from error
