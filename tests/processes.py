"""Processes that a test starts, and that do not outlive it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

MANY_KILLS = "INTERURBAN_TEST_KILLS" in os.environ
"""`make test-kills`: fifty kills, all moments of a fixed seed. The ordinary suite has a few, other ones every day."""

SEED = 20261122 if MANY_KILLS else dt.datetime.now(dt.UTC).toordinal()


def kills(few: int, many: int = 50) -> int:
    """How often a test kills: `few`, or with INTERURBAN_TEST_KILLS as often as it says, but not more than `many`."""
    return min(many, int(os.environ.get("INTERURBAN_TEST_KILLS", few)))


def end_of(process: BaseProcess, limit_s: float = 300) -> int | None:
    """The exit code of a process, which is killed if it does not end by itself within the limit."""
    process.join(limit_s)
    process.kill()
    process.join()
    return process.exitcode


@contextmanager
def none_outlives(processes: list[BaseProcess]) -> Iterator[None]:
    """Kill what is left of the processes at the end, however that comes: pytest waits for whoever lives."""
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.join()
