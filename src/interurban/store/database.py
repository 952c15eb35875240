"""The catalogue's database: SQLite or PostgreSQL, opened so that several processes can use it at once."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, Row, Select, Table, create_engine, event, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, StatementError

from interurban.errors import Defect, NodeError, UsageError
from interurban.locales import message

_BUSY_TIMEOUT_MS = 60_000
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_WRITE_LOCK = 0x1E7  # number of PostgreSQL's advisory lock that one writer of ours holds at a time


class Database:
    """One database, with short transactions for reading and for writing.

    Raises:
        NodeError: the URL is neither SQLite's nor PostgreSQL's (at once), or the database cannot be used (at each
            transaction).
    """

    def __init__(self, url: str | URL) -> None:
        self.engine = _make_engine(url)
        self._writer = self.engine.execution_options(interurban_writes=True)
        # Connections are closed with this object, even when nobody closes it.
        self._closer = weakref.finalize(self, self.engine.dispose)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite; otherwise it is PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @property
    def place(self) -> str:
        """Where the database is, for people; see `place_of`."""
        return place_of(self.engine.url)

    def close(self) -> None:
        """Close the connections to the database."""
        self._closer()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads; it never waits for a writer."""
        with self._faults_named(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A transaction that only reads, all of whose queries see the database of one moment, whatever writers do meanwhile."""
        engine = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        with self._faults_named(), engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is committed whole at the end of the block, or not at all; writers come one after another.

        SQLite has one writer at a time, and one that says so at the beginning waits for its turn instead of failing in
        the middle. PostgreSQL is given the same order, so that "look, then insert" is safe on both.
        """
        with self._faults_named(), self._writer.begin() as connection:
            if not self.is_sqlite:
                connection.execute(text(f"SET LOCAL lock_timeout = {_BUSY_TIMEOUT_MS}"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})"))
            yield connection

    def rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """All rows of a query, in a transaction of its own."""
        with self.reading() as connection:
            return connection.execute(query).all()

    def first(self, query: Select[Any]) -> Row[Any] | None:
        """The first row of a query, in a transaction of its own; None when there is none."""
        with self.reading() as connection:
            return connection.execute(query.limit(1)).first()

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.DatabaseError) as error:
            reason = error.orig if isinstance(error, DBAPIError) else error
            key = "database_damaged" if getattr(reason, "sqlite_errorcode", None) in _DAMAGE else "database_failed"
            raise NodeError(message(f"store.{key}", reason=str(reason).strip(), place=self.place)) from error
        except UnicodeEncodeError as error:  # half a character, as Python holds bytes of a file's name that are no text
            raise UsageError(message("store.not_text", text=ascii(error.object))) from error
        except StatementError as error:
            raise Defect(message("store.database_failed", reason=str(error.orig), place=self.place)) from error


def place_of(url: URL) -> str:
    """A database by SQLite's file, or by server and name without what lets somebody in."""
    return str(url.database) if url.get_backend_name() == "sqlite" else f"postgresql://{url.host or ''}/{url.database or ''}"


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert many rows, all of whose columns are given: several times as fast as an INSERT with values by name."""
    if not rows:
        return
    dialect = connection.dialect
    columns = []
    for column in table.columns:
        values = [row[column.name] for row in rows]
        process = column.type.dialect_impl(dialect).bind_processor(dialect)
        columns.append(_processed(process, values) if process else values)
    names = ", ".join(dialect.identifier_preparer.format_column(column) for column in table.columns)
    places = ", ".join(["?" if dialect.name == "sqlite" else "%s"] * len(columns))
    statement = f"INSERT INTO {dialect.identifier_preparer.format_table(table)} ({names}) VALUES ({places})"
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))


def _processed(process: Callable[[Any], Any], values: list[Any]) -> list[Any]:
    """Values as the driver takes them. Rows of one table say mostly the same (a moment, a file, no parameters), so that is done once."""
    done = []
    last: Any = object()
    made = None
    for value in values:
        if not _is_same(value, last):
            last, made = value, process(value)
        done.append(made)
    return done


def _is_same(value: Any, other: Any) -> bool:
    """Whether both are written alike; 1 and 1.0, equal to Python, are not."""
    if value is other:
        return True
    if type(value) is not type(other) or value != other:
        return False
    return not isinstance(value, dict) or all(type(inner) is str for inner in value.values())


def _make_engine(url: str | URL) -> Engine:
    # Neither the URL (it may hold a password) nor the values of a statement may come out in an error or a log.
    try:
        engine = create_engine(url, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise NodeError(message("store.bad_database_url")) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif engine.dialect.name != "postgresql":
        raise NodeError(message("store.bad_database_url"))
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    # We say BEGIN ourselves: the driver would leave SELECT and DDL outside of the transaction.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("interurban_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
