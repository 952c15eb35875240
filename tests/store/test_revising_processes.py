"""Many processes that revise, withdraw and prefer at once, and processes killed while they do."""

from __future__ import annotations

import multiprocessing
import os
import random
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from stating import add_cities, revise_at_random

from interurban.store.node import Node, open_node

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["stating", "alembic.command"])
STEPS = int(os.environ.get("INTERURBAN_TEST_REVISIONS", "200"))  # the long run has 10000
KILLS = max(3, STEPS // 200)
WRITERS = 4


@dataclass
class Writers:
    """A node with cities, and processes that write to it; each has a journal of what it committed."""

    node: Node
    folder: Path

    def start(self, seed: int, steps: int):
        process = PROCESSES.Process(target=revise_at_random, args=(str(self.node.folder), str(self.folder / f"{seed}"), seed, steps))
        process.start()
        return process

    def wait_for_work(self, journals: int) -> None:
        """Until so many writers have committed something."""
        end = time.monotonic() + 60
        while time.monotonic() < end and sum(path.stat().st_size > 0 for path in self.folder.iterdir()) < journals:
            time.sleep(0.01)

    def check_all_there(self) -> int:
        """Everything that any writer committed is in the history, in a catalogue without a fault; how many observations there are."""
        with open_node(self.node.folder) as node:
            assert node.catalogue.check_answers() == []
            kept = {r.observation.comment for r in node.observations(history=True)}
        assert {line for journal in self.folder.iterdir() for line in journal.read_text().split()} <= kept
        return len(kept)


@pytest.fixture
def writers(node: Node, tmp_path: Path) -> Writers:
    add_cities(node)
    (tmp_path / "journals").mkdir()
    return Writers(node, tmp_path / "journals")


def test_no_revision_of_concurrent_writers_is_lost(writers: Writers):
    processes = [writers.start(seed, STEPS // WRITERS) for seed in range(1, WRITERS + 1)]
    for process in processes:
        process.join(3600)
        assert process.exitcode == 0
    assert writers.check_all_there() > STEPS


def test_writers_killed_at_any_moment_leave_whole_changes(writers: Writers):
    moments = random.Random(20261129)
    killed = 0
    for kill in range(KILLS):
        processes = [writers.start(100 + 10 * kill + number, steps=10_000) for number in range(2)]
        writers.wait_for_work(2 * kill + 1)
        time.sleep(moments.uniform(0, 0.3))
        for process in processes:
            process.kill()  # SIGKILL: it cannot be caught
            process.join()
            killed += process.exitcode != 0
        writers.check_all_there()
    assert killed == 2 * KILLS
    assert writers.check_all_there() >= 2 * KILLS - 1  # otherwise this proved nothing
