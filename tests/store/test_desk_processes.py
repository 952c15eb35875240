"""Several reporters and reviewers at one desk at once, and such that are killed at any moment."""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import time
from pathlib import Path

from desk_work import check_desk, make_accounts, work

from interurban.store.node import init_node, open_node
from interurban.store.settings import Settings
from processes import SEED, end_of, kills, none_outlives

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["desk_work", "interurban.store.lake", "alembic.command", "pint", "pyarrow"])
WRITERS = 3
STEPS = int(os.environ.get("INTERURBAN_TEST_DESK", "40"))
"""Random steps of each writer; a few thousand take minutes."""


def start(folder: Path, number: int, seed: int, steps: int):
    process = PROCESSES.Process(target=work, args=(str(folder), number, seed, steps))
    process.start()
    return process


def desk(folder: Path, database_url: str) -> Path:
    with init_node(folder, Settings(database_url=database_url)) as node:
        make_accounts(node, WRITERS)
    return folder


def test_many_at_one_desk_lose_nothing(tmp_path: Path, database_url: str):
    folder = desk(tmp_path / "node", database_url)
    began = time.monotonic()
    processes = [start(folder, number, SEED + number, STEPS) for number in range(WRITERS)]
    with none_outlives(processes):
        assert [end_of(process, 3600) for process in processes] == [0] * WRITERS
    with open_node(folder) as node:
        counts = check_desk(node, list(tmp_path.glob("done-*.txt")))
        kind = "SQLite" if node.catalogue.database.is_sqlite else "PostgreSQL"
        sys.stdout.write(f"\n{kind}, {WRITERS} writers of {STEPS} steps, {time.monotonic() - began:.0f} s: {counts}\n")
    assert counts["published"] > 0 and counts["submissions"] > WRITERS


def test_killed_at_any_moment_the_desk_is_whole(tmp_path: Path, database_url: str):
    folder = desk(tmp_path / "node", database_url)
    moments = random.Random(SEED)
    cut_short = 0
    for kill in range(kills(3)):
        processes = [start(folder, number, SEED + 10 * kill + number, 10_000) for number in range(2)]
        with none_outlives(processes):
            cut_short += end_of(processes[0], moments.uniform(0.5, 2.5)) != 0
            cut_short += end_of(processes[1], 0.2) != 0
        with open_node(folder) as node:
            check_desk(node, list(tmp_path.glob("done-*.txt")))
    assert cut_short
