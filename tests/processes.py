"""Processes that a test starts, and that do not outlive it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess


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
