"""The engine: runs metric expressions over the tables of a feed version.

Metrics are Ibis expressions and do not know what runs them. This module is the embedded engine, DuckDB.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from interurban.collect.gtfs.columns import literal, quoted
from interurban.errors import Defect
from interurban.store.plans import Named, Plan, cache_sql, cached_sql, has_plans

if TYPE_CHECKING:
    import duckdb
    import ibis.expr.types as ir
    import pyarrow as pa


# Of one process: several engines may share a database.
_numbers = itertools.count(1)


class DuckEngine:
    """Runs expressions on a DuckDB connection.

    Expressions are built on unbound tables and compiled here: binding them to Ibis' own DuckDB backend would import pandas and
    half a second of start-up for nothing.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self._known: dict[str, list[tuple[str, str]]] | None = None  # schemas, as long as nothing is kept

    def table(self, name: str) -> ir.Table:
        """The table or view `name` as an expression."""
        found = self.tables().get(name)
        if found is None:
            raise Defect(f"no table {name!r} in this feed version", table=name)
        return found

    def tables(self) -> dict[str, ir.Table]:
        """All tables and views as expressions."""
        import ibis
        from ibis.backends.sql.datatypes import DuckDBType

        return {
            name: ibis.table({column: DuckDBType.from_string(kind) for column, kind in schema}, name=name)
            for name, schema in self.schemas().items()
        }

    def schemas(self) -> dict[str, list[tuple[str, str]]]:
        """Columns and their types of every table and view."""
        found: dict[str, list[tuple[str, str]]] = {}
        rows = self.con.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index"
        )
        for name, column, kind in rows.fetchall():
            found.setdefault(name, []).append((column, kind))
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
        name = f"kept_{next(_numbers)}"
        self.con.execute(f"CREATE TEMP TABLE {name} AS {_sql(expression)}")
        self._known = None
        return self.table(name)

    def keep_as(self, name: str, what: Plan) -> Named:
        """Compute a plan once, as the table `name`."""
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {self._sql(what)}")
        self._known = None
        return Named(name)

    def _sql(self, what: ir.Table | Plan) -> str:
        if not isinstance(what, Plan):
            return _sql(what)
        self._known = self._known or self.schemas()
        key = what.key(self._known)
        sql = cached_sql(key)
        if sql is None:
            sql = _sql(what.expression(self.tables()))
            cache_sql(key, sql)
        return sql


def open_parquet(partitions: Mapping[int, Mapping[str, Path]]) -> DuckEngine:
    """An engine over the tables of one or more feed versions, each table the union of theirs.

    Keys are unique over the versions of a node, so the union is one feed. Only `route_id`, the publisher's, may be the same for
    different routes of two feeds: with several versions the version's number stands before it.
    """
    import duckdb

    con = duckdb.connect(config={"memory_limit": "3GB"})
    for name in sorted({table for files in partitions.values() for table in files}):
        parts = []
        for version, files in partitions.items():
            if name in files:
                renamed = f" REPLACE ('{version}:' || route_id AS route_id)" if name == "routes" and len(partitions) > 1 else ""
                parts.append(f"SELECT *{renamed} FROM read_parquet({literal(str(files[name]))})")
        con.execute(f"CREATE VIEW {quoted(name)} AS {' UNION ALL BY NAME '.join(parts)}")
    return DuckEngine(con)


def warm_up() -> None:
    """Load Ibis and its compiler in a thread of their own, unless compiled plans are at hand.

    That takes longer than reading a small feed, and reading leaves the interpreter free most of the time.
    """
    if not has_plans():
        threading.Thread(target=_compile_something, daemon=True).start()


def _compile_something() -> None:
    import ibis

    _sql(ibis.table({"a": "int64"}, name="t").filter(lambda t: t.a > 0))


def _sql(expression: ir.Table) -> str:
    from ibis.backends.sql.compilers.duckdb import compiler

    text = str(compiler.to_sqlglot(expression).sql(dialect="duckdb"))
    # DuckDB gives timestamps for a date plus an interval where Ibis, and other engines, hold it for a date.
    dates = [name for name, kind in expression.schema().items() if kind.is_date()]
    if not dates:
        return text
    casts = ", ".join(f"CAST({quoted(name)} AS DATE) AS {quoted(name)}" for name in dates)
    return f"SELECT * REPLACE ({casts}) FROM ({text})"
