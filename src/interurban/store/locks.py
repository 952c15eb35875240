"""Locks between processes, and files written aside: what makes a node safe to kill and to share.

Locks are `flock`: the system lets go of them when their process ends, however it ends, so none is ever left behind.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interurban.errors import NodeError
from interurban.locales import message

_POLL_S = 0.02


@contextmanager
def file_lock(path: Path, *, shared: bool = False, wait_s: float = 600) -> Iterator[None]:
    """Hold the lock file `path`, alone or shared with others who ask for it shared.

    Raises:
        NodeError: another process still holds it after `wait_s` seconds, or the file cannot be written; `fields` has `path`.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise NodeError(message("store.cannot_write", path=str(path), reason=error.strerror), path=str(path)) from error
    try:
        deadline = time.monotonic() + wait_s
        while not try_lock(descriptor, shared=shared):
            if time.monotonic() >= deadline:
                raise NodeError(message("store.busy", path=path.name, seconds=f"{wait_s:g}"), path=str(path))
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(descriptor)


def try_lock(descriptor: int, *, shared: bool = False) -> bool:
    """Lock an open file if nobody stands in the way; whether it was locked."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def written_aside(folder: Path, *, is_folder: bool = False) -> Iterator[Path]:
    """A new file (or folder) in `folder`, owned by this process until the block ends, and removed then if still there.

    Move it to its place inside the block. `remove_leftovers` spares it while its process lives.
    """
    path = folder / secrets.token_hex(16)
    # The gate keeps `remove_leftovers` from finding the file in the instant before it is locked.
    with file_lock(_gate(folder), shared=True):
        if is_folder:
            path.mkdir()
        else:
            path.touch(exist_ok=False)
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try_lock(descriptor)
    try:
        yield path
    finally:
        _remove(path)
        os.close(descriptor)


def remove_leftovers(folder: Path) -> int:
    """Remove what killed processes left in `folder`, not what a living one is writing; how many were removed."""
    with file_lock(_gate(folder)):
        return sum(_remove_if_ownerless(path) for path in folder.iterdir() if path != _gate(folder))


def _remove_if_ownerless(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:  # its owner has just moved it to its place
        return False
    try:
        if ownerless := try_lock(descriptor):
            _remove(path)
        return ownerless
    finally:
        os.close(descriptor)


def _gate(folder: Path) -> Path:
    return folder / ".gate"


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_whole(path: Path, contents: bytes, *, mode: int = 0o644) -> None:
    """Write a small file so that it is there whole or not at all.

    The caller holds a lock that keeps other writers away.
    """
    aside = path.with_name(path.name + ".new")
    aside.unlink(missing_ok=True)  # of a writer that was killed
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(contents)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Make the names inside `folder` (files made, moved, removed) survive a power cut."""
    flush_file(folder)


def flush_file(path: Path) -> None:
    """Make the contents of `path` survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
