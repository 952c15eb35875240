"""Ibis expressions as DuckDB's SQL, each compiled once: in a process, and, by what it says, on a machine.

To compile an expression takes ten times as long as to build it, and a day of a city asks for some forty: a second and a half, which a
process that reconstructs one day would pay anew. The text is kept in the user's cache beside that of plans, under a hash of all that the
expression consists of.
"""

from __future__ import annotations

import functools
import hashlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from interurban.collect.gtfs.columns import quoted
from interurban.store.plans import cache_sql, cached_sql

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.expr.operations import Node

KIND = "operations"


def sql_of(expression: ir.Table) -> str:
    """The SQL of an expression."""
    return _compiled(expression.op())


@functools.lru_cache(1024)
def _compiled(operation: Node) -> str:
    key = operation_key(operation)
    sql = cached_sql(key, KIND) if key else None
    if sql is None:
        sql = compiled(operation.to_expr())
        if key:
            cache_sql(key, sql, KIND)
    return sql


def operation_key(operation: Node) -> str | None:
    """Hash of an operation and of all below it, the same in every process; None where a table in memory is among it, which has a name of
    its own every time."""
    from ibis.expr.operations import InMemoryTable

    if operation.find(InMemoryTable):
        return None

    def digest(node: Node, _: object, **arguments: Any) -> str:
        text = repr((type(node).__qualname__, {name: _in_order(value) for name, value in arguments.items()}))
        return hashlib.sha256(text.encode()).hexdigest()

    of_operation: str = operation.map(digest)[operation]
    return hashlib.sha256(f"{_compiler()} {of_operation}".encode()).hexdigest()


def _in_order(value: object) -> object:
    """Sets have another order in every process."""
    return sorted(map(repr, value)) if isinstance(value, frozenset) else value


@functools.cache
def _compiler() -> str:
    return " ".join(f"{package} {version(package)}" for package in ("ibis-framework", "sqlglot"))


def compiled(expression: ir.Expr) -> str:
    """The SQL of an expression, compiled now."""
    from ibis.backends.sql.compilers.duckdb import compiler

    text = str(compiler.to_sqlglot(expression).sql(dialect="duckdb"))
    # DuckDB gives timestamps for a date plus an interval, and 128-bit numbers, in Arrow decimals, for a sum of whole ones, where Ibis and
    # other engines hold them for a date and for 64 bits.
    kinds = expression.as_table().schema().items()
    casts = {name: "DATE" if kind.is_date() else "BIGINT" for name, kind in kinds if kind.is_date() or kind.is_int64()}
    if not casts:
        return text
    replaced = ", ".join(f"CAST({quoted(name)} AS {kind}) AS {quoted(name)}" for name, kind in casts.items())
    return f"SELECT * REPLACE ({replaced}) FROM ({text})"
