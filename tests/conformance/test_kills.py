"""Whatever happens to the processes on a node, it comes to the same numbers and bytes as one that was left in peace."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

from one_node import check_whole, contents_of, make_node, publish, run, start

from interurban.store.node import open_node
from processes import MANY_KILLS, SEED, end_of, kills, none_outlives

KILLS = kills(12)


def test_killed_at_any_moment_and_run_again_it_is_as_if_undisturbed(tmp_path: Path) -> None:
    feed, timed = tmp_path / "feed.zip", tmp_path / "timed.zip"
    publish(timed, 1)
    make_node(tmp_path / "timed", timed)
    run(tmp_path / "timed")
    publish(timed, 2)
    began = time.monotonic()
    run(tmp_path / "timed")
    whole_s = time.monotonic() - began

    killed = make_node(tmp_path / "killed", feed)
    moments, cut_short, editions, before = random.Random(SEED), Counter[str](), 1, "published"
    publish(feed, editions)
    for _ in range(KILLS):
        process = start(killed)
        process.join(whole_s * moments.random() ** 2)  # more of the early moments: what was done needs no doing
        process.kill()  # SIGKILL: it cannot be caught
        process.join()
        with open_node(killed) as node:
            stage = check_whole(node, editions)
        cut_short[stage] += process.exitcode != 0
        # Others use the machine, too: where nobody gets further, there is more time to.
        whole_s *= 1.05 if stage == before else 0.9
        before = stage
        if stage == "computed":
            editions += 1
            publish(feed, editions)
    # Otherwise this proved nothing, or the moments were all alike and it proved little.
    assert cut_short
    assert not MANY_KILLS or (cut_short["pending"] and cut_short["ready"] and editions > KILLS / 20), (cut_short, editions)

    run(killed)
    undisturbed = make_node(tmp_path / "undisturbed", feed)
    for edition in range(1, editions + 1):
        publish(feed, edition)
        run(undisturbed)
    assert contents_of(killed) == contents_of(undisturbed)


def test_processes_that_work_on_one_node_at_once_end_like_one(tmp_path: Path) -> None:
    feed = tmp_path / "feed.zip"
    publish(feed, 1)
    shared, alone = make_node(tmp_path / "shared", feed), make_node(tmp_path / "alone", feed)
    for edition in (1, 2):
        publish(feed, edition)
        processes = [start(shared) for _ in range(2)]
        with none_outlives(processes):
            run(alone)
            assert [end_of(process) for process in processes] == [0, 0]
    assert contents_of(shared) == contents_of(alone)
