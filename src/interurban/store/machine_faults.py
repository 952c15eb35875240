"""What is raised where the machine, not a query or a feed, is at fault."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from interurban.errors import NodeError
from interurban.locales import message


@contextmanager
def duck_faults_named() -> Iterator[None]:
    """Say in words that DuckDB found no room on a disk or in memory, or a file that cannot be read.

    Does not load DuckDB: where it is not loaded nothing of it was raised.

    Raises:
        NodeError: engine_failed.
    """
    try:
        yield
    except Exception as error:
        duckdb = sys.modules.get("duckdb")
        if duckdb is None or not isinstance(error, (duckdb.IOException, duckdb.OutOfMemoryException)):
            raise
        raise NodeError(message("store.engine_failed", reason=str(error))) from error


@contextmanager
def disk_faults_named(*places: object) -> Iterator[None]:
    """Say in words that a file could not be read or written; a fault that names no file is at one of `places`.

    Raises:
        NodeError: cannot_write.
    """
    try:
        yield
    except OSError as error:
        path = error.filename or ", ".join(map(str, places))
        raise NodeError(message("store.cannot_write", path=path, reason=error.strerror or str(error)), path=str(path)) from error
