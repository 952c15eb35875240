from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from interurban.errors import NodeError
from interurban.store.locks import file_lock, remove_leftovers, write_whole, written_aside

HOLD = """
import sys
from pathlib import Path
from interurban.store.locks import file_lock, written_aside
what, path = sys.argv[1], Path(sys.argv[2])
context = file_lock(path) if what == "lock" else written_aside(path, is_folder=what == "folder")
with context as aside:
    if what == "folder":
        (aside / "half").write_text("half")
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holding() -> Iterator[object]:
    """Starts a process that holds something until it is killed."""
    processes = []

    def start(what: str, path: Path) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HOLD, what, str(path)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_a_lock_is_held_against_another_process_and_freed_by_its_death(holding, tmp_path: Path):
    lock = tmp_path / "x.lock"
    process = holding("lock", lock)
    with pytest.raises(NodeError) as caught, file_lock(lock, wait_s=0.05):
        pass
    assert caught.value.fields == {"path": str(lock)}
    process.kill()
    process.wait()
    with file_lock(lock, wait_s=5):
        pass


def test_a_waiter_gets_the_lock_when_it_is_free(tmp_path: Path):
    order = []
    waiter = threading.Thread(target=lambda: wait_and_note(tmp_path / "x.lock", order))
    with file_lock(tmp_path / "x.lock"):
        waiter.start()
        waiter.join(0.2)
        assert waiter.is_alive()
        order.append("first")
    waiter.join()
    assert order == ["first", "second"]


def wait_and_note(lock: Path, order: list[str]) -> None:
    with file_lock(lock):
        order.append("second")


def test_a_shared_lock_lets_sharers_in_and_nobody_else(tmp_path: Path):
    lock = tmp_path / "x.lock"
    with file_lock(lock, shared=True), file_lock(lock, shared=True, wait_s=0), pytest.raises(NodeError):  # noqa: SIM117
        with file_lock(lock, wait_s=0):
            pass


@pytest.mark.parametrize("what", ["file", "folder"])
def test_leftovers_of_the_dead_go_and_work_of_the_living_stays(holding, tmp_path: Path, what: str):
    process = holding(what, tmp_path)
    assert remove_leftovers(tmp_path) == 0
    process.kill()
    process.wait()
    assert remove_leftovers(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == [".gate"]


def test_what_is_moved_out_stays_and_what_is_not_goes(tmp_path: Path):
    aside = tmp_path / "tmp"
    aside.mkdir()
    with written_aside(aside) as path:
        path.write_text("kept")
        path.replace(tmp_path / "kept")
    with written_aside(aside, is_folder=True) as folder:
        (folder / "x").write_text("x")
    with pytest.raises(RuntimeError), written_aside(aside) as path:
        raise RuntimeError
    assert (tmp_path / "kept").read_text() == "kept"
    assert [path.name for path in aside.iterdir()] == [".gate"]


def test_write_whole_passes_over_a_leftover(tmp_path: Path):
    (tmp_path / "x.new").write_text("half")
    write_whole(tmp_path / "x", b"whole", mode=0o600)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"x": b"whole"}
