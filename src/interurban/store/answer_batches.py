"""Rows of a query as Arrow batches, without an object for every value: text from the driver, read column by column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Connection, Date, Select, Text, cast, func, type_coerce

from interurban.errors import NodeError
from interurban.locales import message
from interurban.store.database import place_of
from interurban.store.schema_base import Instant

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 10_000


def batches(connection: Connection, query: Select[Any], shape: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The rows of a query in batches of `shape`, whose columns are those of the query in their order."""
    return (_of_sqlite if connection.dialect.name == "sqlite" else _of_postgresql)(connection, query, shape)


def _of_sqlite(connection: Connection, query: Select[Any], shape: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    plain = query.with_only_columns(*(_text_in_sqlite(column) for column in query.selected_columns))
    found = connection.execution_options(stream_results=True, max_row_buffer=BATCH_ROWS).execute(plain)
    for rows in found.partitions(BATCH_ROWS):
        columns = zip(*rows, strict=True)
        yield pa.record_batch([_array(values, field) for values, field in zip(columns, shape, strict=True)], schema=shape)


def _text_in_sqlite(column: Any) -> Any:
    """Dates, moments and JSON are text there; they stay so until Arrow reads them."""
    return type_coerce(column, Text).label(column.name) if isinstance(column.type, JSON | Date | Instant) else column


def _array(values: tuple[Any, ...], field: pa.Field) -> pa.Array:
    import pyarrow as pa

    if not (pa.types.is_timestamp(field.type) or pa.types.is_date(field.type)):
        return pa.array(values, field.type)
    text = pa.array(values, pa.string())
    return text.cast(pa.timestamp("us")).cast(field.type) if pa.types.is_timestamp(field.type) else text.cast(field.type)


def _of_postgresql(connection: Connection, query: Select[Any], shape: pa.Schema) -> Iterator[pa.RecordBatch]:
    """By COPY, which is several times as fast as rows: the server writes CSV, Arrow reads it."""
    import psycopg

    plain = query.with_only_columns(*(_text_in_postgresql(column) for column in query.selected_columns))
    compiled = plain.compile(connection, compile_kwargs={"render_postcompile": True})
    driver: Any = connection.connection.driver_connection
    rows: list[bytes] = []
    try:
        # COPY takes no parameters; psycopg writes them into the statement, quoted.
        with driver.cursor() as cursor, cursor.copy(f"COPY ({compiled}) TO STDOUT (FORMAT csv)", compiled.params) as copy:
            for row in copy:
                rows.append(bytes(row))
                if len(rows) == BATCH_ROWS:
                    yield _parsed(rows, shape)
                    rows = []
    except psycopg.Error as error:
        raise NodeError(message("store.database_failed", reason=str(error).strip(), place=place_of(connection.engine.url))) from error
    if rows:
        yield _parsed(rows, shape)


def _text_in_postgresql(column: Any) -> Any:
    if isinstance(column.type, Instant):
        return func.timezone("UTC", column).label(column.name)
    return cast(column, Text).label(column.name) if isinstance(column.type, JSON) else column


def _parsed(rows: list[bytes], shape: pa.Schema) -> pa.RecordBatch:
    import pyarrow as pa
    from pyarrow import csv

    without_zone = {field.name: pa.timestamp("us") if pa.types.is_timestamp(field.type) else field.type for field in shape}
    table = csv.read_csv(
        pa.py_buffer(b"".join(rows)),
        read_options=csv.ReadOptions(column_names=shape.names, block_size=1 << 28, use_threads=False),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        # An empty text is quoted, what is missing is not.
        convert_options=csv.ConvertOptions(
            column_types=without_zone, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )
    (batch,) = table.cast(shape).combine_chunks().to_batches()
    return batch
