"""The lock of a node's watch: a node has one, and whoever is refused is told which process holds it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from interurban.errors import NodeError
from interurban.locales import message
from interurban.store.locks import file_lock, try_lock

_LOOKED_AT_S = 0.5  # somebody may just be looking whether the lock is held


@contextmanager
def watch_lock(folder: Path) -> Iterator[None]:
    """Hold the watch of the node in `folder`, alone.

    The lock is taken, and the number of the process written into it, behind a gate. So whoever is refused behind the same
    gate reads the number of the process that holds it, neither none yet nor that of an earlier one.

    Raises:
        NodeError: another process watches the node; the message has its number.
    """
    lock = _lock(folder)
    with ExitStack() as held:
        with file_lock(lock.with_suffix(".gate")):
            try:
                held.enter_context(file_lock(lock, wait_s=_LOOKED_AT_S))
            except NodeError as error:
                raise NodeError(message("watching.is_running", pid=lock.read_text(encoding="ascii") or "?")) from error
            with suppress(OSError):  # on a full disk the number stays unknown; the watch waits for room and tells
                lock.write_text(str(os.getpid()), encoding="ascii")
        yield


def is_watched(folder: Path) -> bool:
    """Whether a watch of the node in `folder` is running now; also for whoever may not write there."""
    try:
        descriptor = os.open(_lock(folder), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not try_lock(descriptor, shared=True)
    finally:
        os.close(descriptor)


def _lock(folder: Path) -> Path:
    return folder / "locks" / "watch.lock"
