"""Whether the node's disk has room: a watch stops accepting while a little is left, so that the catalogue can still be written."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

KEEP_FREE_BYTES = 64 << 20
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def free_bytes(folder: Path) -> int:
    """Bytes that may still be written where `folder` lies."""
    return shutil.disk_usage(folder).free


class Space:
    """Room on the disk of `folder`. `is_full` from when less than `keep_bytes` are free until there is room again."""

    def __init__(self, folder: Path, keep_bytes: int = KEEP_FREE_BYTES, free: Callable[[Path], int] = free_bytes) -> None:
        self._folder = folder
        self._keep_bytes = keep_bytes
        self._free = free
        self.is_full = False

    def look(self) -> bool:
        """Look anew; whether `is_full` has changed."""
        before, self.is_full = self.is_full, self._free(self._folder) < self._keep_bytes
        return before != self.is_full

    def heed(self, error: OSError) -> bool:
        """Take notice of an error in writing; whether it says that the disk is full."""
        self.is_full = self.is_full or error.errno in _FULL
        return error.errno in _FULL
