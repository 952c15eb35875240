"""Engines: what runs metric expressions over tables.

Metrics are Ibis expressions and do not know what runs them. `Engine` is all that an engine can be asked; this module has the embedded
one, DuckDB, and `store/spark.py` the one for a cluster.
"""

from __future__ import annotations

import functools
import itertools
import os
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from interurban.collect.gtfs.columns import literal, quoted
from interurban.errors import Defect
from interurban.store.compiled import compiled, sql_of
from interurban.store.groups import CHUNK_ROWS, whole_groups
from interurban.store.plans import Named, Plan, cache_sql, cached_sql, has_plans

if TYPE_CHECKING:
    import duckdb
    import ibis.expr.types as ir
    import pyarrow as pa
    from ibis.expr.datatypes import DataType

    from interurban.store.lake_folder import LakeFolder

OfGroups = Callable[["pa.Table"], "pa.Table"]
"""Takes whole groups of rows as an Arrow table and gives another one; pure, and known to `pickle` by its module and name, because the
machines of a cluster import it: what else it needs comes through `functools.partial`."""


class Engine(Protocol):
    """Tables by name, and what can be asked about them. Expressions are Ibis tables; moments, dates and keys keep their types."""

    def tables(self) -> Mapping[str, ir.Table]:
        """All tables as expressions."""

    def table(self, name: str) -> ir.Table:
        """The table `name` as an expression; `Defect` when there is none."""

    def run(self, what: ir.Table | Plan) -> pa.Table:
        """The rows of an expression or plan."""

    def rows(self, what: ir.Table | Plan) -> list[dict[str, Any]]:
        """The rows of a small expression or plan as dictionaries."""

    def keep(self, expression: ir.Table) -> ir.Table:
        """Compute an expression once and give it back as a table that others can read."""

    def keep_as(self, name: str, what: ir.Table | Plan) -> Named:
        """Compute an expression or plan once, as the table `name`, in place of one of that name."""

    def add(self, name: str, table: pa.Table) -> ir.Table:
        """Make the table `name` from Arrow, in place of one of that name."""

    def write(self, expression: ir.Table, path: Path) -> None:
        """Write the rows of an expression as one Parquet file, in the order of the expression if it has one."""

    def map_groups(
        self, expression: ir.Table, by: Sequence[str], order_by: Sequence[str], function: OfGroups, schema: pa.Schema
    ) -> ir.Table:
        """What `function` makes of the rows of an expression, as a table that others can read.

        Args:
            expression: The rows.
            by: Columns that make a group; a group is never cut. NULL is a value like others.
            order_by: Order of the rows of a group. Rows come sorted by `by`, then by this, NULL first.
            function: Called with tables of many whole groups, at the same time on several threads or machines.
            schema: Columns of what `function` returns, to which its types are cast.
        """

    def close(self) -> None:
        """Let go of what was kept."""


BATCH_ROWS = 245_760  # two of DuckDB's row groups


class Engines(Protocol):
    """Where engines come from: this process, or a cluster.

    `reads_bucket`: files of a lake in a bucket are read from there; they need not be in the lake's folder.
    """

    reads_bucket: bool

    def open_parquet(self, partitions: Mapping[int, Mapping[str, Path]]) -> Engine:
        """An engine over the tables of one or more feed versions; see the function of this name."""

    def open_files(self, files: Mapping[str, Sequence[Path]]) -> Engine:
        """An engine over tables that lie in Parquet files; see the function of this name."""


class DuckEngine:
    """Runs expressions on a DuckDB connection.

    Expressions are built on unbound tables and compiled here: binding them to Ibis' own DuckDB backend would import pandas and
    half a second of start-up for nothing.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._known: dict[str, list[tuple[str, str]]] | None = None  # schemas, as long as no expression is kept

    def table(self, name: str) -> ir.Table:
        """The table or view `name` as an expression."""
        schema = self.schemas(name).get(name)
        if schema is None:
            raise Defect(f"no table {name!r} in this feed version", table=name)
        return _unbound(name, schema)

    def tables(self) -> dict[str, ir.Table]:
        """All tables and views as expressions."""
        return {name: _unbound(name, schema) for name, schema in self.schemas().items()}

    def schemas(self, name: str | None = None) -> dict[str, list[tuple[str, str]]]:
        """Columns and their types of every table and view, or of the one of a name."""
        found: dict[str, list[tuple[str, str]]] = {}
        rows = self.con.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal AND coalesce(table_name = $name, true)"
            " ORDER BY table_name, column_index",
            {"name": name},
        )
        for table, column, kind in rows.fetchall():
            found.setdefault(table, []).append((column, kind))
        return found

    def run(self, what: ir.Table | Plan) -> pa.Table:
        """The rows of an expression or plan."""
        return self.con.sql(self._sql(what)).to_arrow_table()

    def rows(self, what: ir.Table | Plan) -> list[dict[str, Any]]:
        """The rows of a small expression or plan as dictionaries."""
        result = self.con.execute(self._sql(what))
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def keep(self, expression: ir.Table) -> ir.Table:
        """Compute an expression once and give it back as a table that others can read."""
        name = self._new_name()
        self.con.execute(f"CREATE TEMP TABLE {name} AS {sql_of(expression)}")
        self._known = None
        return self.table(name)

    def keep_as(self, name: str, what: ir.Table | Plan) -> Named:
        """Compute an expression or plan once, as the table `name`, in place of one of that name."""
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {self._sql(what)}")
        if self._known is not None:  # to look all of them up again takes longer than a small query
            columns = self.con.execute(f"SELECT name, type FROM pragma_table_info({literal(quoted(name))})")
            self._known[name] = columns.fetchall()
        return Named(name)

    def add(self, name: str, table: pa.Table) -> ir.Table:
        """Make the table `name` from Arrow, in place of one of that name."""
        self.con.register("arriving", table)
        try:
            self.con.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT * FROM arriving")
        finally:
            self.con.unregister("arriving")
        self._known = None
        return self.table(name)

    def write(self, expression: ir.Table, path: Path) -> None:
        """Write the rows of an expression as one Parquet file, in the order of the expression if it has one."""
        # Dictionaries of keys and moments, which hardly repeat, are a third of the work of writing, and make files no smaller.
        form = "FORMAT parquet, COMPRESSION zstd, DICTIONARY_SIZE_LIMIT 4096"
        self.con.execute(f"COPY ({sql_of(expression)}) TO {literal(str(path))} ({form})")

    def map_groups(
        self, expression: ir.Table, by: Sequence[str], order_by: Sequence[str], function: OfGroups, schema: pa.Schema
    ) -> ir.Table:
        """What `function` makes of the rows of an expression; see `Engine.map_groups`.

        Rows are streamed, so that beside the result only a few chunks are in memory, one per processor.
        """
        import pyarrow as pa

        order = ", ".join(f"{quoted(column)} ASC NULLS FIRST" for column in [*by, *order_by])
        rows = self.con.sql(f"SELECT * FROM ({sql_of(expression)}) ORDER BY {order}").to_arrow_reader(BATCH_ROWS)
        made = _at_the_same_time(function, whole_groups(rows, by, CHUNK_ROWS))
        parts = [table.select(schema.names).cast(schema) for table in made]
        return self.add(self._new_name(), pa.concat_tables(parts) if parts else empty(schema))

    def close(self) -> None:
        """Close the connection and with it all that was kept."""
        self.con.close()

    def _new_name(self) -> str:
        """A name that no table of the database has: the same for the same work, so that it is compiled once."""
        numbers = "SELECT count(*) FROM duckdb_tables() WHERE table_name SIMILAR TO 'kept_[0-9]+'"
        return f"kept_{self.con.execute(numbers).fetchall()[0][0] + 1}"

    def _sql(self, what: ir.Table | Plan) -> str:
        if not isinstance(what, Plan):
            return sql_of(what)
        self._known = self._known or self.schemas()
        key = what.key(self._known)
        sql = cached_sql(key)
        if sql is None:
            sql = compiled(what.expression(self.tables()))
            cache_sql(key, sql)
        return sql


def open_parquet(partitions: Mapping[int, Mapping[str, Path]]) -> DuckEngine:
    """An engine over the tables of one or more feed versions, each table the union of theirs.

    Keys are unique over the versions of a node, so the union is one feed. Only `route_id`, the publisher's, may be the same for
    different routes of two feeds: with several versions the version's number stands before it.
    """
    con = connect()
    for name in sorted({table for files in partitions.values() for table in files}):
        parts = []
        for version, files in partitions.items():
            if name in files:
                renamed = f" REPLACE ('{version}:' || route_id AS route_id)" if name == "routes" and len(partitions) > 1 else ""
                parts.append(f"SELECT *{renamed} FROM read_parquet({literal(str(files[name]))})")
        con.execute(f"CREATE VIEW {quoted(name)} AS {' UNION ALL BY NAME '.join(parts)}")
    return DuckEngine(con)


def open_files(files: Mapping[str, Sequence[Path]]) -> DuckEngine:
    """An engine over tables that lie in Parquet files, each table the union of its files by the names of their columns.

    A table without files is not there.
    """
    con = connect()
    for name, paths in files.items():
        if paths:
            listed = ", ".join(literal(str(path)) for path in paths)
            con.execute(f"CREATE VIEW {quoted(name)} AS SELECT * FROM read_parquet([{listed}], union_by_name = true)")
    return DuckEngine(con)


class Embedded:
    """Engines of this process: DuckDB."""

    reads_bucket = False

    def open_parquet(self, partitions: Mapping[int, Mapping[str, Path]]) -> DuckEngine:
        """An engine over the tables of one or more feed versions."""
        return open_parquet(partitions)

    def open_files(self, files: Mapping[str, Sequence[Path]]) -> DuckEngine:
        """An engine over tables that lie in Parquet files."""
        return open_files(files)


def open_engines(url: str = "duckdb", lake: LakeFolder | None = None) -> Engines:
    """Engines by their URL: "duckdb" in this process, "spark://host:port" on a cluster, "local[2]" for Spark in this process.

    Args:
        url: The URL.
        lake: The lake whose files will be read, `node.lake.place`; workers of a cluster read those of a bucket themselves.

    Raises:
        UsageError: what a cluster needs is not installed, the URL is no such URL, or nobody answers there.
    """
    if url == "duckdb":
        return Embedded()
    from interurban.store.spark import Cluster

    return Cluster(url, lake)


def connect(memory_limit: str = "3GB") -> duckdb.DuckDBPyConnection:
    """A database in memory. What does not fit spills to a folder that it makes when it must and removes at the end."""
    import duckdb

    spill = Path(tempfile.gettempdir()) / f"interurban-{secrets.token_hex(8)}"  # by default it were in the working folder
    return duckdb.connect(config={"memory_limit": memory_limit, "temp_directory": str(spill)})


def empty(schema: pa.Schema) -> pa.Table:
    """A table without rows; `schema.empty_table()` would load pandas, a third of a second, for nothing."""
    import pyarrow as pa

    return pa.Table.from_batches([], schema=schema)


def _at_the_same_time(function: OfGroups, tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """`map`, on as many threads as there are processors, in order, and never further ahead than that."""
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        running = [pool.submit(function, table) for table in itertools.islice(tables, workers)]
        while running:
            yield running.pop(0).result()
            running += [pool.submit(function, table) for table in itertools.islice(tables, 1)]


def warm_up() -> None:
    """Load Ibis and its compiler in a thread of their own, unless compiled plans are at hand.

    That takes longer than reading a small feed, and reading leaves the interpreter free most of the time.
    """
    threading.Thread(target=_compile_something, daemon=True).start()


def _compile_something() -> None:
    if has_plans():  # what that takes to know, a hash of our code, is worth a thread, too
        return
    import ibis

    compiled(ibis.table({"a": "int64"}, name="t").filter(lambda t: t.a > 0))


def _unbound(name: str, schema: Sequence[tuple[str, str]]) -> ir.Table:
    import ibis

    return ibis.table({column: _type(kind) for column, kind in schema}, name=name)


@functools.cache
def _type(kind: str) -> DataType:
    """The type that DuckDB writes so; the same few are asked for thousands of times, and each is parsed as SQL."""
    from ibis.backends.sql.datatypes import DuckDBType

    return DuckDBType.from_string(kind)
