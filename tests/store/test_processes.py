"""Several processes on one node, and processes killed at any moment."""

from __future__ import annotations

import multiprocessing
import random
import time
from pathlib import Path

from collecting import collect_all, contents_of, files_of

from interurban.store.node import Node, open_node
from processes import SEED, end_of, kills, none_outlives

# A server that has loaded everything and forks: a process that is to be killed soon must not spend its life on imports.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["collecting", "interurban.store.lake", "alembic.command", "pandas"])
KILLS = kills(5)


def start(folder: Path, database_url: str, feeds: int):
    process = PROCESSES.Process(target=collect_all, args=(str(folder), database_url, feeds))
    process.start()
    return process


def run(folder: Path, database_url: str, feeds: int) -> float:
    """Run to the end; how many seconds it took."""
    began = time.monotonic()
    process = start(folder, database_url, feeds)
    assert end_of(process) == 0
    return time.monotonic() - began


def check_same_as_undisturbed(folder: Path, other: Path, feeds: int) -> None:
    run(other, "", feeds)
    with open_node(folder) as node, open_node(other) as undisturbed:
        check_whole(node)
        assert contents_of(node) == contents_of(undisturbed)
        assert len(files_of(node)) == len(files_of(undisturbed)) == feeds * 4


def check_whole(node: Node) -> None:
    """What must hold at any moment: nothing half-written is visible, and what is called ready is all there."""
    assert all(node.archive.is_sound(sha256) for sha256 in node.archive)
    for snapshot in node.catalogue.list_snapshots(1):
        assert snapshot.sha256 in node.archive
    for version in node.catalogue.list_feed_versions():
        is_ready = version.status == "ready"
        assert len(node.catalogue.list_lake_files(version.id)) == (3 if is_ready else 0)
        assert len(node.catalogue.list_notices(version.id)) == (2 if is_ready else 0)
        assert node.lake.damaged_tables(version.id) == []
    assert len(node.observations(history=True)) % 2 == 0  # both of a feed, or none


def test_processes_that_start_together_on_a_new_node(tmp_path: Path, database_url: str):
    processes = [start(tmp_path / "shared", database_url, feeds=6) for _ in range(4)]
    with none_outlives(processes):
        assert [end_of(process) for process in processes] == [0] * 4
    check_same_as_undisturbed(tmp_path / "shared", tmp_path / "alone", feeds=6)


def test_killed_at_any_moment_a_repeated_run_gives_the_same(tmp_path: Path, database_url: str):
    folder = tmp_path / "killed"
    run(tmp_path / "timed", "", feeds=2)
    two_feeds_s = run(tmp_path / "timed", "", feeds=4)
    cut_short = 0
    moments = random.Random(SEED)
    for kill in range(KILLS):
        process = start(folder, database_url, feeds=2 * (kill + 1))  # two feeds more each time: there is always work
        # SIGKILL: it cannot be caught
        cut_short += end_of(process, two_feeds_s * (moments.uniform(0, 1.5) if kill else 0.3)) != 0
        if (folder / "interurban.toml").exists():
            with open_node(folder) as node:
                check_whole(node)
    assert cut_short  # otherwise this proved nothing
    run(folder, database_url, feeds=2 * KILLS)
    check_same_as_undisturbed(folder, tmp_path / "undisturbed", feeds=2 * KILLS)
