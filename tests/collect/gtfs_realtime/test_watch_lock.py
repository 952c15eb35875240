from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path

import pytest

from interurban.collect.gtfs_realtime.watch_lock import is_watched, watch_lock
from interurban.errors import NodeError

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["test_watch_lock"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "locks").mkdir()
    return tmp_path


def hold(folder: Path, until) -> None:
    with watch_lock(folder):
        until.wait(60)


def refused(folder: Path) -> str:
    """What the first one is told who comes too late."""
    while True:
        try:
            with watch_lock(folder):
                pass
        except NodeError as error:
            return error.message
        time.sleep(0.01)  # who comes again at once lets nobody through


def test_who_is_refused_learns_the_process_that_holds_it_however_early_he_comes(folder: Path) -> None:
    for _ in range(4):  # each follows one that left its own number
        until = PROCESSES.Event()
        holder = PROCESSES.Process(target=hold, args=(folder, until))
        holder.start()
        try:
            assert f"process {holder.pid};" in refused(folder)
        finally:
            until.set()
            holder.join()
    assert not is_watched(folder)


def test_looking_needs_no_leave_to_write(folder: Path) -> None:
    assert not is_watched(folder)
    with watch_lock(folder):
        assert is_watched(folder)
        assert (folder / "locks" / "watch.lock").read_text() == str(os.getpid())
    (folder / "locks" / "watch.lock").chmod(0o444)
    (folder / "locks").chmod(0o555)
    assert not is_watched(folder)
    assert [path.name for path in sorted((folder / "locks").iterdir())] == ["watch.gate", "watch.lock"]


def test_a_fault_of_the_watch_is_not_taken_for_a_refusal(folder: Path) -> None:
    with pytest.raises(NodeError, match="of its own"), watch_lock(folder):
        raise NodeError("of its own")
